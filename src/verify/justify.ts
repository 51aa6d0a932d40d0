import type { StockEvent } from "../protocol/event.ts";
import type { Position } from "../protocol/position.ts";
import { decide } from "../stock/decide/decide.ts";
import type { Decision } from "../stock/decide/decision.ts";
import { evolve } from "../stock/evolve.ts";
import type { Mutation } from "../stock/mutation.ts";
import { refuseOutOfRange } from "../stock/range.ts";
import type { SkuState } from "../stock/state.ts";
import type { Step } from "./ledger.ts";
import { isSame } from "./same.ts";

/** The most entries that a mutation makes: a report tells of all that can happen to an order. */
export function entriesMaxOf({ type }: Mutation): number {
  return type === "report" ? 5 : 1;
}

/** How many of the last steps must be at hand to judge an answer. */
export const stepsNeeded = 16;

/** How an entry came about. */
export type Justified =
  /** By the mutation, in the state that was there before `position`'s first entry. */
  | { readonly outcome: "applied"; readonly entries: number }
  /** The mutation had nothing to change, or had happened already. */
  | { readonly outcome: "unchanged" }
  | { readonly outcome: "wrong"; readonly detail: string };

/** Whether a mutation that was answered with the version of the last step is what made it. */
export function justifyDone(
  mutation: Mutation,
  ifMatch: readonly Position[] | undefined,
  steps: readonly Step[],
): Justified {
  const last = steps.at(-1);
  if (last === undefined) return { outcome: "wrong", detail: "there is nothing in the ledger" };
  // The most first: half of what a report tells is a report too.
  for (let entries = Math.min(entriesMaxOf(mutation), steps.length); entries > 0; entries -= 1) {
    const made = steps.slice(-entries);
    const before = made[0]?.before;
    if (before === undefined || !isMadeBy(mutation, before, made)) continue;
    if (ifMatch === undefined || isMet(ifMatch, steps.slice(0, -entries), before)) {
      return { outcome: "applied", entries };
    }
    return { outcome: "wrong", detail: "its condition (If-Match) was not met" };
  }
  const again = decideAt(last.after, mutation, last.event.atMs);
  if (again.outcome === "recorded" || (again.outcome === "events" && again.events.length === 0))
    return { outcome: "unchanged" };
  const decision = decideAt(last.before, told(mutation, last.event), last.event.atMs);
  const due = decision.outcome === "refused" ? `to be refused (${decision.refusal.code})` : "another entry";
  return { outcome: "wrong", detail: `the ledger says ${last.event.type} there, and it had ${due}` };
}

/** Why a refusal is not what the state called for; undefined if it is. */
export function unjustRefusal(
  mutation: Mutation,
  ifMatch: readonly Position[] | undefined,
  code: string,
  at: Step,
): string | undefined {
  // Whether a key was used for something else is not for the state to say.
  if (code === "idempotency-key-reused") return undefined;
  if (code === "version-mismatch") {
    const isMatch = ifMatch?.some((wanted) => isAt(at.after, wanted)) ?? true;
    return isMatch ? "its condition (If-Match) was met" : undefined;
  }
  const decision = decideAt(at.after, mutation, at.event.atMs);
  if (decision.outcome !== "refused") return `it had to be done, not refused with ${code}`;
  return decision.refusal.code === code
    ? undefined
    : `it had to be refused with ${decision.refusal.code}, not ${code}`;
}

function isMadeBy(mutation: Mutation, before: SkuState, made: readonly Step[]): boolean {
  const last = made.at(-1);
  if (last === undefined) return false;
  const decision = decideAt(before, told(mutation, last.event), last.event.atMs);
  if (decision.outcome !== "events" || decision.events.length !== made.length) return false;
  return decision.events.every((event, index) => isSame(event, made[index]?.event));
}

/** Reservations that are due end before the mutation is looked at, but after its condition is. */
function isMet(ifMatch: readonly Position[], earlier: readonly Step[], before: SkuState): boolean {
  let state = before;
  for (let index = earlier.length - 1; ; index -= 1) {
    if (ifMatch.some((wanted) => isAt(state, wanted))) return true;
    const step = earlier[index];
    if (step?.event.type !== "expired") return false;
    state = step.before;
  }
}

function isAt(state: SkuState, { epoch, version }: Position): boolean {
  return state.epoch === epoch && state.version === version;
}

/** The mutation with what the service put in: who asked, and the chance in a reservation's id. */
function told(mutation: Mutation, event: StockEvent): Mutation {
  const known = event.actor === undefined ? mutation : { ...mutation, actor: event.actor };
  if (known.type !== "reserve" || event.type !== "reserved") return known;
  return { ...known, nonce: event.reservationId.split(".").at(-1) ?? "" };
}

/** What the domain decides; what was due has expired already, as the ledger says. */
function decideAt(state: SkuState, mutation: Mutation, nowMs: number): Decision {
  const decision = decide(state, mutation, nowMs);
  if (decision.outcome !== "events") return decision;
  const refusal = refuseOutOfRange(state, decision.events.reduce(evolve, state));
  return refusal === undefined ? decision : { outcome: "refused", refusal };
}
