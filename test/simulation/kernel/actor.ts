import type { Random } from "./random.ts";
import type { Happening, Timeline } from "./timeline.ts";

/** How the answer to a question comes back, at a time of its own. The first one that arrives counts. */
export interface Answer<Value> {
  resolve(value: Value, atMs: number): void;
  reject(error: Error, atMs: number): void;
}

/**
 * Somebody who does something: an instance of an object, a run of the Worker, a shopper. What it asks of the world is
 * answered only while it lives; when it dies, everything it waits for simply never comes.
 */
export class Actor {
  readonly name: string;
  readonly random: Random;
  isAlive = true;
  /** Answers and timers it waits for. */
  waiting = 0;
  protected readonly timeline: Timeline;
  #outputs: (() => void)[] = [];

  constructor(timeline: Timeline, name: string, random: Random) {
    this.timeline = timeline;
    this.name = name;
    this.random = random;
  }

  /** Something leaves: when the turn is over, and what was written by then is durable. */
  emit(output: () => void): void {
    this.#outputs.push(output);
  }

  /** Asks something of the world; `begin` runs when the question leaves. */
  ask<Value>(begin: (answer: Answer<Value>) => void): Promise<Value> {
    this.waiting += 1;
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      const once = (atMs: number, settle: () => void) => {
        this.timeline.at(atMs, this, () => {
          if (isAnswered) return;
          isAnswered = true;
          this.waiting -= 1;
          settle();
        });
      };
      const answer: Answer<Value> = {
        resolve: (value, atMs) => once(atMs, () => resolve(value)),
        reject: (error, atMs) => once(atMs, () => reject(error)),
      };
      this.emit(() => begin(answer));
    });
  }

  timer(ms: number, run: () => void): Happening {
    this.waiting += 1;
    return this.timeline.after(Math.max(0, ms), this, () => {
      this.waiting -= 1;
      run();
    });
  }

  cancel(timer: Happening): void {
    if (timer.run === undefined) return;
    this.waiting -= 1;
    timer.run = undefined;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.timer(ms, resolve);
    });
  }

  endTurn(): void {
    const opensAtMs = this.settle();
    const outputs = this.#outputs;
    if (outputs.length === 0) return;
    this.#outputs = [];
    if (!this.isAlive) return;
    if (opensAtMs <= this.timeline.nowMs) for (const output of outputs) output();
    else {
      this.timeline.at(opensAtMs, this, () => {
        for (const output of outputs) output();
      });
    }
  }

  /** Ends the writes of a turn. Answers when everything written so far is durable. */
  protected settle(): number {
    return 0;
  }
}
