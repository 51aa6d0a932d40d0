import { propagation, publications } from "../../telemetry/metrics.ts";
import type { PublishResult } from "../kit/adapter.ts";
import { isNews, LagWindow, recordedAtMs } from "../listings/lag.ts";
import type { Sent } from "../listings/answers.ts";

/** How fast publishing is, and what comes of it: the lag of recent publications, and the metrics of the channel. */
export class Measures {
  readonly lag = new LagWindow();
  /** When the request under way for a listing began. */
  readonly #sentAtMs = new WeakMap<Sent, number>();

  /** A request begins. */
  sent(listings: readonly Sent[], nowMs: number): void {
    for (const each of listings) this.#sentAtMs.set(each, nowMs);
  }

  /** What the channel said to it, listing by listing. */
  answered(channel: string, results: readonly PublishResult[]): void {
    for (const { outcome } of results) publications.add({ channel, outcome });
  }

  /** The channel took a listing, and that is stored. */
  published(channel: string, sent: Sent, nowMs: number): void {
    if (!isNews(sent.listing)) return;
    const sinceMs = recordedAtMs(sent.listing);
    this.lag.add(nowMs - sinceMs, nowMs);
    const tookMs = Math.max(0, (this.#sentAtMs.get(sent) ?? nowMs) - sinceMs);
    propagation.observe({ channel }, tookMs / 1_000);
  }
}
