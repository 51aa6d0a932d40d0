/** Shorter waits are slept through; longer ones go to the alarm, so that the object may leave the memory. */
const sleepMaxMs = 1_000;

/** While a step is under way the alarm is this near, so that a crash costs seconds. */
const safetyNetMs = 5_000;

export interface StepsEffects {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Calls `poke` at that time or earlier, even after a crash. */
  wakeBy(atMs: number): void;
}

/** Work that goes on in steps, each durable when it resolves. */
export interface Work {
  /** When the next step may be taken: at or before now if one may, Infinity if there is nothing to do. */
  nextAtMs(): number;
  step(): Promise<void>;
}

/** Takes steps until there is nothing to do, or a longer wait is ahead. Knows nothing of Durable Objects. */
export class Steps {
  readonly #work: Work;
  readonly #effects: StepsEffects;
  #isRunning = false;
  #run: Promise<void> = Promise.resolve();

  constructor(work: Work, effects: StepsEffects) {
    this.#work = work;
    this.#effects = effects;
  }

  /** There may be something to do. Callers share one run. */
  poke(): Promise<void> {
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.#run = this.#take();
    }
    return this.#run;
  }

  /** When the object must be awake even after a crash; Infinity if there is nothing to do. */
  wakeAtMs(): number {
    const nextMs = this.#work.nextAtMs();
    if (nextMs === Number.POSITIVE_INFINITY) return nextMs;
    return Math.max(nextMs, this.#effects.now() + (this.#isRunning ? safetyNetMs : 0));
  }

  async #take(): Promise<void> {
    try {
      for (;;) {
        const nextMs = this.#work.nextAtMs();
        if (nextMs === Number.POSITIVE_INFINITY) return;
        const waitMs = nextMs - this.#effects.now();
        if (waitMs > sleepMaxMs) {
          this.#effects.wakeBy(nextMs);
          return;
        }
        if (waitMs > 0) await this.#effects.sleep(waitMs);
        else await this.#work.step();
      }
    } finally {
      // In the same step as the decision to end, so that no poke falls in between.
      this.#isRunning = false;
    }
  }
}
