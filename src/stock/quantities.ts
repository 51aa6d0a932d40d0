import type { Taken } from "../protocol/stock.ts";
import { emptyLevel, type Level, type OrderLine, type SkuState } from "./state.ts";

/** Units at a location that nobody holds: may be negative after an oversell. */
export function availableAt(level: Level): number {
  return level.onHand - level.committed - level.reserved - level.unavailable;
}

export function levelAt(state: SkuState, location: string): Level {
  return state.levels.get(location) ?? emptyLevel;
}

/** Sums over all locations. */
export function totals(state: SkuState): Level {
  let total = emptyLevel;
  for (const level of state.levels.values()) {
    total = {
      onHand: total.onHand + level.onHand,
      committed: total.committed + level.committed,
      reserved: total.reserved + level.reserved,
      unavailable: total.unavailable + level.unavailable,
      incoming: total.incoming + level.incoming,
    };
  }
  return total;
}

/**
 * Units that may be promised to somebody: on hand - committed - reserved - unavailable - safety stock. Of a kit: what
 * its components allow, less safety stock.
 */
export function available(state: SkuState): number {
  return (state.kit?.available ?? availableAt(totals(state))) - state.safetyStock;
}

/**
 * Units a request on a channel may take: what is available, less what belongs to other channels alone, and as much
 * more as the SKU may be backordered.
 */
export function sellable(state: SkuState, channel?: string): number {
  return Math.max(0, available(state) - allocatedToOthers(state, channel) + state.backorderLimit);
}

function allocatedToOthers(state: SkuState, channel: string | undefined): number {
  return state.allocations.reduce((total, units, owner) => (owner === channel ? total : total + units), 0);
}

/** How many of `quantity` units come out of a channel's own allocation. */
export function fromAllocation(state: SkuState, channel: string | undefined, quantity: number): number {
  return channel === undefined ? 0 : Math.min(quantity, state.allocations.get(channel, 0));
}

/** Units sold beyond what the SKU may be sold to, backorders included. */
export function oversold(state: SkuState): number {
  return Math.max(0, -(available(state) + state.backorderLimit));
}

export function sum(taken: readonly Taken[]): number {
  return taken.reduce((total, part) => total + part.quantity, 0);
}

/** The first `quantity` units of `taken`, in order, and the rest. */
export function split(taken: readonly Taken[], quantity: number): { first: Taken[]; rest: Taken[] } {
  const first: Taken[] = [];
  const rest: Taken[] = [];
  let wanted = quantity;
  for (const part of taken) {
    const used = Math.min(part.quantity, wanted);
    wanted -= used;
    if (used > 0) first.push({ location: part.location, quantity: used });
    if (part.quantity > used) rest.push({ location: part.location, quantity: part.quantity - used });
  }
  return { first, rest };
}

/** What may be cancelled of an order line: what is open, less what came back already and so must have left. */
export function cancellable({ open, returned, fulfilled }: OrderLine): readonly Taken[] {
  const gone = Math.max(0, returned - fulfilled);
  return gone === 0 ? open : split(open, Math.max(0, sum(open) - gone)).first;
}
