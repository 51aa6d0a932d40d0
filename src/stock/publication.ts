import type { PublicationRule } from "../protocol/rule.ts";
import type { Allocation } from "../protocol/stock.ts";

/** What of a SKU's view decides how much of it a channel may show. */
export interface PublishableStock {
  readonly available: number;
  readonly locations: readonly { readonly location: string; readonly available: number }[];
  readonly allocations?: readonly Allocation[] | undefined;
  readonly retired?: true | undefined;
}

/**
 * The quantity a channel may show under its rule: never negative, and never units that belong to another channel
 * alone. Without a channel, only what belongs to nobody.
 */
export function publishedQuantity(
  stock: PublishableStock,
  rule: PublicationRule = {},
  channel?: string,
): number {
  if (stock.retired === true) return 0;
  const { buffer = 0, percent = 100, cap, floor = 0 } = partsFor(stock, rule);
  const open = Math.min(stock.available - allocatedToOthers(stock, channel), atLocations(stock, rule));
  const share = Math.floor((Math.max(0, open - buffer) * percent) / 100);
  const capped = Math.min(share, cap ?? share);
  return capped < floor ? 0 : capped;
}

/** The parts of a rule that hold at the SKU's present stock. */
function partsFor(
  stock: PublishableStock,
  rule: PublicationRule,
): Omit<PublicationRule, "locations" | "low"> {
  return rule.low !== undefined && stock.available <= rule.low.atOrBelow ? rule.low : rule;
}

/** Units of what is available that belong to other channels alone. */
export function allocatedToOthers(
  { allocations = [] }: PublishableStock,
  channel: string | undefined,
): number {
  return allocations.reduce((total, own) => (own.channel === channel ? total : total + own.quantity), 0);
}

function atLocations(stock: PublishableStock, { locations }: PublicationRule): number {
  if (locations === undefined) return stock.available;
  return stock.locations
    .filter((level) => locations.includes(level.location))
    .reduce((total, level) => total + level.available, 0);
}
