import { comparePositions, type Position } from "../protocol/position.ts";
import { type Spread, spreadOf } from "./percentiles.ts";

/** A sale as the caller saw it. Times are on the clock of `performance.now()`. */
export interface Sale extends Position {
  readonly sku: string;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

interface Arrival extends Position {
  readonly atMs: number;
  /** How old the delivered number was when it arrived, by the wall clock that sender and receiver share. */
  readonly ageMs: number;
}

// A delivery can overtake the answer of its own sale, but not by this many deliveries of the same SKU.
const arrivalsKeptPerSku = 32;
const samplesMax = 100_000;

/**
 * How long sales take to reach one channel. A delivery at version v satisfies every sale at v or before, since
 * intermediate versions may be left out.
 */
export class Propagation {
  readonly #arrivals = new Map<string, Arrival[]>();
  readonly #pending = new Map<string, Sale[]>();
  readonly #fromSendMs: number[] = [];
  readonly #fromAnswerMs: number[] = [];
  readonly #fromRecordMs: number[] = [];
  #pendingCount = 0;

  noteSale(sale: Sale): void {
    // Arrivals are in the order of time, so the first that covers the sale is the one that brought it.
    const arrival = this.#arrivals.get(sale.sku)?.find((one) => comparePositions(one, sale) >= 0);
    if (arrival !== undefined) {
      this.#measure(sale, arrival);
      return;
    }
    const pending = this.#pending.get(sale.sku) ?? [];
    this.#pending.set(sale.sku, [...pending, sale]);
    this.#pendingCount += 1;
  }

  noteArrival(sku: string, { epoch, version }: Position, atMs: number, ageMs: number): void {
    const arrival: Arrival = { epoch, version, atMs, ageMs };
    const arrivals = this.#arrivals.get(sku) ?? [];
    this.#arrivals.set(sku, [...arrivals, arrival].slice(-arrivalsKeptPerSku));
    const pending = this.#pending.get(sku);
    if (pending === undefined) return;
    const satisfied = pending.filter((sale) => comparePositions(arrival, sale) >= 0);
    const rest = pending.filter((sale) => comparePositions(arrival, sale) < 0);
    for (const sale of satisfied) this.#measure(sale, arrival);
    this.#pendingCount -= satisfied.length;
    if (rest.length === 0) this.#pending.delete(sku);
    else this.#pending.set(sku, rest);
  }

  /** Gives up on sales that no delivery has covered: the channel is known to be down, and that is not measured. */
  forgetPending(): void {
    this.#pending.clear();
    this.#pendingCount = 0;
  }

  /** Sales that no delivery has covered yet. */
  get pendingCount(): number {
    return this.#pendingCount;
  }

  /** What `fromSend` is spread of. */
  get sinceSendMs(): readonly number[] {
    return this.#fromSendMs;
  }

  /** From the moment before the sale's request was sent until the channel had the request in its hands. */
  fromSend(): Spread {
    return spreadOf(this.#fromSendMs);
  }

  /** From the moment the seller knew of the sale; 0 where the delivery was there before the answer. */
  fromAnswer(): Spread {
    return spreadOf(this.#fromAnswerMs);
  }

  /** From the moment the SKU recorded the sale: what the service itself answers for, however long the order. */
  fromRecord(): Spread {
    return spreadOf(this.#fromRecordMs);
  }

  #measure(sale: Sale, arrival: Arrival): void {
    if (this.#fromSendMs.length === samplesMax) {
      this.#fromSendMs.shift();
      this.#fromAnswerMs.shift();
      this.#fromRecordMs.shift();
    }
    this.#fromSendMs.push(arrival.atMs - sale.sentAtMs);
    this.#fromAnswerMs.push(Math.max(0, arrival.atMs - sale.answeredAtMs));
    this.#fromRecordMs.push(arrival.ageMs);
  }
}
