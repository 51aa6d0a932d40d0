import { unreachable } from "../../../stock/refusal.ts";
import type { Publication } from "../../kit/adapter.ts";

/** eBay lets a listing be revised so often in a calendar day, then blocks it until the next (Inventory API overview). */
export const revisionsMax = 250;
/** Of these, kept for changes from or to nothing: they decide between a sale and an oversell. */
const keptForCrossings = 50;
/** Of those, kept for changes to nothing alone. */
const keptForSoldOut = 10;
/** So many go at once; what is left of the day's others is spread over its rest. */
const unpacedMax = 100;

/** What a revision does to the offer, as far as its urgency depends on it. */
export type Change = "sold-out" | "back-in-stock" | "other";

/** How much of a listing's allowance is used. */
export interface Usage {
  readonly used: number;
  /** The last revision, if it was in this life of the object. */
  readonly lastAtMs?: number | undefined;
}

/** Whether a revision may go now, else after how long and why. */
export type Verdict =
  | { readonly mayGo: true }
  | { readonly mayGo: false; readonly afterMs: number; readonly detail: string };

export function changeOf({ quantity, expected }: Pick<Publication, "quantity" | "expected">): Change {
  if (quantity === 0) return expected === 0 ? "other" : "sold-out";
  return expected === 0 ? "back-in-stock" : "other";
}

export function judgeRevision(
  change: Change,
  { used, lastAtMs }: Usage,
  nowMs: number,
  dayEndsAtMs: number,
): Verdict {
  const leftMs = Math.max(1, dayEndsAtMs - nowMs);
  const max = maxOf(change);
  if (used >= max) {
    return {
      mayGo: false,
      afterMs: leftMs,
      detail: `${used} of the listing's ${revisionsMax} revisions of today are used`,
    };
  }
  if (change !== "other" || used < unpacedMax || lastAtMs === undefined) return { mayGo: true };
  const nextAtMs = lastAtMs + leftMs / (max - used);
  if (nextAtMs <= nowMs) return { mayGo: true };
  const detail = `the ${max - used} revisions left to the listing are spread over the rest of the day`;
  return { mayGo: false, afterMs: Math.ceil(nextAtMs - nowMs), detail };
}

function maxOf(change: Change): number {
  switch (change) {
    case "sold-out":
      return revisionsMax;
    case "back-in-stock":
      return revisionsMax - keptForSoldOut;
    case "other":
      return revisionsMax - keptForCrossings;
    default:
      return unreachable(change);
  }
}
