/** Who watches what: both ways, so that a change finds its watchers and a watcher its SKUs. */
export class Watchers<Watcher> {
  readonly #skus = new Map<Watcher, Set<string>>();
  readonly #watchers = new Map<string, Set<Watcher>>();

  /** Everything that is watched by anybody. */
  get skus(): Iterable<string> {
    return this.#watchers.keys();
  }

  skusOf(watcher: Watcher): ReadonlySet<string> {
    return this.#skus.get(watcher) ?? new Set();
  }

  of(sku: string): ReadonlySet<Watcher> {
    return this.#watchers.get(sku) ?? new Set();
  }

  isWatched(sku: string): boolean {
    return this.#watchers.has(sku);
  }

  add(watcher: Watcher, skus: Iterable<string>): void {
    const own = this.#skus.get(watcher) ?? new Set();
    this.#skus.set(watcher, own);
    for (const sku of skus) {
      own.add(sku);
      const others = this.#watchers.get(sku) ?? new Set();
      this.#watchers.set(sku, others.add(watcher));
    }
  }

  remove(watcher: Watcher, skus: Iterable<string>): void {
    const own = this.#skus.get(watcher);
    for (const sku of skus) {
      own?.delete(sku);
      const others = this.#watchers.get(sku);
      others?.delete(watcher);
      if (others?.size === 0) this.#watchers.delete(sku);
    }
  }

  drop(watcher: Watcher): void {
    this.remove(watcher, this.skusOf(watcher));
    this.#skus.delete(watcher);
  }
}
