import { limits } from "../protocol/limits.ts";
import type { Mutation } from "../stock/mutation.ts";
import { available, availableAt, levelAt } from "../stock/quantities.ts";
import type { SkuState } from "../stock/state.ts";

/** All shards together ask for about this part of what is available: the rest is there for whoever asks the SKU itself. */
const partOfAvailable = 4;

/** With fewer units to grant, the SKU sells alone: a shard would ask more often than it sells. */
export const quotaMin = 8;

/** What a shard is granted now, all of it at one location; undefined if there is too little left. */
export function quotaOf(
  state: SkuState,
): { readonly location: string; readonly quantity: number } | undefined {
  if (state.shards === 0) return undefined;
  let fullest = { location: "", units: 0 };
  for (const [location, level] of state.levels) {
    const units = availableAt(level);
    if (units > fullest.units) fullest = { location, units };
  }
  const share = Math.floor(Math.min(available(state), fullest.units) / (partOfAvailable * state.shards));
  const quantity = Math.min(share, limits.quantityMax);
  return quantity < quotaMin ? undefined : { location: fullest.location, quantity };
}

/** Whether mutations may take more than the SKU has itself, so that shards should give back what they do not hold. */
export function isShort(state: SkuState, mutations: readonly Mutation[]): boolean {
  let wanted = 0;
  for (const mutation of mutations) {
    const { units, location } = unitsTaken(state, mutation);
    wanted += units;
    if (location !== undefined && units > availableAt(levelAt(state, location))) return true;
  }
  return wanted > 0 && wanted > available(state);
}

function unitsTaken(state: SkuState, mutation: Mutation): { units: number; location?: string | undefined } {
  switch (mutation.type) {
    case "reserve":
      return { units: mutation.quantity, location: mutation.location };
    case "adjust":
      return { units: Math.max(0, -mutation.delta), location: mutation.location };
    case "set-unavailable":
      return { units: Math.max(0, mutation.delta), location: mutation.location };
    case "transfer":
      return { units: mutation.quantity, location: mutation.from };
    case "count":
      return { units: Math.max(0, levelAt(state, mutation.location).onHand - mutation.onHand) };
    case "order":
      return { units: mutation.lines.reduce((units, line) => units + line.quantity, 0) };
    case "report":
      return { units: mutation.lines.reduce((units, line) => units + line.ordered, 0) };
    default:
      return { units: 0 };
  }
}
