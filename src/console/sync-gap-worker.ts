import { type GeneratedDay, generateStream } from "../lab/order-stream.ts";
import { reportOf, simulateDay } from "../lab/sync-gap.ts";

/** What the page asks of this worker; it answers with a `SyncGapReport` without Stockwire. */
export interface LabDay extends GeneratedDay {
  readonly ratePerSecond: number;
}

// Off the page's own thread: a large day takes seconds, and the page must not stand still meanwhile.
self.addEventListener("message", ({ data }: MessageEvent<LabDay>) => {
  const virtual = simulateDay(`made up, seed ${data.seed}`, generateStream(data), data.ratePerSecond);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has one page, and no origin to name
  self.postMessage(reportOf(virtual, undefined));
});
