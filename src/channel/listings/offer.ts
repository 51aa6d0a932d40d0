import type { PublicationRule } from "../../protocol/rule.ts";
import type { StockStatus, StockView } from "../../protocol/stock.ts";
import { type PublishableStock, publishedQuantity } from "../../stock/publication.ts";

/** What is kept of a SKU's newest view: enough to apply any publication rule to it later. */
export interface Offer extends PublishableStock {
  readonly status: StockStatus;
  readonly asOf: string;
}

export function offerOf(stock: StockView): Offer {
  const { available, status, asOf, allocations, retired } = stock;
  return {
    available,
    status,
    asOf,
    locations: stock.locations.map(({ location, available: units }) => ({ location, available: units })),
    ...(allocations !== undefined && { allocations }),
    ...(retired && { retired }),
  };
}

/** Units a channel may show of an offer. */
export function quantityOf(offer: Offer, rule: PublicationRule | undefined, channel: string): number {
  return publishedQuantity(offer, rule, channel);
}
