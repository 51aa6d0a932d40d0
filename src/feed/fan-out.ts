import type { StockView } from "../protocol/stock.ts";
import type { Watchers } from "./watchers.ts";

/** A SKU's watchers get its newest view at most this often: a hot SKU would drown them. */
const intervalMinMs = 50;
/**
 * With many watchers it is rarer, by so much for each. A message costs 0.02 ms (measured), so telling them takes a tenth of
 * the time at most, and the rest is left for changes.
 */
const intervalPerWatcherMs = 0.2;
/** SKUs whose last sending is remembered while nothing waits. */
const sentEntriesMax = 10_000;

export interface FanOutEffects<Watcher> {
  now(): number;
  sleep(ms: number): Promise<void>;
  send(watcher: Watcher, stock: StockView, message: string): void;
}

/**
 * Gives changes to those who watch: the first at once, those that follow within the interval as one, the newest. So a
 * quiet SKU is told without delay, and a hot one costs each watcher 20 messages a second at most.
 */
export class FanOut<Watcher> {
  readonly #watchers: Watchers<Watcher>;
  readonly #effects: FanOutEffects<Watcher>;
  readonly #sentAtMs = new Map<string, number>();
  readonly #waiting = new Map<string, StockView>();
  #run: Promise<void> | undefined;

  constructor(watchers: Watchers<Watcher>, effects: FanOutEffects<Watcher>) {
    this.#watchers = watchers;
    this.#effects = effects;
  }

  /** A SKU changed. Resolves when its watchers have been told; undefined if they have been already. */
  changed(stock: StockView): Promise<void> | undefined {
    if (!this.#watchers.isWatched(stock.sku)) return undefined;
    const nowMs = this.#effects.now();
    if (this.#sentAtMs.size > sentEntriesMax && this.#run === undefined) this.#sentAtMs.clear();
    const isQuiet = this.#dueAtMs(stock.sku) <= nowMs;
    if (isQuiet && !this.#waiting.has(stock.sku)) {
      this.#send(stock, nowMs);
      return undefined;
    }
    this.#waiting.set(stock.sku, stock);
    this.#run ??= this.#flushLater();
    return this.#run;
  }

  async #flushLater(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        await this.#effects.sleep(this.#nextAtMs() - this.#effects.now());
        const nowMs = this.#effects.now();
        for (const [sku, stock] of this.#waiting) {
          if (this.#dueAtMs(sku) > nowMs) continue;
          this.#waiting.delete(sku);
          this.#send(stock, nowMs);
        }
        for (const sku of this.#sentAtMs.keys()) if (this.#dueAtMs(sku) <= nowMs) this.#sentAtMs.delete(sku);
      }
    } finally {
      this.#run = undefined;
    }
  }

  #nextAtMs(): number {
    return [...this.#waiting.keys()].reduce(
      (least, sku) => Math.min(least, this.#dueAtMs(sku)),
      Number.POSITIVE_INFINITY,
    );
  }

  #dueAtMs(sku: string): number {
    const intervalMs = Math.max(intervalMinMs, this.#watchers.of(sku).size * intervalPerWatcherMs);
    return (this.#sentAtMs.get(sku) ?? 0) + intervalMs;
  }

  #send(stock: StockView, nowMs: number): void {
    this.#sentAtMs.set(stock.sku, nowMs);
    const message = JSON.stringify({ type: "stock", stock });
    for (const watcher of this.#watchers.of(stock.sku)) this.#effects.send(watcher, stock, message);
  }
}
