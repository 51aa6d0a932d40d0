import { type Backoff, fullJitter } from "../../storage/backoff.ts";
import type { PublishResult } from "../kit/adapter.ts";
import type { Gate } from "./gate.ts";
import type { Sent } from "../listings/answers.ts";
import type { Schedule } from "../listings/schedule.ts";
import { Signal } from "../../storage/signal.ts";

/** How long a listing rests after a failed attempt. */
const retryBackoff: Backoff = { baseMs: 500, maxMs: 60_000 };

/** Shorter waits are slept through; longer ones go to the alarm, so that the object may leave the memory. */
const sleepMaxMs = 1_000;

/** How long listings rest whose results could not be stored. */
const storeFailureRestMs = 1_000;

/** A listing as it was sent, and what the channel said. */
export interface Outcome {
  readonly sent: Sent;
  readonly result: PublishResult;
  /** Until when it rests if it has to. */
  readonly restUntilMs: number;
}

/** What is handed out of what is due. */
export interface Loaded {
  readonly ready: readonly Sent[];
  /** Due, and not to be sent until something changes. */
  readonly parked: readonly string[];
}

export interface DrainEffects {
  now(): number;
  random(): number;
  sleep(ms: number): Promise<void>;
  /** Calls `poke` at that time or earlier, even after a crash. */
  wakeBy(atMs: number): void;
  isPaused(): boolean;
  /** The newest state of listings; those that are not due any more are left out. */
  load(skus: readonly string[]): Loaded;
  publish(sent: readonly Sent[]): Promise<PublishResult[]>;
  /** Stores what the channel answered (all but `retry` and `gone`) in one transaction and tells the schedule. */
  record(outcomes: readonly Outcome[], nowMs: number): void;
  /** A call failed, in the channel's own words. */
  failed(detail: string, nowMs: number): void;
  /** What the gate remembers may have changed, and must outlive a restart. */
  saveHealth(): void;
  pause(reason: string): void;
}

interface Call {
  readonly sent: readonly Sent[];
  readonly results: readonly PublishResult[];
  readonly isProbe: boolean;
}

/**
 * Publishes due listings until none is left or a longer wait is ahead. Knows nothing of Durable Objects. Starts a
 * call as soon as one may start: batches form by themselves, because calls at once are limited.
 */
export class Drain {
  readonly #schedule: Schedule;
  readonly #gate: Gate;
  readonly #effects: DrainEffects;
  readonly #signal = new Signal();
  #isRunning = false;
  #run: Promise<void> = Promise.resolve();
  #callsInFlight = 0;
  #finished: Call[] = [];
  #sleepsUntilMs = Number.POSITIVE_INFINITY;

  constructor(schedule: Schedule, gate: Gate, effects: DrainEffects) {
    this.#schedule = schedule;
    this.#gate = gate;
    this.#effects = effects;
  }

  /** Something may be due. Callers share one run, which ends when there is nothing to do for a while. */
  poke(): Promise<void> {
    if (this.#isRunning) {
      this.#signal.notify();
    } else {
      this.#isRunning = true;
      this.#run = this.#drain();
    }
    return this.#run;
  }

  /** When the next call may start: at or before now if one may, Infinity if none is waited for. */
  nextCallAtMs(nowMs: number): number {
    if (this.#effects.isPaused() || this.#callsInFlight >= this.#gate.limits.concurrency) {
      return Number.POSITIVE_INFINITY;
    }
    const readyAtMs = this.#isProbeNext ? this.#schedule.nextProbeAtMs() : this.#schedule.nextReadyAtMs();
    return Math.max(readyAtMs, this.#gate.nextCallAtMs(nowMs));
  }

  get #isProbeNext(): boolean {
    return this.#gate.breaker === "open";
  }

  get isCalling(): boolean {
    return this.#callsInFlight > 0;
  }

  async #drain(): Promise<void> {
    try {
      for (;;) {
        this.#finishCalls();
        this.#startCalls();
        const nowMs = this.#effects.now();
        const nextMs = this.nextCallAtMs(nowMs);
        const isNear = nextMs - nowMs <= sleepMaxMs;
        if (isNear) this.#sleepUntil(nextMs, nowMs);
        else if (nextMs !== Number.POSITIVE_INFINITY) this.#effects.wakeBy(nextMs);
        if (!isNear && !this.isCalling && this.#finished.length === 0) return;
        await this.#signal.next();
      }
    } finally {
      // In the same step as the decision to end, so that no poke falls in between.
      this.#isRunning = false;
    }
  }

  #startCalls(): void {
    for (;;) {
      const nowMs = this.#effects.now();
      if (this.nextCallAtMs(nowMs) > nowMs) return;
      const sent = this.#take(nowMs);
      if (sent.length === 0) continue;
      const isProbe = this.#gate.start(nowMs);
      this.#callsInFlight += 1;
      void this.#call(sent, isProbe);
    }
  }

  #take(nowMs: number): readonly Sent[] {
    const { batchMax } = this.#gate.limits;
    const skus = this.#isProbeNext
      ? this.#schedule.takeProbe(batchMax, nowMs)
      : this.#schedule.take(batchMax, nowMs);
    try {
      const { ready, parked } = this.#effects.load(skus);
      const gone = new Set(skus);
      for (const { listing } of ready) gone.delete(listing.sku);
      for (const sku of parked) {
        gone.delete(sku);
        this.#schedule.park(sku);
      }
      for (const sku of gone) this.#schedule.settle(sku, undefined, false);
      return ready;
    } catch (error) {
      for (const sku of skus) this.#schedule.putOff(sku, nowMs + storeFailureRestMs, true);
      throw error;
    }
  }

  /** Never rejects. Results are taken in by the run, those that come together in one transaction. */
  async #call(sent: readonly Sent[], isProbe: boolean): Promise<void> {
    let results: readonly PublishResult[];
    try {
      results = await this.#effects.publish(sent);
    } catch (error) {
      // An adapter's bug must not stop the channel for good.
      results = sent.map(() => ({ outcome: "retry", detail: `publishing failed: ${String(error)}` }));
    }
    this.#callsInFlight -= 1;
    this.#finished.push({ sent, results, isProbe });
    this.#signal.notify();
  }

  #finishCalls(): void {
    const calls = this.#finished;
    if (calls.length === 0) return;
    this.#finished = [];
    const nowMs = this.#effects.now();
    const outcomes = calls.flatMap((call) => this.#outcomesOf(call, nowMs));
    const answered = outcomes.filter(({ result }) => result.outcome !== "retry" && result.outcome !== "gone");
    for (const { sent, result, restUntilMs } of outcomes) {
      if (result.outcome !== "retry" && result.outcome !== "gone") continue;
      // A channel that asks for silence has looked at nothing.
      const isUnchanged = result.outcome === "retry" && result.retryAfterMs !== undefined;
      this.#schedule.putOff(sent.listing.sku, restUntilMs, isUnchanged);
    }
    this.#judge(calls, nowMs);
    try {
      if (answered.length > 0) this.#effects.record(answered, nowMs);
    } catch (error) {
      for (const { sent } of answered) this.#schedule.putOff(sent.listing.sku, nowMs + storeFailureRestMs);
      throw error;
    }
    // These can fail like any write, and only now no listing counts as in flight any more.
    this.#effects.saveHealth();
    const [because] = outcomes.flatMap(({ result }) => (result.outcome === "gone" ? [result.detail] : []));
    if (because !== undefined) this.#effects.pause(because);
  }

  /** Tells the gate how the calls went, in the order in which they ended. */
  #judge(calls: readonly Call[], nowMs: number): void {
    const wasOpen = this.#gate.memory.open !== undefined;
    for (const call of calls) {
      const retries = call.results.filter((result) => result.outcome === "retry");
      // A channel that took or refused even one publication is there.
      if (retries.length < call.sent.length) this.#gate.succeeded();
      else this.#gate.failed(call.isProbe, nowMs, this.#effects.random());
      for (const { retryAfterMs } of retries)
        if (retryAfterMs !== undefined) this.#gate.hold(retryAfterMs, nowMs);
      for (const result of call.results) if ("detail" in result) this.#effects.failed(result.detail, nowMs);
    }
    // What waited because of the channel's trouble goes now, in full batches.
    if (wasOpen && this.#gate.memory.open === undefined) this.#schedule.recovered();
  }

  /** Pairs the listings of a call with their results; an answer that says nothing of a listing leaves it due. */
  #outcomesOf({ sent, results }: Call, nowMs: number): Outcome[] {
    const missing: PublishResult = {
      outcome: "retry",
      detail: "the channel's answer does not mention this listing",
    };
    return sent.map((each, index) => {
      const attempts = this.#schedule.attempts(each.listing.sku);
      const restUntilMs = nowMs + fullJitter(retryBackoff, attempts, this.#effects.random());
      return { sent: each, result: results[index] ?? missing, restUntilMs };
    });
  }

  /** Wakes the run then; one sleep at a time, the earliest. */
  #sleepUntil(atMs: number, nowMs: number): void {
    if (atMs >= this.#sleepsUntilMs) return;
    this.#sleepsUntilMs = atMs;
    void this.#sleep(atMs, Math.max(1, atMs - nowMs));
  }

  async #sleep(untilMs: number, ms: number): Promise<void> {
    await this.#effects.sleep(ms);
    if (this.#sleepsUntilMs === untilMs) this.#sleepsUntilMs = Number.POSITIVE_INFINITY;
    this.#signal.notify();
  }
}
