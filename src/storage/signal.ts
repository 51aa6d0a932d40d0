/** Wakes one waiter. A notification that nobody waits for is kept for the next wait. */
export class Signal {
  #isSet = false;
  #wake: (() => void) | undefined;

  notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake === undefined) this.#isSet = true;
    else wake();
  }

  /** Resolves at the next notification, at once if there was one since the last wait. */
  next(): Promise<void> {
    if (this.#isSet) {
      this.#isSet = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
