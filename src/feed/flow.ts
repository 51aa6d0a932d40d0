/** Messages a client may have before it that it has not said to have taken in. */
const aheadMax = 100;

/**
 * Flow control for one client. A socket does not tell how much waits in it, so a client that wants to be spared says
 * how many messages it has taken in; one that never says so gets everything.
 */
export class Flow {
  #sent = 0;
  #received: number | undefined;
  readonly #behind = new Set<string>();

  /** Whether a view of this SKU may go now; otherwise the SKU counts as behind. */
  admit(sku: string): boolean {
    if (this.#received !== undefined && this.#sent - this.#received >= aheadMax) {
      this.#behind.add(sku);
      return false;
    }
    this.#sent += 1;
    return true;
  }

  /** The client has taken in so many. Answers the SKUs whose newest view it may have now. */
  received(count: number): string[] {
    this.#received = Math.min(count, this.#sent);
    const skus = [...this.#behind].slice(0, Math.max(0, this.#received + aheadMax - this.#sent));
    for (const sku of skus) this.#behind.delete(sku);
    return skus;
  }
}
