import { Heap } from "../../storage/heap.ts";

/** Why a listing is due, as far as its turn depends on it. */
export interface Urgency {
  /** The quantity goes from 0 to more or back: what makes a channel oversell or miss sales. */
  readonly crossesZero: boolean;
  /** Its stock changes again and again: what the channel shows is wrong by more every moment. */
  readonly isHot?: boolean;
  readonly dueSinceMs: number;
}

/** Something that waits for its turn. */
export interface Waiter {
  readonly sku: string;
  urgency: Urgency;
  /** Tells the entry that counts from those it replaced. */
  stamp: number;
}

/** Of the urgent, so many go in a row while others wait; then the longest due has its turn, whichever it is. */
const urgentInARowMax = 3;

/** Replaced entries that are left in a heap before it is cleaned. */
const staleEntriesMax = 100;

interface Entry<Item> {
  readonly item: Item;
  readonly stamp: number;
  readonly urgency: Urgency;
  readonly readyAtMs: number;
}

/**
 * Who is ready, and who waits or rests for a time. First goes what crosses zero, then what is hot, then the longest due; and in
 * one of four turns the longest due of all, so that nothing waits for ever.
 */
export class Turns<Item extends Waiter> {
  /** Everything that is ready, and once more what of it is urgent. */
  readonly #ready = new Heap<Entry<Item>>((a, b) => a.urgency.dueSinceMs < b.urgency.dueSinceMs);
  readonly #urgent = new Heap<Entry<Item>>(isMoreUrgent);
  readonly #waiting = new Heap<Entry<Item>>(isReadyBefore);
  readonly #resting = new Heap<Entry<Item>>(isReadyBefore);
  #urgentInARow = 0;

  /** Entries kept in memory, replaced ones included. */
  get footprint(): number {
    return this.#ready.size + this.#urgent.size + this.#waiting.size + this.#resting.size;
  }

  /** Puts an item among the ready; it counts nowhere else any more. `items`: how many there are in all. */
  enqueue(item: Item, items: number): void {
    item.stamp += 1;
    const { urgency, stamp } = item;
    const entry = { item, stamp, urgency, readyAtMs: 0 };
    push(this.#ready, entry, items);
    if (urgency.crossesZero || urgency.isHot === true) push(this.#urgent, entry, items);
  }

  /** Lets an item wait or rest; it counts nowhere else any more. */
  delay(item: Item, phase: "waiting" | "resting", readyAtMs: number, items: number): void {
    item.stamp += 1;
    const entry = { item, stamp: item.stamp, urgency: item.urgency, readyAtMs };
    push(phase === "waiting" ? this.#waiting : this.#resting, entry, items);
  }

  /** Takes an item out, wherever it is. */
  withdraw(item: Item): void {
    item.stamp += 1;
  }

  /** Takes out the one whose wait is over first, if it is by then. */
  takeWaiting(byMs: number): Item | undefined {
    return this.#takeDelayed(this.#waiting, byMs);
  }

  /** The same of those that rest. */
  takeResting(byMs: number): Item | undefined {
    return this.#takeDelayed(this.#resting, byMs);
  }

  /** Takes out whose turn it is. */
  takeReady(): Item | undefined {
    discardStale(this.#ready);
    discardStale(this.#urgent);
    const isUrgentsTurn = this.#urgent.size > 0 && this.#urgentInARow < urgentInARowMax;
    this.#urgentInARow = isUrgentsTurn ? this.#urgentInARow + 1 : 0;
    const item = (isUrgentsTurn ? this.#urgent : this.#ready).pop()?.item;
    if (item !== undefined) this.withdraw(item);
    return item;
  }

  /** When the next one is ready: 0 if one is, Infinity if none will be. */
  nextReadyAtMs(): number {
    discardStale(this.#ready);
    return this.#ready.size > 0 ? 0 : Math.min(nextOf(this.#waiting), nextOf(this.#resting));
  }

  get isAnyWaiting(): boolean {
    return nextOf(this.#waiting) !== Number.POSITIVE_INFINITY;
  }

  #takeDelayed(from: Heap<Entry<Item>>, byMs: number): Item | undefined {
    if (nextOf(from) > byMs) return undefined;
    const item = from.pop()?.item;
    if (item !== undefined) this.withdraw(item);
    return item;
  }
}

/** When the wait of the first in a heap is over. */
function nextOf<Item extends Waiter>(heap: Heap<Entry<Item>>): number {
  discardStale(heap);
  return heap.peek()?.readyAtMs ?? Number.POSITIVE_INFINITY;
}

/** What flips for hours while nothing is sent must not fill the memory with replaced entries. */
function push<Item extends Waiter>(heap: Heap<Entry<Item>>, entry: Entry<Item>, items: number): void {
  heap.push(entry);
  if (heap.size > 2 * items + staleEntriesMax) heap.retain(isCurrent);
}

/** Entries that were replaced stay in a heap until they surface: taking them out of its middle would cost more. */
function discardStale<Item extends Waiter>(heap: Heap<Entry<Item>>): void {
  for (let top = heap.peek(); top !== undefined && !isCurrent(top); top = heap.peek()) heap.pop();
}

function isCurrent({ stamp, item }: Entry<Waiter>): boolean {
  return stamp === item.stamp;
}

function isReadyBefore(a: Entry<Waiter>, b: Entry<Waiter>): boolean {
  return a.readyAtMs < b.readyAtMs;
}

function isMoreUrgent(a: Entry<Waiter>, b: Entry<Waiter>): boolean {
  if (a.urgency.crossesZero !== b.urgency.crossesZero) return a.urgency.crossesZero;
  return a.urgency.dueSinceMs < b.urgency.dueSinceMs;
}
