import { cloned } from "./clone.ts";
import type { Faults } from "../faults/faults.ts";
import type { Actor } from "../kernel/actor.ts";
import type { Random } from "../kernel/random.ts";
import type { Timeline } from "../kernel/timeline.ts";
import type { Trace } from "../kernel/trace.ts";

const wayMs = { typical: 2, longest: 100, slow: 120_000 };

/** As in wrangler.toml. */
export interface QueueSetup {
  readonly name: string;
  readonly batchMax: number;
  readonly batchTimeoutMs: number;
  readonly retriesMax: number;
  /** Runs of the consumer at once. */
  readonly consumersMax: number;
}

interface Waiting {
  readonly id: string;
  readonly body: unknown;
  attempts: number;
}

/** What a run of the consumer is given. */
export interface Batch {
  readonly queue: string;
  readonly messages: readonly { readonly id: string; readonly body: unknown; readonly attempts: number }[];
}

export interface QueueWorld {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly faults: Faults;
  readonly trace: Trace;
  /** Runs the consumer; `ended` is told whether it came to an end without an error. */
  consume(batch: Batch, ended: (isOk: boolean) => void): void;
  /** A message that was retried too often; undefined: it is lost. */
  readonly deadLetters?: SimulatedQueue | undefined;
}

/** A queue: at least once, in any order, in batches; what fails too often goes to the dead letters. */
export class SimulatedQueue {
  readonly #setup: QueueSetup;
  readonly #world: QueueWorld;
  #waiting: Waiting[] = [];
  #running = 0;
  #messages = 0;
  #isPlanned = false;

  constructor(setup: QueueSetup, world: QueueWorld) {
    this.#setup = setup;
    this.#world = world;
  }

  /** The binding of one caller. */
  for(caller: Actor) {
    return {
      send: (body: unknown) => this.#send(caller, [body]),
      sendBatch: (messages: readonly { body: unknown }[]) =>
        this.#send(
          caller,
          messages.map(({ body }) => body),
        ),
    };
  }

  /** Whether nothing is on its way to the consumer. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#running === 0;
  }

  /** What waits is gone: a queue that lived in the memory of a process that ended. */
  forget(): void {
    this.#waiting = [];
  }

  take(body: unknown): void {
    const { timeline, random, faults } = this.#world;
    const { name } = this.#setup;
    this.#messages += 1;
    const id = `${name}-${this.#messages}`;
    const times = faults.strikes("message-twice", name) ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const ms =
        random.delay(wayMs.typical, wayMs.longest) + faults.slowness("message-slow", name, wayMs.slow);
      timeline.after(ms, undefined, () => this.#arrive({ id, body, attempts: 0 }));
    }
  }

  #send(caller: Actor, bodies: readonly unknown[]): Promise<void> {
    const { timeline, random, faults } = this.#world;
    const { name } = this.#setup;
    const sent = bodies.map(cloned);
    return caller.ask<void>((answer) => {
      const atMs = timeline.nowMs + random.delay(wayMs.typical, wayMs.longest);
      if (faults.strikes("send-fails", name)) return answer.reject(new Error("Queue send failed"), atMs);
      for (const body of sent) this.take(body);
      if (faults.strikes("send-unsure", name)) answer.reject(new Error("Queue send timed out"), atMs);
      else answer.resolve(undefined, atMs);
    });
  }

  #arrive(message: Waiting): void {
    this.#waiting.push(message);
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned || this.#waiting.length === 0 || this.#running >= this.#setup.consumersMax) return;
    this.#isPlanned = true;
    this.#world.timeline.after(this.#setup.batchTimeoutMs, undefined, () => {
      this.#isPlanned = false;
      this.#run(this.#waiting.splice(0, this.#setup.batchMax));
      this.#plan();
    });
  }

  #run(messages: Waiting[]): void {
    if (messages.length === 0) return;
    this.#running += 1;
    const { name } = this.#setup;
    const retries = new Map<Waiting, number>();
    const acked = new Set<Waiting>();
    for (const message of messages) message.attempts += 1;
    const ackAll = () => {
      for (const message of messages) acked.add(message);
    };
    const batch = {
      queue: name,
      ackAll,
      messages: messages.map((message) => ({
        id: message.id,
        body: cloned(message.body),
        attempts: message.attempts,
        ack: () => acked.add(message),
        retry: ({ delaySeconds = 0 }: { delaySeconds?: number } = {}) =>
          retries.set(message, delaySeconds * 1_000),
      })),
    };
    this.#world.consume(batch, (isOk) => {
      this.#running -= 1;
      for (const message of messages) {
        if (retries.has(message)) this.#again(message, retries.get(message) ?? 0);
        // What was acknowledged in a run that died may come again all the same.
        else if (!isOk && (!acked.has(message) || this.#world.random.chance(0.5))) this.#again(message, 0);
      }
      this.#plan();
    });
  }

  #again(message: Waiting, delayMs: number): void {
    const { timeline, random, trace, deadLetters } = this.#world;
    if (message.attempts > this.#setup.retriesMax) {
      trace.add(timeline.nowMs, "story", `! message ${message.id} is given up`);
      deadLetters?.take(message.body);
      return;
    }
    timeline.after(delayMs + random.delay(wayMs.typical, wayMs.longest), undefined, () =>
      this.#arrive(message),
    );
  }
}
