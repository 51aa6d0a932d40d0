/** Where a consumer waits for what comes, and hears that nothing more will. */
export class Inbox<Item> {
  readonly #take: () => Item | undefined;
  readonly #signal: AbortSignal | undefined;
  #wakers: (() => void)[] = [];
  #hasEnded = false;
  #error: unknown;

  /** `take` answers what has waited longest. */
  constructor(take: () => Item | undefined, signal: AbortSignal | undefined) {
    this.#take = take;
    this.#signal = signal;
  }

  /** Something came. */
  wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const waker of wakers) waker();
  }

  end(error: unknown): void {
    this.#hasEnded = true;
    this.#error = error;
    this.wake();
  }

  /** The next item. What came before the end is handed out first; an error is thrown once. */
  async next(): Promise<IteratorResult<Item, undefined>> {
    for (;;) {
      this.#signal?.throwIfAborted();
      const item = this.#take();
      if (item !== undefined) return { done: false, value: item };
      if (this.#hasEnded) {
        const error = this.#error;
        this.#error = undefined;
        if (error !== undefined) throw error;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => this.#wakers.push(resolve));
    }
  }
}
