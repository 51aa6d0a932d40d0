/**
 * How many items go into one request to a shop. A shop that says "too large" has a fixed limit; one that breaks down
 * may only be slow, and is given more again once it copes.
 */
export class BatchSize {
  #allowed: number;
  #tried: number;

  constructor(max: number) {
    this.#allowed = max;
    this.#tried = max;
  }

  get current(): number {
    return this.#tried;
  }

  tooLarge(items: number): void {
    this.#allowed = half(items);
    this.#tried = Math.min(this.#tried, this.#allowed);
  }

  brokeDown(items: number): void {
    this.#tried = Math.min(this.#tried, half(items));
  }

  succeeded(items: number): void {
    if (items >= this.#tried) this.#tried = Math.min(this.#allowed, this.#tried * 2);
  }
}

export function half(items: number): number {
  return Math.max(1, Math.floor(items / 2));
}
