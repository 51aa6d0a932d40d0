import type { StockEvent } from "../../protocol/event.ts";
import { limits } from "../../protocol/limits.ts";
import type { Position } from "../../protocol/position.ts";
import type { Provenance } from "../mutation.ts";
import type { Refusal } from "../refusal.ts";
import { exists, type SkuState } from "../state.ts";

/**
 * What a mutation comes to. `events` may be empty: nothing had to change. `recorded` is a mutation that already
 * happened under another key; its answer is that of the ledger entry it names.
 */
export type Decision =
  | { readonly outcome: "events"; readonly events: readonly StockEvent[] }
  | { readonly outcome: "recorded"; readonly position: Position }
  | { readonly outcome: "refused"; readonly refusal: Refusal };

export function events(...decided: readonly StockEvent[]): Decision {
  return { outcome: "events", events: decided };
}

export function recorded({ epoch, version }: Position): Decision {
  return { outcome: "recorded", position: { epoch, version } };
}

export function refuse(refusal: Refusal): Decision {
  return { outcome: "refused", refusal };
}

/** The fields every event has in common, without the absent ones. */
export function provenance(from: Provenance, nowMs: number): { atMs: number } & Provenance {
  return {
    atMs: nowMs,
    ...(from.actor !== undefined && { actor: from.actor }),
    ...(from.reference !== undefined && { reference: from.reference }),
    ...(from.note !== undefined && { note: from.note }),
    ...(from.occurredAt !== undefined && { occurredAt: from.occurredAt }),
  };
}

/** Refuses what needs a known SKU with stock of its own. */
export function refuseWithoutStock(state: SkuState): Decision | undefined {
  return exists(state) ? refuseKit(state) : refuse({ code: "sku-not-found" });
}

/** Refuses to touch the stock of a kit: it has none, its components do. */
export function refuseKit(state: SkuState): Decision | undefined {
  return state.kit && refuse({ code: "sku-is-kit", components: state.kit.components });
}

/** Refuses a location the SKU does not have yet when it has as many as it may. */
export function refuseTooManyLocations(state: SkuState, location: string): Decision | undefined {
  if (state.levels.has(location) || state.levels.size < limits.locationsPerSkuMax) return undefined;
  return refuse({ code: "too-many-locations", limit: limits.locationsPerSkuMax });
}
