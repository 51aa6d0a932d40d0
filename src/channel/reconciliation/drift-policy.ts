import type { DriftPolicy } from "../../protocol/channel.ts";
import type { Position } from "../../protocol/position.ts";
import type { PublicationRule } from "../../protocol/rule.ts";
import { unreachable } from "../../stock/refusal.ts";
import type { Verdict } from "./drift.ts";
import type { Listing } from "../listings/listing.ts";

/** Corrections one run may make. More drift than that has a cause that corrections do not remove. */
export const correctionsMax = 100;

/** Runs in a row that may correct one listing. What comes back after that is somebody else's doing. */
export const correctionsInARowMax = 3;

/** A changed number may be a sale or a cancellation whose order is on its way; it counts once it is this old. */
export const orderWaitMs = 10 * 60_000;

/** What is to be done about a number that differs. `reason` says why, or why not, in words for a person. */
export type Remedy =
  | { readonly type: "none"; readonly reason: string }
  | { readonly type: "publish"; readonly reason: string }
  | ({ readonly type: "correct"; readonly reason: string } & Adjustment);

/** A change of a SKU's stock that makes what is available the channel's number, as of a position. */
export interface Adjustment {
  readonly location: string;
  readonly delta: number;
  readonly position: Position;
}

export interface Circumstances {
  readonly policy: DriftPolicy;
  /** The rule of all listings without one of their own. */
  readonly channelRule: PublicationRule | undefined;
  readonly isPaused: boolean;
  readonly nowMs: number;
  /** Since when the channel has been seen with this very number. */
  readonly sinceMs: number;
  /** Runs in a row that corrected this listing. */
  readonly correctedInARow: number;
  /** Corrections this run has made. */
  readonly corrections: number;
  /** Up to when the channel's orders were asked for; undefined if they come by themselves. */
  readonly ordersAskedAtMs?: number | undefined;
}

/** What to do about a verdict on a listing. */
export function remedyFor(verdict: Verdict, listing: Listing, now: Circumstances): Remedy {
  const { why } = verdict;
  if (verdict.class !== "edited_there" && verdict.class !== "lost_push") return { type: "none", reason: why };
  const obstacle = obstacleTo(verdict, listing, now);
  if (obstacle !== undefined) return { type: "none", reason: `${why}; ${obstacle}` };
  switch (now.policy) {
    case "alert":
      return { type: "none", reason: `${why}; only reported: the channel's drift setting is "alert"` };
    case "stockwire":
      return { type: "publish", reason: `${why}; the channel is told our number again` };
    case "channel":
      return verdict.class === "lost_push"
        ? { type: "publish", reason: `${why}; nobody meant that number, so the channel is told ours again` }
        : correction(verdict, listing, now.channelRule);
    default:
      return unreachable(now.policy);
  }
}

function obstacleTo(verdict: Verdict, { withheld }: Listing, now: Circumstances): string | undefined {
  if (now.policy === "alert") return undefined;
  if (now.isPaused) return "not corrected: the channel is paused; resume it and run again";
  const changedAtMs = verdict.changedAtMs ?? now.sinceMs;
  const settledAtMs = changedAtMs + orderWaitMs;
  if (mayBeOrder(verdict, now.policy)) {
    if (settledAtMs > now.nowMs) {
      return `not corrected yet: it may be an order that has not arrived; counts from ${new Date(settledAtMs).toISOString()} on`;
    }
    if (Math.min(changedAtMs, withheld?.sinceMs ?? changedAtMs) > (now.ordersAskedAtMs ?? now.nowMs)) {
      return "not corrected yet: it may be an order, and the channel could not be asked for its orders since";
    }
  }
  if (withheld !== undefined && withheld.sinceMs + orderWaitMs > now.nowMs)
    return `not corrected yet: ${withheld.units} units are withheld for sales whose orders have not arrived`;
  if (now.correctedInARow >= correctionsInARowMax) {
    return `not corrected: ${correctionsInARowMax} runs in a row did so in vain; find out who changes it there`;
  }
  if (now.corrections >= correctionsMax) {
    return `not corrected: bound reached, ${correctionsMax} corrections a run; the next run goes on`;
  }
  return undefined;
}

/** To sell again what the channel has just sold would be an oversell; a count that goes up there is none. */
function mayBeOrder({ ours = 0, theirs = 0 }: Verdict, policy: DriftPolicy): boolean {
  return theirs < ours || policy === "channel";
}

function correction(verdict: Verdict, listing: Listing, channelRule: PublicationRule | undefined): Remedy {
  const { why, theirs } = verdict;
  const { wanted } = listing;
  const no = (reason: string): Remedy => ({ type: "none", reason: `${why}; not taken over: ${reason}` });
  if (wanted === undefined || theirs === undefined) return no("a number is missing");
  if ((listing.rule ?? channelRule) !== undefined)
    return no("a publication rule stands between the two numbers; count the SKU by hand");
  const { offer, epoch, version } = wanted;
  if (offer.retired === true) return no("the SKU is retired; take its listing away");
  const [only, ...others] = offer.locations;
  if (only === undefined) return no("the SKU has no location of its own; count what it is made of");
  if (others.length > 0) return no("the SKU has several locations; count the right one by hand");
  if ((offer.allocations ?? []).length > 0)
    return no("units of the SKU belong to one channel alone; count it by hand");
  if (listing.withheld !== undefined)
    return no("sales are withheld whose orders have not arrived; the next run looks again");
  if (offer.available < 0) return no(`the SKU is oversold by ${-offer.available}; resolve that first`);
  if (theirs < 0) return no(`the channel has sold ${-theirs} more than it had; resolve that there`);
  const delta = theirs - offer.available;
  const reason = `${why}; the stock was corrected by ${delta} to the channel's number`;
  return { type: "correct", reason, location: only.location, delta, position: { epoch, version } };
}
