interface Waiting<Request, Result> {
  readonly requests: readonly Request[];
  readonly resolve: (results: Result[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts calls that arrive while one commit is on its way to the disk into the next one. Each call gets its own
 * results; a commit that throws fails all calls in it, and nothing of them happened.
 */
export class GroupCommit<Request, Result> {
  readonly #commit: (requests: Request[]) => readonly Result[];
  readonly #durable: () => Promise<void>;
  #waiting: Waiting<Request, Result>[] = [];
  #isRunning = false;

  /** `commit` decides and persists synchronously; `durable` resolves when that has reached the disk. */
  constructor(commit: (requests: Request[]) => readonly Result[], durable: () => Promise<void>) {
    this.#commit = commit;
    this.#durable = durable;
  }

  submit(requests: readonly Request[]): Promise<Result[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ requests, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      this.#commitGroup(group);
      // The next group forms meanwhile. A failed write resets the object, so there is nothing to do about it here.
      await this.#durable().catch(() => undefined);
    }
    this.#isRunning = false;
  }

  #commitGroup(group: readonly Waiting<Request, Result>[]): void {
    try {
      const results = this.#commit(group.flatMap((waiting) => [...waiting.requests]));
      let start = 0;
      for (const waiting of group) {
        waiting.resolve(results.slice(start, start + waiting.requests.length));
        start += waiting.requests.length;
      }
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
  }
}
