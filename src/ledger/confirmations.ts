import { comparePositions } from "../protocol/position.ts";
import type { ConfirmedRange } from "../protocol/queue.ts";

/** SKUs are told what is confirmed at most this often: well within the time after which they send again. */
const intervalMs = 1_000;
/** SKUs told at once. */
const toldAtOnce = 50;
/** Who has not told them by then has been cut off. */
const patienceMs = 3 * intervalMs;

export interface ConfirmationsEffects {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Told of a SKU that was not reached: it will send again what is confirmed already. */
  failed(error: unknown): void;
}

/** Tells a SKU of ranges of its ledger that are confirmed. */
export type Confirm = (sku: string, ranges: ConfirmedRange[]) => Promise<void>;

/**
 * What the consumer is done with, kept for a moment so that a SKU that changes all the time is called once a second and
 * not for each change. Lost ones only mean that events come again.
 */
export class Confirmations {
  readonly #effects: ConfirmationsEffects;
  #bySku = new Map<string, ConfirmedRange[]>();
  /** When somebody took it on to tell what waits. */
  #takenOnAtMs: number | undefined;

  constructor(effects: ConfirmationsEffects) {
    this.#effects = effects;
  }

  /** What is to be kept alive until it resolves; undefined if somebody else sees to it. */
  add(ranges: Iterable<readonly [sku: string, ConfirmedRange]>, confirm: Confirm): Promise<void> | undefined {
    for (const [sku, range] of ranges) this.#bySku.set(sku, joined(this.#bySku.get(sku) ?? [], range));
    if (this.#bySku.size === 0) return undefined;
    const nowMs = this.#effects.now();
    if (this.#takenOnAtMs !== undefined && nowMs < this.#takenOnAtMs + patienceMs) return undefined;
    return this.#flushLater(nowMs, confirm);
  }

  async #flushLater(nowMs: number, confirm: Confirm): Promise<void> {
    this.#takenOnAtMs = nowMs;
    await this.#effects.sleep(intervalMs);
    this.#takenOnAtMs = undefined;
    const waiting = [...this.#bySku];
    this.#bySku = new Map();
    for (let start = 0; start < waiting.length; start += toldAtOnce) {
      const told = waiting.slice(start, start + toldAtOnce).map(([sku, ranges]) => confirm(sku, ranges));
      for (const result of await Promise.allSettled(told)) {
        if (result.status === "rejected") this.#effects.failed(result.reason);
      }
    }
  }
}

/** Ranges with one more, which goes on where the last one ends as a rule. */
function joined(ranges: readonly ConfirmedRange[], next: ConfirmedRange): ConfirmedRange[] {
  const last = ranges.at(-1);
  if (last === undefined || comparePositions(next.after, last.last) > 0) return [...ranges, next];
  if (comparePositions(next.after, last.after) < 0) return [...ranges, next];
  const isFurther = comparePositions(next.last, last.last) > 0;
  return [...ranges.slice(0, -1), { after: last.after, last: isFurther ? next.last : last.last }];
}
