import type { LagSample } from "../../protocol/channel.ts";
import { isNewer } from "../../protocol/position.ts";
import type { StockedListing } from "./listing.ts";

export const samplesMax = 1000;

/** Percentiles over the last measurements, in ms. */
export interface LagSummary {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** When a listing was told news last, and how long that took. */
export interface ToldLag {
  readonly atMs: number;
  readonly lagMs: number;
}

/**
 * How long recent publications took, from the change of the stock to the channel's answer. Memory only, but for the last one
 * of each listing, which is stored with it.
 */
export class LagWindow {
  readonly #samplesMs: number[] = [];
  readonly #atMs: number[] = [];
  #next = 0;

  add(lagMs: number, atMs: number): void {
    this.#samplesMs[this.#next] = Math.max(0, lagMs);
    this.#atMs[this.#next] = atMs;
    this.#next = (this.#next + 1) % samplesMax;
  }

  /** Takes in what was measured before the object was loaded, oldest first; as much of it as there is room for. */
  recall(before: readonly ToldLag[]): void {
    const since = this.samples().map(({ at, lagMs }) => ({ atMs: Date.parse(at), lagMs }));
    const all = [...before, ...since].slice(-samplesMax);
    this.#samplesMs.length = 0;
    this.#atMs.length = 0;
    this.#next = 0;
    for (const { atMs, lagMs } of all) this.add(lagMs, atMs);
  }

  /** Every measurement that is kept, oldest first. */
  samples(): LagSample[] {
    const inOrder = (values: readonly number[]) => [
      ...values.slice(this.#next),
      ...values.slice(0, this.#next),
    ];
    const lagsMs = inOrder(this.#samplesMs);
    return inOrder(this.#atMs).map((atMs, index) => ({
      at: new Date(atMs).toISOString(),
      lagMs: lagsMs[index] ?? 0,
    }));
  }

  /** Undefined before the first publication. */
  summary(): LagSummary | undefined {
    if (this.#samplesMs.length === 0) return undefined;
    const sorted = [...this.#samplesMs].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    return { samples: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
  }
}

/**
 * Whether publishing a listing tells how fast stock travels: its stock has just changed and the channel had not heard
 * of it. Stock that was known before, and what is told again for another reason, is not news.
 */
export function isNews({ wanted, published }: StockedListing): boolean {
  return wanted.isBackfilled !== true && isNewer(wanted, published);
}

/** How long publishing a listing took that is confirmed now; undefined if that says nothing. */
export function lagOf(listing: StockedListing, nowMs: number): number | undefined {
  return isNews(listing) ? Math.max(0, nowMs - recordedAtMs(listing)) : undefined;
}

/** When the change was recorded that a listing is due for. */
export function recordedAtMs({ wanted }: StockedListing): number {
  return wanted.recordedAtMs ?? Date.parse(wanted.offer.asOf);
}
