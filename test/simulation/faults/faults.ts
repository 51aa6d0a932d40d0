import type { Chance } from "../kernel/random.ts";
import type { Timeline } from "../kernel/timeline.ts";
import type { Trace } from "../kernel/trace.ts";

/** Everything that may go wrong by chance, by the place where it does. */
export const faultKinds = [
  // Between objects.
  "call-lost",
  "answer-lost",
  "call-slow",
  // In an object and on its disk.
  "statement-fails",
  "commit-fails",
  "flush-slow",
  "crash",
  // Alarms.
  "alarm-late",
  "alarm-twice",
  // The queue.
  "send-fails",
  "send-unsure",
  "message-slow",
  "message-twice",
  // The Worker: all of its runs with its memory, or one run alone.
  "worker-dies",
  "run-cut",
  // D1.
  "d1-fails",
  "d1-unsure",
  "d1-slow",
  // Between the service and its callers.
  "request-lost",
  "response-lost",
  "socket-cut",
  // Channels.
  "channel-throttles",
  "channel-fails",
  "channel-unsure",
  "channel-slow",
  "channel-rejects",
  "channel-forgets",
  "report-twice",
  "report-late",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A time in which some things go wrong with a probability. */
export interface Weather {
  readonly kinds: readonly FaultKind[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly probability: number;
}

/** A fault that happened. The id names the same occasion in a repeated run. */
export interface Injected {
  readonly id: string;
  readonly atMs: number;
}

/** Decides what goes wrong. Every place has a chance of its own, so that one fault less changes no other. */
export class Faults {
  readonly injected: Injected[] = [];
  /** When something went wrong last, by chance or by a blow. */
  lastAtMs = 0;
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #trace: Trace;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #probability = new Map<FaultKind, number>();
  readonly #occasions = new Map<string, number>();
  readonly #weather: Weather[] = [];

  /** `only`: of all faults that would happen, just these do. */
  constructor(timeline: Timeline, chance: Chance, trace: Trace, only?: ReadonlySet<string>) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#trace = trace;
    this.#only = only;
  }

  /** Whether something has gone wrong at a place so far. */
  has(kind: FaultKind, place: string): boolean {
    return this.injected.some(({ id }) => id.startsWith(`${kind} ${place} #`));
  }

  expect(weather: Weather): void {
    this.#timeline.at(weather.fromMs, undefined, () => {
      this.#weather.push(weather);
      this.#settle();
    });
    this.#timeline.at(weather.untilMs, undefined, () => {
      this.#weather.splice(this.#weather.indexOf(weather), 1);
      this.#settle();
    });
  }

  /** Whether it goes wrong this time. */
  strikes(kind: FaultKind, place: string): boolean {
    const probability = this.#probability.get(kind);
    if (probability === undefined) return false;
    const where = `${kind} ${place}`;
    const occasion = (this.#occasions.get(where) ?? 0) + 1;
    this.#occasions.set(where, occasion);
    if (!this.#chance.stream(where).chance(probability)) return false;
    const id = `${where} #${occasion}`;
    if (this.#only !== undefined && !this.#only.has(id)) return false;
    this.injected.push({ id, atMs: this.#timeline.nowMs });
    this.lastAtMs = this.#timeline.nowMs;
    this.#trace.add(this.#timeline.nowMs, "story", `! ${id}`);
    return true;
  }

  /** How long something takes that is slow this time; 0 if it is not. */
  slowness(kind: FaultKind, place: string, longestMs: number): number {
    return this.strikes(kind, place) ? this.#chance.stream(`${kind} by ${place}`).between(1, longestMs) : 0;
  }

  #settle(): void {
    this.#probability.clear();
    for (const { kinds, probability } of this.#weather) {
      for (const kind of kinds) {
        this.#probability.set(kind, Math.max(probability, this.#probability.get(kind) ?? 0));
      }
    }
  }
}
