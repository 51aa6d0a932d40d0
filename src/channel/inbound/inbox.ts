import { unreachable } from "../../stock/refusal.ts";
import { type Backoff, fullJitter } from "../../storage/backoff.ts";
import { ChannelUnreadableError } from "../kit/adapter.ts";
import type { ChannelFact } from "../kit/inbound.ts";
import { type Lane, Lanes } from "./inbox-lanes.ts";
import type { KeptFact } from "../contract.ts";
import type { InboxStore } from "./inbox-store.ts";
import { FactApplier, type FactEffects, type FactTally } from "./inbox-work.ts";
import { skusIn } from "./orders-in.ts";
import { Signal } from "../../storage/signal.ts";

/** Orders that are applied at once. */
const lanesAtOnce = 16;
/** Orders that are looked up at once. */
const lookUpMax = 50;
const retryBackoff: Backoff = { baseMs: 500, maxMs: 300_000 };
/** The longest silence a channel can ask for. */
const restMaxMs = 3_600_000;
/** A level that nothing explains may be a sale whose order is still on its way: it is looked at again after this. */
const levelGraceMs = 15_000;
/** Shorter waits are slept through; longer ones go to the alarm. */
const sleepMaxMs = 1_000;
/** While facts are being applied the alarm is this near, so that a crash costs seconds. */
const safetyNetMs = 5_000;
const hintLane = "hints";

export interface InboxEffects extends Omit<FactEffects, "isStopped"> {
  random(): number;
  sleep(ms: number): Promise<void>;
  /** Makes sure that `poke` is called by then, even after a crash. */
  wakeBy(atMs: number): void;
  /** What was applied may have made listings due. */
  applied(): void;
}

/** What an inbox has seen since its object was last loaded. */
interface InboxTally {
  accepted: number;
  duplicates: number;
  lastFailure?: { readonly detail: string; readonly atMs: number } | undefined;
}

/** How an inbox is doing: what it has done since its object was last loaded, and what is in it. */
export type InboxStatus = Readonly<InboxTally> & Readonly<FactTally> & ReturnType<InboxStore["summary"]>;

/**
 * Keeps what a channel tells, and applies it in the background: facts of one order in order of arrival, those of
 * different orders side by side. Knows nothing of Durable Objects. From the moment an order is kept until its units are
 * in the ledger, the numbers of its SKUs are held down.
 */
export class Inbox {
  readonly #tally: InboxTally = { accepted: 0, duplicates: 0 };
  readonly #effects: InboxEffects;
  readonly #applier: FactApplier;
  readonly #lanes = new Lanes();
  readonly #held = new Map<number, readonly string[]>();
  readonly #signal = new Signal();
  #run: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isStopped = false;
  #busy = 0;
  #sleepsUntilMs = Number.POSITIVE_INFINITY;

  constructor(effects: InboxEffects) {
    this.#effects = effects;
    this.#applier = new FactApplier({ ...effects, isStopped: () => this.#isStopped });
  }

  /** Finds everything that waits, after a start. */
  restore(): void {
    const limit = 500;
    for (let after = 0; ;) {
      const page = this.#effects.store.page({ state: "waiting", after, limit });
      for (const kept of page) this.#enqueue(kept);
      const last = page.at(-1);
      if (last === undefined || page.length < limit) return;
      after = last.seq;
    }
  }

  /**
   * Keeps what a delivery says, durably with what `also` writes; answers how many facts that were. One that came
   * before is not taken again.
   */
  keep(facts: readonly ChannelFact[], dedupeKey?: string, also?: () => void): number {
    const { store } = this.#effects;
    const nowMs = this.#effects.now();
    const kept = this.#effects.transaction(() => {
      also?.();
      store.forgetOldDeliveries(nowMs);
      if (dedupeKey !== undefined && !store.rememberDelivery(dedupeKey, nowMs)) return undefined;
      return facts
        .filter((fact) => fact.type !== "level" || this.#applier.isSuspect(fact))
        .map((fact) => store.add(this.#effects.newId(), fact, nowMs));
    });
    if (kept === undefined) {
      this.#tally.duplicates += 1;
      return 0;
    }
    this.#tally.accepted += facts.length;
    for (const one of kept) this.#enqueue(one);
    return facts.length;
  }

  /** Makes parked facts wait again, one or all; answers how many. */
  replay(seq: number | undefined): number {
    const kept = this.#effects.transaction(() => this.#effects.store.replay(seq));
    for (const one of kept) this.#enqueue(one);
    return kept.length;
  }

  /** Applies what waits; shared, and over when there is nothing to do for a while. */
  poke(): Promise<void> {
    if (this.#isRunning) {
      this.#signal.notify();
    } else if (!this.#isStopped) {
      this.#isRunning = true;
      this.#run = this.#drain();
    }
    return this.#run;
  }

  /** Ends it for good; what is under way ends without effect here. */
  stop(): void {
    this.#isStopped = true;
  }

  status(): InboxStatus {
    return { ...this.#tally, ...this.#applier.tally, ...this.#effects.store.summary() };
  }

  /** When the object must be awake even after a crash; Infinity if nothing waits. */
  wakeAtMs(): number {
    if (this.#lanes.size === 0 || this.#isStopped) return Number.POSITIVE_INFINITY;
    const nextMs = this.#lanes.nextReadyAtMs();
    const soonMs = this.#effects.now() + safetyNetMs;
    return this.#busy === 0 ? Math.max(soonMs, nextMs) : soonMs;
  }

  async #drain(): Promise<void> {
    try {
      while (!this.#isStopped) {
        this.#startLanes();
        const nowMs = this.#effects.now();
        const nextMs = this.#busy < lanesAtOnce ? this.#lanes.nextReadyAtMs() : Number.POSITIVE_INFINITY;
        const isNear = nextMs - nowMs <= sleepMaxMs;
        if (isNear) this.#sleepUntil(nextMs, nowMs);
        else if (nextMs !== Number.POSITIVE_INFINITY) this.#effects.wakeBy(nextMs);
        if (!isNear && this.#busy === 0) return;
        await this.#signal.next();
      }
    } finally {
      // In the same step as the decision to end, so that no poke falls in between.
      this.#isRunning = false;
    }
  }

  #startLanes(): void {
    while (this.#busy < lanesAtOnce) {
      const lane = this.#lanes.take(this.#effects.now());
      if (lane === undefined) return;
      this.#busy += 1;
      void this.#work(lane);
    }
  }

  /** Never rejects: a lane that fails waits, and the others go on. */
  async #work(lane: Lane): Promise<void> {
    try {
      const done = await this.#step(lane);
      if (!this.#isStopped) this.#settle(lane.name, done);
    } catch (error) {
      this.#fail(lane, error);
    }
    this.#busy -= 1;
    this.#signal.notify();
  }

  #settle(name: string, seqs: readonly number[]): void {
    for (const seq of seqs) {
      this.#effects.listener.release(this.#held.get(seq) ?? []);
      this.#held.delete(seq);
    }
    this.#lanes.done(name, seqs);
    this.#effects.applied();
  }

  #fail(lane: Lane, error: unknown): void {
    const nowMs = this.#effects.now();
    const askedMs = error instanceof ChannelUnreadableError ? error.retryAfterMs : undefined;
    const restMs = askedMs ?? fullJitter(retryBackoff, lane.attempts, this.#effects.random());
    this.#lanes.putOff(lane.name, nowMs + Math.min(restMs, restMaxMs));
    this.#tally.lastFailure = { detail: `${lane.name}: ${String(error)}`, atMs: nowMs };
  }

  /** Works on a lane for a step; answers what is settled. */
  async #step(lane: Lane): Promise<readonly number[]> {
    if (lane.name === hintLane) {
      const hints = lane.seqs.slice(0, lookUpMax);
      for (const kept of await this.#applier.lookUp(hints)) this.#enqueue(kept);
      return hints;
    }
    const first = lane.seqs.slice(0, 1);
    for (const seq of first) await this.#applier.apply(seq);
    return first;
  }

  #enqueue({ seq, fact, receivedAtMs }: KeptFact): void {
    switch (fact.type) {
      case "order": {
        const skus = skusIn(fact, this.#effects.directory);
        this.#held.set(seq, skus);
        this.#effects.listener.hold(skus);
        this.#lanes.add(`order ${fact.orderId}`, seq);
        return;
      }
      case "order-hint":
        this.#lanes.add(hintLane, seq);
        return;
      case "level":
        this.#lanes.add(`level ${seq}`, seq, receivedAtMs + levelGraceMs);
        return;
      default:
        unreachable(fact);
    }
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
