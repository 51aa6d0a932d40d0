import { formatDuration } from "../lab/sync-gap-text.ts";
import type { SyncSpread } from "../protocol/sync-gap.ts";

/** What the channels of the service behind this page did lately: from a change of stock to the channel's answer. */
export interface MeasuredHere {
  readonly channels: number;
  readonly latency: SyncSpread;
}

/** The row of the lab's table: what is not measured here is said so. */
export function rowHere(measured: MeasuredHere | undefined): string[] {
  const none = "not measured";
  if (measured === undefined || measured.latency.count === 0)
    return ["Stockwire", none, "", "", none, none, none, "see below"];
  const { maxMs, p50Ms, p99Ms } = measured.latency;
  const times = [maxMs, p50Ms, p99Ms].map(formatDuration);
  return ["Stockwire, this service", ...times, none, none, none, "measured"];
}
