import { Heap } from "./heap.ts";

/** Why a listing is due, as far as its turn depends on it. */
export interface Urgency {
  /** The quantity goes from 0 to more or back: what makes a channel oversell or miss sales. */
  readonly crossesZero: boolean;
  readonly dueSinceMs: number;
}

/** Replaced entries that are left in a heap before it is cleaned. */
const staleEntriesMax = 100;

interface Item {
  readonly sku: string;
  urgency: Urgency;
  phase: "ready" | "waiting" | "inFlight";
  /** Whether a request may have reached the channel since the listing was last known to be settled. */
  isAttempted: boolean;
  /** Failed attempts in a row. */
  attempts: number;
  /** Tells the heap entry that counts from those it replaced. */
  stamp: number;
}

interface Entry {
  readonly item: Item;
  readonly stamp: number;
  readonly urgency: Urgency;
  readonly readyAtMs: number;
}

/**
 * Which listings go next: those that cross zero first, then the longest due. Holds only listings that are due;
 * what they are due for stands in the store. A listing is handed out once until it is settled or returned.
 */
export class Schedule {
  readonly #items = new Map<string, Item>();
  readonly #ready = new Heap<Entry>(goesBefore);
  readonly #waiting = new Heap<Entry>((a, b) => a.readyAtMs < b.readyAtMs);

  /** Listings that are due, requests under way included. */
  get size(): number {
    return this.#items.size;
  }

  /** A listing became due, or is due for something newer. After a restart nobody knows what was attempted. */
  add(sku: string, urgency: Urgency, isAttempted = false): void {
    const item = this.#items.get(sku);
    if (item === undefined) {
      const added: Item = { sku, urgency, phase: "ready", isAttempted, attempts: 0, stamp: 0 };
      this.#items.set(sku, added);
      this.#enqueue(added, 0);
      return;
    }
    const isSame =
      item.urgency.crossesZero === urgency.crossesZero && item.urgency.dueSinceMs === urgency.dueSinceMs;
    item.urgency = urgency;
    if (item.phase === "ready" && !isSame) this.#enqueue(item, 0);
  }

  /** A listing is not due any more. One with a request under way keeps its place until that ends. */
  drop(sku: string): void {
    const item = this.#items.get(sku);
    if (item === undefined || item.phase === "inFlight") return;
    item.stamp += 1;
    this.#items.delete(sku);
  }

  /** Whether the channel certainly was not told anything about this due listing yet. */
  isUntouched(sku: string): boolean {
    return this.#items.get(sku)?.isAttempted === false;
  }

  /** Failed attempts in a row of a due listing. */
  attempts(sku: string): number {
    return this.#items.get(sku)?.attempts ?? 0;
  }

  /** The next listings, at most `max`; they count as in flight from now on. */
  take(max: number, nowMs: number): string[] {
    this.#promote(nowMs);
    const taken: string[] = [];
    while (taken.length < max) {
      const entry = this.#popReady();
      if (entry === undefined) break;
      entry.item.phase = "inFlight";
      entry.item.isAttempted = true;
      taken.push(entry.item.sku);
    }
    return taken;
  }

  /**
   * The request ended and was answered. `urgency` if the listing is due for something else by now; `isCertain` if
   * the answer tells what the channel shows.
   */
  settle(sku: string, urgency: Urgency | undefined, isCertain: boolean): void {
    const item = this.#items.get(sku);
    if (item === undefined) return;
    if (urgency === undefined) {
      this.#items.delete(sku);
      return;
    }
    item.urgency = urgency;
    item.attempts = 0;
    if (isCertain) item.isAttempted = false;
    this.#enqueue(item, 0);
  }

  /** The request failed or its end is unknown: the listing waits. */
  putOff(sku: string, readyAtMs: number): void {
    const item = this.#items.get(sku);
    if (item === undefined) return;
    item.attempts += 1;
    item.phase = "waiting";
    item.stamp += 1;
    this.#waiting.push({ item, stamp: item.stamp, urgency: item.urgency, readyAtMs });
  }

  /** Lets everything that waits go at once. */
  hurry(): void {
    this.#promote(Number.POSITIVE_INFINITY);
  }

  /** When the next listing is ready: 0 if one is, Infinity if none waits. Requests under way do not count. */
  nextReadyAtMs(): number {
    discardStale(this.#ready);
    if (this.#ready.size > 0) return 0;
    discardStale(this.#waiting);
    return this.#waiting.peek()?.readyAtMs ?? Number.POSITIVE_INFINITY;
  }

  #promote(nowMs: number): void {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (isCurrent(next) && next.readyAtMs > nowMs) return;
      this.#waiting.pop();
      if (isCurrent(next)) this.#enqueue(next.item, next.readyAtMs);
    }
  }

  #popReady(): Entry | undefined {
    discardStale(this.#ready);
    return this.#ready.pop();
  }

  #enqueue(item: Item, readyAtMs: number): void {
    item.phase = "ready";
    item.stamp += 1;
    this.#ready.push({ item, stamp: item.stamp, urgency: item.urgency, readyAtMs });
    // A listing that flips for hours while nothing is sent must not fill the memory with replaced entries.
    if (this.#ready.size > 2 * this.#items.size + staleEntriesMax) this.#ready.retain(isCurrent);
  }
}

/** Entries that were replaced stay in a heap until they surface: taking them out of its middle would cost more. */
function discardStale(heap: Heap<Entry>): void {
  for (let top = heap.peek(); top !== undefined && !isCurrent(top); top = heap.peek()) heap.pop();
}

function isCurrent(entry: Entry): boolean {
  return entry.stamp === entry.item.stamp;
}

function goesBefore(a: Entry, b: Entry): boolean {
  if (a.urgency.crossesZero !== b.urgency.crossesZero) return a.urgency.crossesZero;
  return a.urgency.dueSinceMs < b.urgency.dueSinceMs;
}
