/** A listing is hot if its stock changed so often within this time. */
const changesMin = 3;
const windowMs = 10_000;

/** Changes of listings are followed up to so many; beyond that everything changes, and nothing stands out. */
const followedMax = 20_000;

/** Which listings change again and again, as in a flash sale. Memory only: it shows itself anew within seconds. */
export class Heat {
  /** The times of the last changes of each, in order of the last one. */
  readonly #changesAtMs = new Map<string, readonly number[]>();

  changed(sku: string, nowMs: number): void {
    const before = this.#changesAtMs.get(sku) ?? [];
    this.#changesAtMs.delete(sku);
    this.#changesAtMs.set(sku, [...before, nowMs].slice(-changesMin));
    this.#forgetOld(nowMs);
  }

  isHot(sku: string, nowMs: number): boolean {
    const changes = this.#changesAtMs.get(sku) ?? [];
    const first = changes[0];
    return changes.length === changesMin && first !== undefined && nowMs - first <= windowMs;
  }

  #forgetOld(nowMs: number): void {
    for (const [sku, changes] of this.#changesAtMs) {
      const last = changes.at(-1) ?? 0;
      if (nowMs - last <= windowMs && this.#changesAtMs.size <= followedMax) return;
      this.#changesAtMs.delete(sku);
    }
  }
}
