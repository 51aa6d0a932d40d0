import { Heap } from "../../storage/heap.ts";

interface Deadline {
  readonly sku: string;
  readonly atMs: number;
}

/** Replaced deadlines that are left in the heap before it is cleaned. */
const staleMax = 100;

/** SKUs with a time at which something has to happen, one each. */
export class Deadlines {
  readonly #atMs = new Map<string, number>();
  readonly #heap = new Heap<Deadline>((a, b) => a.atMs < b.atMs);

  /** Undefined: no more. */
  set(sku: string, atMs: number | undefined): void {
    if (atMs === this.#atMs.get(sku)) return;
    if (atMs === undefined) {
      this.#atMs.delete(sku);
      return;
    }
    this.#atMs.set(sku, atMs);
    this.#heap.push({ sku, atMs });
    if (this.#heap.size > 2 * this.#atMs.size + staleMax) this.#heap.retain((each) => this.#counts(each));
  }

  /** Infinity if there is none. */
  nextAtMs(): number {
    return this.#next()?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes out those that are over, the earliest first, at most `max`. */
  take(max: number, nowMs: number): string[] {
    const taken: string[] = [];
    for (let next = this.#next(); next !== undefined && taken.length < max; next = this.#next()) {
      if (next.atMs > nowMs) break;
      this.#heap.pop();
      this.#atMs.delete(next.sku);
      taken.push(next.sku);
    }
    return taken;
  }

  #next(): Deadline | undefined {
    for (let top = this.#heap.peek(); top !== undefined && !this.#counts(top); top = this.#heap.peek()) {
      this.#heap.pop();
    }
    return this.#heap.peek();
  }

  #counts({ sku, atMs }: Deadline): boolean {
    return this.#atMs.get(sku) === atMs;
  }
}
