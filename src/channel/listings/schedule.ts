import { Turns, type Urgency, type Waiter } from "./turns.ts";

/** So often in a row a listing that has moved on the channel goes again at once; then it rests as after a failure. */
const movesMax = 3;

/** However often a listing failed while its channel was in trouble, it counts as no more once the channel is there again. */
const attemptsInTroubleMax = 4;

interface Item extends Waiter {
  /** `parked`: not ready until something changes. `resting`: it waits by itself, not because the channel is in trouble. */
  phase: "ready" | "waiting" | "resting" | "inFlight" | "parked";
  /** Whether a request may have reached the channel since the listing was last known to be settled. */
  isAttempted: boolean;
  /** Whether it was so before the request under way. */
  wasAttempted: boolean;
  /** Failed attempts in a row. */
  attempts: number;
  /** Answers in a row that it has moved on the channel. */
  moves: number;
}

/**
 * Which listings go next. Holds only listings that are due; what they are due for stands in the store. A listing is
 * handed out once until it is settled or returned.
 */
export class Schedule {
  readonly #items = new Map<string, Item>();
  readonly #turns = new Turns<Item>();

  /** Listings that are due, requests under way included. */
  get size(): number {
    return this.#items.size;
  }

  /** Since when the one that is due longest has been; undefined if none is. */
  get oldestSinceMs(): number | undefined {
    let oldestMs: number | undefined;
    for (const { urgency } of this.#items.values())
      oldestMs = Math.min(oldestMs ?? urgency.dueSinceMs, urgency.dueSinceMs);
    return oldestMs;
  }

  /** Entries kept in memory for them. */
  get footprint(): number {
    return this.#turns.footprint;
  }

  /** A listing became due, or is due for something newer. After a restart nobody knows what was attempted. */
  add(sku: string, urgency: Urgency, isAttempted = false): void {
    const item = this.#items.get(sku);
    if (item === undefined) {
      const news = { isAttempted, wasAttempted: isAttempted, attempts: 0, moves: 0, stamp: 0 };
      const added: Item = { sku, urgency, phase: "ready", ...news };
      this.#items.set(sku, added);
      this.#enqueue(added);
      return;
    }
    const isSame = isSameTurn(item.urgency, urgency);
    item.urgency = urgency;
    if (item.phase === "parked" || (item.phase === "ready" && !isSame)) this.#enqueue(item);
  }

  /** A listing is not due any more. One with a request under way keeps its place until that ends. */
  drop(sku: string): void {
    const item = this.#items.get(sku);
    if (item !== undefined && item.phase !== "inFlight") this.#forget(item);
  }

  /** Whether the channel certainly was not told anything about this due listing yet. */
  isUntouched(sku: string): boolean {
    return this.#items.get(sku)?.isAttempted === false;
  }

  /** The same, the request under way left out. */
  wasUntouched(sku: string): boolean {
    return this.#items.get(sku)?.wasAttempted === false;
  }

  isInFlight(sku: string): boolean {
    return this.#items.get(sku)?.phase === "inFlight";
  }

  /** Failed attempts in a row of a due listing. */
  attempts(sku: string): number {
    return this.#items.get(sku)?.attempts ?? 0;
  }

  /** The next listings, at most `max`; they count as in flight from now on. */
  take(max: number, nowMs: number): string[] {
    this.#wake(() => this.#turns.takeWaiting(nowMs));
    return this.#takeReady(max, nowMs);
  }

  /**
   * The same for the probe of a channel in trouble. The trouble may be that of one listing: first goes what has not failed,
   * then what has waited, and if there is neither, one alone that waits still.
   */
  takeProbe(max: number, nowMs: number): string[] {
    const untried = this.#takeReady(max, nowMs);
    if (untried.length > 0) return untried;
    const waited = this.take(max, nowMs);
    if (waited.length > 0) return waited;
    const item = this.#turns.takeWaiting(Number.MAX_VALUE);
    return item === undefined ? [] : [this.#handOut(item)];
  }

  /**
   * The request ended and was answered. `urgency` if the listing is due for something else by now; `isCertain` if
   * the answer tells what the channel shows.
   */
  settle(sku: string, urgency: Urgency | undefined, isCertain: boolean): void {
    const item = this.#answered(sku, urgency);
    if (item === undefined) return;
    if (isCertain) item.isAttempted = false;
    item.moves = 0;
    item.attempts = 0;
    this.#enqueue(item);
  }

  /** The channel shows something else than expected and was left so: the listing goes again, at once for a few times. */
  again(sku: string, urgency: Urgency | undefined, restUntilMs: number): void {
    const item = this.#answered(sku, urgency);
    if (item === undefined) return;
    item.isAttempted = false;
    item.wasAttempted = false;
    item.moves += 1;
    if (item.moves > movesMax) this.putOff(sku, restUntilMs, true);
    else this.#enqueue(item);
  }

  /** The request failed, and the listing waits. `isUnchanged`: it surely had no effect on the channel. */
  putOff(sku: string, readyAtMs: number, isUnchanged = false): void {
    const item = this.#items.get(sku);
    if (item === undefined) return;
    item.attempts += 1;
    this.#wait(item, "waiting", readyAtMs, isUnchanged);
  }

  /** The listing is not to go before then, whatever else the channel takes. What it was to be told had no effect. */
  rest(sku: string, urgency: Urgency | undefined, readyAtMs: number): void {
    const item = this.#answered(sku, urgency);
    if (item !== undefined) this.#wait(item, "resting", readyAtMs, true);
  }

  /** The listing was handed out and not sent: it is not ready until it is added or released. */
  park(sku: string): void {
    const item = this.#items.get(sku);
    if (item === undefined) return;
    item.isAttempted = item.wasAttempted;
    item.phase = "parked";
    this.#turns.withdraw(item);
  }

  release(sku: string): void {
    const item = this.#items.get(sku);
    if (item?.phase === "parked") this.#enqueue(item);
  }

  /** Lets everything go at once, by hand: what waits, and what rests by itself. */
  hurry(): void {
    for (const item of this.#items.values()) {
      if (item.phase === "waiting" || item.phase === "resting") this.#enqueue(item);
    }
  }

  /** The channel is there again: what waited because of its trouble goes at once. */
  recovered(): void {
    for (const item of this.#items.values()) {
      item.attempts = Math.min(item.attempts, attemptsInTroubleMax);
      if (item.phase === "waiting") this.#enqueue(item);
    }
  }

  /** When the next listing is ready: 0 if one is, Infinity if none waits. Requests under way do not count. */
  nextReadyAtMs(): number {
    return this.#turns.nextReadyAtMs();
  }

  /** The same for `takeProbe`. */
  nextProbeAtMs(): number {
    return this.#turns.isAnyWaiting ? 0 : this.#turns.nextReadyAtMs();
  }

  #takeReady(max: number, nowMs: number): string[] {
    this.#wake(() => this.#turns.takeResting(nowMs));
    const taken: string[] = [];
    while (taken.length < max) {
      const item = this.#turns.takeReady();
      if (item === undefined) break;
      taken.push(this.#handOut(item));
    }
    return taken;
  }

  #wake(next: () => Item | undefined): void {
    for (let item = next(); item !== undefined; item = next()) this.#enqueue(item);
  }

  #handOut(item: Item): string {
    item.phase = "inFlight";
    item.wasAttempted = item.isAttempted;
    item.isAttempted = true;
    return item.sku;
  }

  #answered(sku: string, urgency: Urgency | undefined): Item | undefined {
    const item = this.#items.get(sku);
    if (item === undefined) return undefined;
    if (urgency === undefined) {
      this.#forget(item);
      return undefined;
    }
    item.urgency = urgency;
    return item;
  }

  #wait(item: Item, phase: "waiting" | "resting", readyAtMs: number, isUnchanged: boolean): void {
    if (isUnchanged) item.isAttempted = item.wasAttempted;
    item.phase = phase;
    this.#turns.delay(item, phase, readyAtMs, this.#items.size);
  }

  #enqueue(item: Item): void {
    item.phase = "ready";
    this.#turns.enqueue(item, this.#items.size);
  }

  #forget(item: Item): void {
    this.#turns.withdraw(item);
    this.#items.delete(item.sku);
  }
}

function isSameTurn(a: Urgency, b: Urgency): boolean {
  return a.crossesZero === b.crossesZero && a.isHot === b.isHot && a.dueSinceMs === b.dueSinceMs;
}
