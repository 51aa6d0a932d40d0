/** Runs tasks one after the other, in the order in which they came; one that fails does not stop the next. */
export class Exclusive {
  #last: Promise<void> = Promise.resolve();

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

/** The same for many keys: tasks of one key follow each other, those of different keys run side by side. */
export class KeyedExclusive {
  readonly #byKey = new Map<string, { exclusive: Exclusive; waiting: number }>();

  async run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const entry = this.#byKey.get(key) ?? { exclusive: new Exclusive(), waiting: 0 };
    this.#byKey.set(key, entry);
    entry.waiting += 1;
    try {
      return await entry.exclusive.run(task);
    } finally {
      entry.waiting -= 1;
      if (entry.waiting === 0) this.#byKey.delete(key);
    }
  }
}
