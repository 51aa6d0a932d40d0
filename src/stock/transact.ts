import type { StockEvent } from "../protocol/event.ts";
import { decide } from "./decide/decide.ts";
import { type Decision, refuse } from "./decide/decision.ts";
import { expireDue } from "./decide/reservations.ts";
import { evolve } from "./evolve.ts";
import type { Mutation } from "./mutation.ts";
import { refuseOutOfRange } from "./range.ts";
import type { SkuState } from "./state.ts";

export interface Transaction {
  readonly state: SkuState;
  /** Reservations that were due and ended before the mutation was looked at. */
  readonly expired: readonly StockEvent[];
  readonly decision: Decision;
}

/** Ends the reservations that are due, then decides and applies a mutation. Pure. */
export function transact(state: SkuState, mutation: Mutation, nowMs: number): Transaction {
  const expired = expireDue(state, nowMs);
  const settled = settle(state, expired, nowMs);
  const decision = decide(settled, mutation, nowMs);
  if (decision.outcome !== "events") return { state: settled, expired, decision };
  const changed = decision.events.reduce(evolve, settled);
  const refusal = refuseOutOfRange(settled, changed);
  if (refusal !== undefined) return { state: settled, expired, decision: refuse(refusal) };
  return { state: changed, expired, decision };
}

/** Applies expiries and finds out when the next one is. */
function settle(state: SkuState, expired: readonly StockEvent[], nowMs: number): SkuState {
  if (nowMs < state.nextExpiryAtMs) return state;
  const settled = expired.reduce(evolve, state);
  let nextExpiryAtMs = Number.POSITIVE_INFINITY;
  for (const reservation of settled.reservations.values()) {
    nextExpiryAtMs = Math.min(nextExpiryAtMs, reservation.expiresAtMs);
  }
  return { ...settled, nextExpiryAtMs };
}
