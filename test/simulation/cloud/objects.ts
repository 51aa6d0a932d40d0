import type { Chance } from "../kernel/random.ts";
import type { Timeline } from "../kernel/timeline.ts";
import type { Trace } from "../kernel/trace.ts";
import type { Faults } from "../faults/faults.ts";
import { Alarms } from "./alarms.ts";
import { Disk } from "./disk.ts";
import { type Callable, Instance, type InstanceHost, type ObjectRecord } from "./instance.ts";
import { contextOf } from "./context.ts";

/** An object that nobody calls for so long leaves the memory; the platform says 10 s and more. */
const idleMs = 10_000;
/** How long alarms wait after a crash. */
const restMs = { least: 50, most: 2_000 };
/** How long a write takes to be durable, usually and under load. */
const flushMs = { typical: 1, longest: 40, slow: 3_000 };

/** How the host makes objects, and whom it tells. */
export interface ObjectsSetup {
  construct(className: string, context: unknown, instance: Instance): Callable;
  /** A turn's writes have become durable. */
  committed(record: ObjectRecord): void;
}

/** All Durable Objects: loads them when they are called, lets them go, has them crash, and keeps their disks. */
export class Objects implements InstanceHost {
  readonly records = new Map<string, ObjectRecord>();
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #trace: Trace;
  readonly #faults: Faults;
  readonly #setup: ObjectsSetup;
  readonly #alarms: Alarms;

  constructor(timeline: Timeline, chance: Chance, trace: Trace, faults: Faults, setup: ObjectsSetup) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#trace = trace;
    this.#faults = faults;
    this.#setup = setup;
    this.#alarms = new Alarms(timeline, trace, faults, (...call) => this.deliver(...call));
  }

  record(className: string, name: string): ObjectRecord {
    const label = `${className} ${name}`;
    const known = this.records.get(label);
    if (known !== undefined) return known;
    const record: ObjectRecord = {
      className,
      name,
      label,
      disk: new Disk(() => this.#faults.strikes("statement-fails", label)),
      random: this.#chance.stream(label),
      sockets: new Set(),
      instance: undefined,
      lastCalledAtMs: this.#timeline.nowMs,
      restsUntilMs: 0,
    };
    this.records.set(label, record);
    return record;
  }

  of(className: string): ObjectRecord[] {
    return [...this.records.values()].filter((record) => record.className === className);
  }

  /**
   * Gives an object something to do; this turn becomes its own. `fail`: it could not begin, or died before `run`.
   */
  deliver(record: ObjectRecord, run: (instance: Instance) => void, fail: (error: Error) => void): void {
    const known = record.instance;
    if (known?.isIdle === true && this.#timeline.nowMs - record.lastCalledAtMs > idleMs) this.evict(record);
    record.lastCalledAtMs = this.#timeline.nowMs;
    const instance = record.instance ?? new Instance(this.#timeline, record, this);
    this.#timeline.become(instance);
    if (record.instance === undefined) {
      record.instance = instance;
      try {
        instance.object = this.#setup.construct(record.className, contextOf(instance, record), instance);
      } catch (error) {
        this.#timeline.at(this.#timeline.nowMs, undefined, () => fail(error as Error));
        this.kill(instance, `could not begin: ${String(error)}`);
        return;
      }
    }
    const pending = { fail };
    instance.pending.add(pending);
    instance.whenBegun(() => {
      instance.pending.delete(pending);
      run(instance);
    });
  }

  /** The memory goes; nothing else does. */
  evict(record: ObjectRecord): void {
    const { instance } = record;
    if (instance === undefined) return;
    instance.isAlive = false;
    record.instance = undefined;
  }

  /** The memory goes with everything under way. Its sockets break. */
  kill(instance: Instance, why: string): void {
    if (!instance.isAlive) return;
    const { record } = instance;
    this.#trace.add(this.#timeline.nowMs, "story", `! ${record.label} dies: ${why}`);
    this.#faults.lastAtMs = this.#timeline.nowMs;
    instance.isAlive = false;
    record.instance = undefined;
    record.disk.rollback();
    record.restsUntilMs = this.#timeline.nowMs + record.random.between(restMs.least, restMs.most);
    const error = Object.assign(new Error(`the object died: ${why}`), { retryable: true });
    for (const pending of instance.pending) pending.fail(error);
    for (const socket of record.sockets) socket.orphan();
    record.sockets.clear();
    this.#alarms.plan(record);
  }

  crash(record: ObjectRecord, why: string): void {
    if (record.instance !== undefined) this.kill(record.instance, why);
  }

  settle(instance: Instance): number {
    const { record } = instance;
    if (!instance.isAlive) return 0;
    if (record.disk.isDirty) {
      if (this.#faults.strikes("commit-fails", record.label)) {
        this.kill(instance, "its writes were lost");
        return 0;
      }
      record.disk.commit();
      this.#alarms.plan(record);
      const slowMs = this.#faults.slowness("flush-slow", record.label, flushMs.slow);
      const durableAtMs =
        this.#timeline.nowMs + slowMs + record.random.delay(flushMs.typical, flushMs.longest);
      instance.opensAtMs = Math.max(instance.opensAtMs, durableAtMs);
      this.#setup.committed(record);
    }
    if (this.#faults.strikes("crash", record.label)) this.kill(instance, "it crashed");
    return instance.opensAtMs;
  }

  close(): void {
    for (const { disk } of this.records.values()) disk.close();
  }
}
