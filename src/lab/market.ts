import type { OrderStream, WantedOrder } from "./order-stream.ts";

/** Units of one SKU that a channel sold. */
export interface SoldLine {
  readonly sku: string;
  readonly quantity: number;
}

/** What became of the demand. */
export interface SalesCounts {
  /** Orders of which anything was sold. */
  readonly orders: number;
  readonly soldUnits: number;
  /** Sold, but not there: the buyer is to be disappointed. */
  readonly oversoldUnits: number;
  /** Order lines with such units. */
  readonly oversoldLines: number;
  /** Not sold although they were there: the channel showed too few. */
  readonly missedUnits: number;
}

/**
 * Channels that each sell from the number they show, and the stock they all sell from. A buyer takes what is shown, up to
 * what is wanted; a channel counts its own sales down at once, as shops do, and learns of others' only when it is told.
 */
export class Market {
  readonly #shown: readonly Map<string, number>[];
  readonly #truth: Map<string, number>;
  readonly #counts = { orders: 0, soldUnits: 0, oversoldUnits: 0, oversoldLines: 0, missedUnits: 0 };

  constructor(stream: OrderStream) {
    this.#truth = new Map(stream.opening);
    this.#shown = Array.from({ length: stream.channels }, () => new Map(stream.opening));
  }

  get counts(): SalesCounts {
    return { ...this.#counts };
  }

  /** Units that are there and not promised to anybody; negative if more were sold. */
  truth(sku: string): number {
    return this.#truth.get(sku) ?? 0;
  }

  shown(channel: number, sku: string): number {
    return this.#shown[channel]?.get(sku) ?? 0;
  }

  /** The channel is told a number. */
  tell(channel: number, sku: string, quantity: number): void {
    this.#shown[channel]?.set(sku, quantity);
  }

  /** A buyer comes; answers what is sold. */
  buy({ channel, lines }: WantedOrder): SoldLine[] {
    const sold: SoldLine[] = [];
    for (const { sku, quantity } of lines) {
      const shown = this.shown(channel, sku);
      const there = Math.max(0, this.truth(sku));
      const units = Math.min(quantity, Math.max(0, shown));
      this.#counts.missedUnits += Math.max(0, Math.min(quantity, there) - units);
      if (units === 0) continue;
      this.tell(channel, sku, shown - units);
      this.#truth.set(sku, this.truth(sku) - units);
      this.#counts.soldUnits += units;
      this.#counts.oversoldUnits += Math.max(0, units - there);
      this.#counts.oversoldLines += units > there ? 1 : 0;
      sold.push({ sku, quantity: units });
    }
    if (sold.length > 0) this.#counts.orders += 1;
    return sold;
  }
}
