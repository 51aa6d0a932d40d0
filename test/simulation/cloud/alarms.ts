import type { Faults } from "../faults/faults.ts";
import { settled } from "../kernel/settled.ts";
import type { Happening, Timeline } from "../kernel/timeline.ts";
import type { Trace } from "../kernel/trace.ts";
import type { Instance, ObjectRecord } from "./instance.ts";

/** An alarm that threw is tried again so often, each time after twice the time; those that died with their object count not. */
const throwsMax = 6;
const retryMs = { first: 2_000, longest: 128_000 };
/** How late an alarm is, usually and in bad times. */
const lateMs = { typical: 2, longest: 100, slow: 240_000 };

interface Failures {
  readonly all: number;
  /** Of them, those in which the handler itself threw. */
  readonly thrown: number;
}

interface Plan {
  readonly atMs: number;
  readonly happening: Happening;
}

/** Delivers a call to an object. */
export type Deliver = (
  record: ObjectRecord,
  run: (instance: Instance) => void,
  fail: (error: Error) => void,
) => void;

/** The alarms of all objects: at least once, never early, sometimes late, again after a failure. */
export class Alarms {
  readonly #timeline: Timeline;
  readonly #trace: Trace;
  readonly #faults: Faults;
  readonly #deliver: Deliver;
  readonly #plans = new Map<ObjectRecord, Plan>();
  readonly #failures = new Map<ObjectRecord, Failures>();

  constructor(timeline: Timeline, trace: Trace, faults: Faults, deliver: Deliver) {
    this.#timeline = timeline;
    this.#trace = trace;
    this.#faults = faults;
    this.#deliver = deliver;
  }

  /** Follows what an object's disk says now. */
  plan(record: ObjectRecord): void {
    const { alarmAtMs } = record.disk;
    const plan = this.#plans.get(record);
    if (plan?.atMs === alarmAtMs) return;
    if (plan !== undefined) plan.happening.run = undefined;
    this.#plans.delete(record);
    if (alarmAtMs === undefined) return;
    const late =
      record.random.delay(lateMs.typical, lateMs.longest) +
      this.#faults.slowness("alarm-late", record.label, lateMs.slow);
    const happening = this.#timeline.at(Math.max(alarmAtMs, record.restsUntilMs) + late, undefined, () => {
      this.#plans.delete(record);
      record.disk.takeAlarm();
      this.#fire(record);
    });
    this.#plans.set(record, { atMs: alarmAtMs, happening });
  }

  #fire(record: ObjectRecord, isRepetition = false): void {
    this.#trace.add(this.#timeline.nowMs, "detail", `alarm of ${record.label}`);
    this.#deliver(
      record,
      (instance) => {
        const pending = { fail: () => this.#failed(record, 0) };
        instance.pending.add(pending);
        const leave = (run: () => void) =>
          instance.emit(() => {
            instance.pending.delete(pending);
            run();
          });
        void settled(() => instance.object["alarm"]?.(), {
          done: () => leave(() => (isRepetition ? undefined : this.#repeat(record))),
          failed: () => leave(() => this.#failed(record, 1)),
        });
      },
      () => this.#failed(record, 0),
    );
  }

  /** One that went well may come once more. */
  #repeat(record: ObjectRecord): void {
    this.#failures.delete(record);
    if (!this.#faults.strikes("alarm-twice", record.label)) return;
    this.#timeline.after(record.random.between(0, 50), undefined, () => this.#fire(record, true));
  }

  /** `thrown`: 1 if it was the handler's own fault. A reset of the object does not use up the platform's patience. */
  #failed(record: ObjectRecord, thrown: 0 | 1): void {
    // One that was set meanwhile takes its place.
    if (record.disk.alarmAtMs !== undefined) return this.plan(record);
    const before = this.#failures.get(record) ?? { all: 0, thrown: 0 };
    if (before.thrown + thrown > throwsMax) {
      this.#failures.delete(record);
      this.#trace.add(this.#timeline.nowMs, "story", `! the alarm of ${record.label} is given up`);
      return;
    }
    this.#failures.set(record, { all: before.all + 1, thrown: before.thrown + thrown });
    const waitMs = Math.min(retryMs.longest, retryMs.first * 2 ** before.all);
    this.#timeline.after(waitMs, undefined, () => this.#fire(record));
  }
}
