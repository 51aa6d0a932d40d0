import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { RunOptions, RunResult } from "../world.ts";

export type PoolRun = Omit<RunOptions, "realm">;

/** What a thread is told to do. `script`: only if it is another one than before. */
export interface Order {
  readonly script?: string;
  readonly options: PoolRun;
}

export type Report = { readonly result: RunResult } | { readonly error: string };

interface Thread {
  readonly worker: Worker;
  script: string | undefined;
}

/** Threads that run plans, one each at a time. What comes of a run does not depend on the thread. */
export class Pool {
  readonly size: number;
  readonly #free: Thread[];
  readonly #all: readonly Thread[];
  readonly #waiting: ((thread: Thread) => void)[] = [];

  constructor(size: number) {
    this.size = size;
    const file = join(import.meta.dirname, "worker.ts");
    this.#all = Array.from({ length: size }, () => ({ worker: new Worker(file), script: undefined }));
    this.#free = [...this.#all];
  }

  /** Runs a plan with a script of `bundleProduct`, as soon as a thread is free. */
  async run(script: string, options: PoolRun): Promise<RunResult> {
    const thread = await this.#take(script);
    try {
      const isKnown = thread.script === script;
      thread.script = script;
      const report = await asked(thread.worker, { ...(!isKnown && { script }), options });
      if ("error" in report) throw new Error(report.error);
      return report.result;
    } finally {
      this.#give(thread);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(({ worker }) => worker.terminate()));
  }

  /** One that has the script already, if it is free: loading takes longer than a short run. */
  #take(script: string): Promise<Thread> {
    const index = Math.max(
      0,
      this.#free.findIndex((thread) => thread.script === script),
    );
    const [thread] = this.#free.splice(index, 1);
    if (thread !== undefined) return Promise.resolve(thread);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #give(thread: Thread): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(thread);
    else next(thread);
  }
}

function asked(worker: Worker, order: Order): Promise<Report> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      worker.off("message", told);
      worker.off("error", failed);
      then();
    };
    const told = (report: Report) => settle(() => resolve(report));
    const failed = (error: Error) => settle(() => reject(error));
    worker.on("message", told);
    worker.on("error", failed);
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(order);
  });
}
