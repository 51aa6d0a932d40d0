import type { ListingView, SkuChannelView } from "../protocol/channel.ts";

/** How a channel stands with a SKU, in a word or two. */
export interface Standing {
  readonly tone: "good" | "warning" | "danger" | "quiet" | "accent";
  readonly words: string;
}

export function standingOf({ state, listing }: Pick<SkuChannelView, "state" | "listing">): Standing {
  if (listing === undefined) return { tone: "quiet", words: "Not listed" };
  if (listing.state === "failed") return { tone: "danger", words: "Refused" };
  if (listing.state === "due") {
    return state === "paused"
      ? { tone: "warning", words: "Paused" }
      : { tone: "warning", words: "On its way" };
  }
  if (listing.state === "unstocked") return { tone: "quiet", words: "No stock yet" };
  return listing.withheld === undefined
    ? { tone: "good", words: "Up to date" }
    : { tone: "warning", words: `${listing.withheld.units} withheld` };
}

/**
 * How long the channel took to confirm the newest change, or how long it has been behind, in ms. Undefined if there is
 * nothing to be late with.
 */
export function lagOf({ wanted, published, state }: ListingView, nowMs: number): number | undefined {
  if (wanted === undefined) return undefined;
  const changedAtMs = Date.parse(wanted.asOf);
  if (state === "due" || state === "failed") return Math.max(0, nowMs - changedAtMs);
  if (published?.epoch !== wanted.epoch || published.version !== wanted.version) return undefined;
  return Math.max(0, Date.parse(published.at) - changedAtMs);
}
