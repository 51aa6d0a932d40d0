import { available, availableAt, levelAt, oversold } from "../quantities.ts";
import { evolve } from "../evolve.ts";
import type { MutationOf } from "../mutation.ts";
import type { SkuState } from "../state.ts";
import {
  type Decision,
  events,
  provenance,
  refuse,
  refuseKit,
  refuseTooManyLocations,
  refuseWithoutStock,
} from "./decision.ts";

/**
 * Changes on hand by a delta. Taking units away is a request: it never takes what somebody was promised.
 * What is gone in fact is told with a count.
 */
export function decideAdjust(state: SkuState, mutation: MutationOf<"adjust">, nowMs: number): Decision {
  const { location, delta, reason } = mutation;
  return (
    refuseWithoutStock(state) ??
    refuseBeyondFree(state, location, -delta) ??
    refuseTooManyLocations(state, location) ??
    events({ type: "adjusted", ...provenance(mutation, nowMs), location, delta, reason })
  );
}

/** Records a stocktake. A fact: it stands even if it shows that more was sold than is there. Creates the SKU. */
export function decideCount(state: SkuState, mutation: MutationOf<"count">, nowMs: number): Decision {
  const { location, onHand } = mutation;
  const previousOnHand = levelAt(state, location).onHand;
  const counted = {
    type: "counted" as const,
    ...provenance(mutation, nowMs),
    location,
    onHand,
    previousOnHand,
    reason: "count" as const,
  };
  const after = evolve(state, counted);
  const newlyOversold = Math.max(0, oversold(after) - oversold(state));
  return (
    refuseKit(state) ??
    refuseTooManyLocations(state, location) ??
    events(newlyOversold > 0 ? { ...counted, oversold: newlyOversold } : counted)
  );
}

/** Moves units from one location to another: only ones that nobody was promised. */
export function decideTransfer(state: SkuState, mutation: MutationOf<"transfer">, nowMs: number): Decision {
  const { from, to, quantity } = mutation;
  const free = Math.max(0, availableAt(levelAt(state, from)));
  return (
    refuseWithoutStock(state) ??
    (quantity > free
      ? refuse({ code: "insufficient-stock", requested: quantity, available: free, location: from })
      : undefined) ??
    refuseTooManyLocations(state, to) ??
    events({ type: "transferred", ...provenance(mutation, nowMs), from, to, quantity })
  );
}

/** Moves units out of what can be sold (damaged, in quality control), or back into it. */
export function decideSetUnavailable(
  state: SkuState,
  mutation: MutationOf<"set-unavailable">,
  nowMs: number,
): Decision {
  const { location, delta, reason } = mutation;
  const { unavailable } = levelAt(state, location);
  return (
    refuseWithoutStock(state) ??
    refuseBeyondFree(state, location, delta) ??
    (unavailable + delta < 0
      ? refuse({ code: "insufficient-unavailable", requested: -delta, unavailable })
      : undefined) ??
    events({ type: "marked_unavailable", ...provenance(mutation, nowMs), location, delta, reason })
  );
}

/** Records that units were ordered from a supplier, or that such an order was taken back. */
export function decideExpect(state: SkuState, mutation: MutationOf<"expect">, nowMs: number): Decision {
  const { location, delta } = mutation;
  const { incoming } = levelAt(state, location);
  return (
    refuseWithoutStock(state) ??
    (incoming + delta < 0
      ? refuse({ code: "insufficient-incoming", requested: -delta, incoming })
      : undefined) ??
    refuseTooManyLocations(state, location) ??
    events({ type: "incoming_changed", ...provenance(mutation, nowMs), location, delta })
  );
}

/** Records that units arrived. As many of them as were expected at the location are expected no longer. */
export function decideReceive(state: SkuState, mutation: MutationOf<"receive">, nowMs: number): Decision {
  const { location, quantity } = mutation;
  const fromIncoming = Math.min(quantity, levelAt(state, location).incoming);
  return (
    refuseWithoutStock(state) ??
    refuseTooManyLocations(state, location) ??
    events({ type: "received", ...provenance(mutation, nowMs), location, quantity, fromIncoming })
  );
}

/** Refuses to take more units at a location than are free there and in all. */
function refuseBeyondFree(state: SkuState, location: string, units: number): Decision | undefined {
  const free = Math.max(0, Math.min(available(state), availableAt(levelAt(state, location))));
  if (units <= free) return undefined;
  return refuse({ code: "insufficient-stock", requested: units, available: free, location });
}
