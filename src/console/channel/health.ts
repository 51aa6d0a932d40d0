import type { ChannelStatusView } from "../../protocol/channel.ts";
import type { Standing } from "../listing.ts";

/** How a channel is doing, in a word or two: the gravest thing first. */
export function healthOf(status: ChannelStatusView): Standing {
  if (status.state === "paused") return { tone: "warning", words: "Paused" };
  if (status.breaker === "open") return { tone: "danger", words: "Not answering" };
  if (status.breaker === "half_open") return { tone: "warning", words: "Being probed" };
  if (status.heldUntil !== undefined) return { tone: "warning", words: "Asked to wait" };
  if (status.failed > 0) return { tone: "danger", words: "Refuses some" };
  if (status.inbound.parked > 0) return { tone: "warning", words: "Facts parked" };
  if (status.drift.open > 0) return { tone: "warning", words: "Drifting" };
  return { tone: "good", words: "Well" };
}

export const breakerWords: Record<ChannelStatusView["breaker"], string> = {
  closed: "Closed",
  open: "Open",
  half_open: "Half open",
};
