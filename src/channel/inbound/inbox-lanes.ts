import { Heap } from "../../storage/heap.ts";

/** Facts that are applied one after the other. Lanes do not wait for each other. */
export interface Lane {
  readonly name: string;
  /** Rows of the inbox, in order of arrival. */
  seqs: number[];
  /** Failed attempts in a row. */
  attempts: number;
}

interface Entry extends Lane {
  phase: "ready" | "waiting" | "busy";
  /** Tells the heap entry that counts from those it replaced. */
  stamp: number;
}

/** The order in which an inbox is worked on: the lane that waited longest first, one worker in a lane. */
export class Lanes {
  readonly #lanes = new Map<string, Entry>();
  readonly #ready = new Set<Entry>();
  readonly #waiting = new Heap<{ lane: Entry; stamp: number; readyAtMs: number }>(
    (a, b) => a.readyAtMs < b.readyAtMs,
  );

  /** Lanes with something in them. */
  get size(): number {
    return this.#lanes.size;
  }

  /** `readyAtMs` counts only if the lane was empty. */
  add(name: string, seq: number, readyAtMs = 0): void {
    const known = this.#lanes.get(name);
    if (known !== undefined) {
      known.seqs.push(seq);
      return;
    }
    const lane: Entry = { name, seqs: [seq], attempts: 0, phase: "waiting", stamp: 0 };
    this.#lanes.set(name, lane);
    this.#wait(lane, readyAtMs);
  }

  find(name: string): Lane | undefined {
    return this.#lanes.get(name);
  }

  /** The next lane to work on; it is busy until `done` or `putOff`. */
  take(nowMs: number): Lane | undefined {
    this.#promote(nowMs);
    for (const lane of this.#ready) {
      this.#ready.delete(lane);
      lane.phase = "busy";
      return lane;
    }
    return undefined;
  }

  /** These facts are settled; the rest of the lane has its turn again. */
  done(name: string, seqs: readonly number[]): void {
    const lane = this.#lanes.get(name);
    if (lane === undefined) return;
    lane.seqs = lane.seqs.filter((seq) => !seqs.includes(seq));
    lane.attempts = 0;
    if (lane.seqs.length > 0) {
      this.#makeReady(lane);
      return;
    }
    lane.stamp += 1;
    this.#lanes.delete(name);
    this.#ready.delete(lane);
  }

  /** An attempt failed: the lane waits. */
  putOff(name: string, readyAtMs: number): void {
    const lane = this.#lanes.get(name);
    if (lane === undefined) return;
    lane.attempts += 1;
    this.#wait(lane, readyAtMs);
  }

  /** When the next lane is ready: 0 if one is, Infinity if none waits. Busy ones do not count. */
  nextReadyAtMs(): number {
    if (this.#ready.size > 0) return 0;
    this.#discardStale();
    return this.#waiting.peek()?.readyAtMs ?? Number.POSITIVE_INFINITY;
  }

  #wait(lane: Entry, readyAtMs: number): void {
    lane.phase = "waiting";
    lane.stamp += 1;
    this.#waiting.push({ lane, stamp: lane.stamp, readyAtMs });
  }

  #makeReady(lane: Entry): void {
    lane.phase = "ready";
    lane.stamp += 1;
    this.#ready.add(lane);
  }

  #promote(nowMs: number): void {
    for (;;) {
      this.#discardStale();
      const next = this.#waiting.peek();
      if (next === undefined || next.readyAtMs > nowMs) return;
      this.#waiting.pop();
      this.#makeReady(next.lane);
    }
  }

  #discardStale(): void {
    for (let top = this.#waiting.peek(); top?.stamp !== top?.lane.stamp; top = this.#waiting.peek()) {
      this.#waiting.pop();
    }
  }
}
