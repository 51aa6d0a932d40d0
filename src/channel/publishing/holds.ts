/** SKUs whose orders are kept and not applied yet, each as often as it was held. Memory only: the inbox restores it. */
export class Holds {
  readonly #counts = new Map<string, number>();

  hold(skus: Iterable<string>): void {
    for (const sku of skus) this.#counts.set(sku, (this.#counts.get(sku) ?? 0) + 1);
  }

  /** Ends one hold of each; answers which are free by it. */
  release(skus: Iterable<string>): string[] {
    const free: string[] = [];
    for (const sku of skus) {
      const count = this.#counts.get(sku);
      if (count === undefined) continue;
      if (count > 1) this.#counts.set(sku, count - 1);
      else {
        this.#counts.delete(sku);
        free.push(sku);
      }
    }
    return free;
  }

  has(sku: string): boolean {
    return this.#counts.has(sku);
  }
}
