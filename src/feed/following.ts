import { isNewer } from "../protocol/position.ts";
import type { StockView } from "../protocol/stock.ts";
import type { FeedReading } from "./contract.ts";

/** SKUs kept in memory, about 1 KB each; the ones that nobody asked for longest go first. */
const entriesMax = 20_000;

export interface FollowingEffects {
  now(): number;
  /** Asks the SKU, which pushes what changes from then on, for a while. Undefined if it is unknown. */
  follow(sku: string): Promise<StockView | undefined>;
  /** Whether somebody waits for news of a SKU, so that it must stay in memory. */
  isWatched(sku: string): boolean;
  /** The feed learnt of a newer view than it had. */
  changed(stock: StockView): void;
}

interface Entry {
  stock?: StockView | undefined;
  /** The moment up to which `stock` is known to be the truth. */
  verifiedAtMs: number;
  asking?: Promise<StockView | undefined> | undefined;
}

/**
 * The newest view of each SKU that a feed follows. A push makes a view newer, and only that: that none came proves
 * nothing, so what is older than a reader's bound is asked for again.
 */
export class Following {
  readonly #effects: FollowingEffects;
  readonly #entries = new Map<string, Entry>();

  constructor(effects: FollowingEffects) {
    this.#effects = effects;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The stock of a SKU, at most so old; undefined if it is unknown. Readers who wait for one SKU share one call. */
  async read(sku: string, maxAgeMs: number): Promise<FeedReading | undefined> {
    const arrivedAtMs = this.#effects.now();
    for (let source: FeedReading["source"] = "feed"; ; source = "object") {
      const entry = this.#entryOf(sku);
      const oldestMs = Math.min(arrivedAtMs, this.#effects.now() - maxAgeMs);
      if (entry.stock !== undefined && entry.verifiedAtMs >= oldestMs) return { stock: entry.stock, source };
      const stock = await this.#ask(sku, entry);
      if (stock === undefined) return undefined;
    }
  }

  /** What is in memory of a SKU, however old. */
  known(sku: string): StockView | undefined {
    return this.#entries.get(sku)?.stock;
  }

  /** A SKU tells of its change. False if nobody here wants to know. */
  async push(stock: StockView): Promise<boolean> {
    const { sku } = stock;
    // After a nap the memory is empty, but those who watch are still there.
    const entry = this.#effects.isWatched(sku) ? this.#entryOf(sku) : this.#entries.get(sku);
    if (entry === undefined) return false;
    // A push may have been on its way for long, and those who watch may know better by now: only the SKU can tell.
    // If it cannot be reached, this is not taken for news either; it is asked again by and by.
    if (entry.stock === undefined) {
      const isAsked = await this.#ask(sku, entry).then(
        () => true,
        () => false,
      );
      if (!isAsked) return true;
    }
    this.#learn(entry, stock, Date.parse(stock.asOf));
    return true;
  }

  /** Asks a SKU again, whatever is known. */
  async revalidate(sku: string): Promise<StockView | undefined> {
    return this.#ask(sku, this.#entryOf(sku));
  }

  forget(sku: string): void {
    this.#entries.delete(sku);
  }

  #ask(sku: string, entry: Entry): Promise<StockView | undefined> {
    entry.asking ??= this.#follow(sku, entry).finally(() => {
      entry.asking = undefined;
    });
    return entry.asking;
  }

  async #follow(sku: string, entry: Entry): Promise<StockView | undefined> {
    const askedAtMs = this.#effects.now();
    const stock = await this.#effects.follow(sku);
    if (stock === undefined) entry.stock = undefined;
    else this.#learn(entry, stock, askedAtMs);
    return stock;
  }

  #learn(entry: Entry, stock: StockView, verifiedAtMs: number): void {
    const isNew = isNewer(stock, entry.stock);
    // An older view that comes late was true before the one we have: it says nothing about now.
    if (!isNew && entry.stock !== undefined && isNewer(entry.stock, stock)) return;
    // The same version may come again by a way that took longer: what was said of it last is what counts.
    if (isNew || entry.stock === undefined || stock.asOf > entry.stock.asOf) entry.stock = stock;
    entry.verifiedAtMs = Math.max(entry.verifiedAtMs, Math.min(verifiedAtMs, this.#effects.now()));
    if (isNew) this.#effects.changed(stock);
  }

  /** The entry of a SKU, moved to where those stand that were wanted last. */
  #entryOf(sku: string): Entry {
    const known = this.#entries.get(sku);
    const entry = known ?? { verifiedAtMs: Number.NEGATIVE_INFINITY };
    if (known !== undefined) this.#entries.delete(sku);
    this.#entries.set(sku, entry);
    if (this.#entries.size > entriesMax) this.#dropOne();
    return entry;
  }

  #dropOne(): void {
    for (const sku of this.#entries.keys()) {
      if (this.#effects.isWatched(sku)) continue;
      this.#entries.delete(sku);
      return;
    }
  }
}
