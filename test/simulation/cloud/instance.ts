import { Actor } from "../kernel/actor.ts";
import type { Random } from "../kernel/random.ts";
import type { Timeline } from "../kernel/timeline.ts";
import type { Disk } from "./disk.ts";
import type { ServerSocket } from "./sockets.ts";

/** A call that an instance has taken and not answered. */
export interface Pending {
  /** The instance dies before it answers. */
  fail(error: Error): void;
}

/** What the methods of a Durable Object are called through. */
export type Callable = Readonly<Record<string, ((...args: unknown[]) => unknown) | undefined>>;

/** What outlives an object's memory. */
export interface ObjectRecord {
  readonly className: string;
  readonly name: string;
  /** Class and name, for stories and streams of chance. */
  readonly label: string;
  readonly disk: Disk;
  readonly random: Random;
  readonly sockets: Set<ServerSocket>;
  instance: Instance | undefined;
  lastCalledAtMs: number;
  /** After a crash the platform lets alarms wait a little. */
  restsUntilMs: number;
}

/** What its host decides about an instance. */
export interface InstanceHost {
  /** The turn ends: makes its writes durable, or not. Answers when they are. */
  settle(instance: Instance): number;
  /** It cannot go on. */
  kill(instance: Instance, why: string): void;
}

/** An object in memory. */
export class Instance extends Actor {
  readonly record: ObjectRecord;
  readonly pending = new Set<Pending>();
  readonly #host: InstanceHost;
  /** Calls that came while it began. */
  #beginning: (() => void)[] | undefined;
  #object: Callable | undefined;
  /** When everything that was written is durable; what it says waits for that. */
  opensAtMs = 0;

  constructor(timeline: Timeline, record: ObjectRecord, host: InstanceHost) {
    super(timeline, record.label, record.random);
    this.record = record;
    this.#host = host;
  }

  /** Whether nothing would be lost with its memory. */
  get isIdle(): boolean {
    return this.pending.size === 0 && this.waiting === 0;
  }

  get object(): Callable {
    if (this.#object === undefined) throw new Error(`${this.name} has not begun`);
    return this.#object;
  }

  set object(object: Callable) {
    this.#object = object;
  }

  /** Runs now, or as soon as it has begun. */
  whenBegun(run: () => void): void {
    if (this.#beginning === undefined) run();
    else this.#beginning.push(run);
  }

  /** Nothing else reaches it before `run` is done; if that fails, the object is reset, and nobody hears more of it. */
  async blockConcurrencyWhile<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#beginning ??= [];
    let result: Result;
    try {
      result = await run();
    } catch (error) {
      this.#host.kill(this, `could not begin: ${String(error)}`);
      return new Promise(() => undefined);
    }
    const waiting = this.#beginning;
    this.#beginning = undefined;
    for (const begin of waiting) begin();
    return result;
  }

  /** Resolves when everything that was written by now is durable. */
  async durable(): Promise<void> {
    if (!this.record.disk.isDirty && this.opensAtMs <= this.timeline.nowMs) return;
    await this.ask<void>((answer) => answer.resolve(undefined, this.timeline.nowMs));
  }

  protected override settle(): number {
    return this.#host.settle(this);
  }
}
