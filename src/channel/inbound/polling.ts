import { type Backoff, fullJitter } from "../../storage/backoff.ts";
import { ChannelUnreadableError } from "../kit/adapter.ts";
import type { ChannelFact, Polled } from "../kit/inbound.ts";

/** A channel that cannot be asked is asked again at least this often. */
const restMaxMs = 900_000;
/**
 * That a channel had nothing new is noted this often, for a row each: whoever compares its numbers after an eviction must know
 * that it could be asked, or would take what somebody typed in there for a sale that is still to be heard of.
 */
const notedEveryMs = 600_000;
/** The longest silence a channel can ask for. */
const silenceMaxMs = 86_400_000;

/** How far a channel has been asked. A cursor belongs to one destination: another shop counts from elsewhere. */
export interface PollingState {
  readonly cursor: string;
  readonly destination: number;
  readonly atMs: number;
}

/** A channel as far as it can be asked for news. */
export interface Source {
  readonly destination: number;
  readonly everyMs: number;
  poll(cursor: string | undefined): Promise<Polled>;
  acknowledge(receipts: readonly string[]): Promise<void>;
}

export interface PollerEffects {
  now(): number;
  random(): number;
  /** Makes sure that `poke` is called by then, even after a crash. */
  wakeBy(atMs: number): void;
  /** Absent while there is nothing to ask. */
  source(): Source | undefined;
  readState(): PollingState | undefined;
  saveState(state: PollingState): void;
  /** Keeps facts in the inbox, in one transaction with what `also` writes. */
  keep(facts: readonly ChannelFact[], also: () => void): void;
}

export interface PollerStatus {
  readonly lastAtMs?: number | undefined;
  readonly lastFailure?: { readonly detail: string; readonly atMs: number } | undefined;
}

/** While it is asked the alarm is this near, so that a crash costs seconds. */
const safetyNetMs = 5_000;

/**
 * Asks a channel for news again and again. What comes is kept together with the cursor to go on from, and acknowledged
 * only then: whatever crashes in between, the same comes again and nothing is left out.
 */
export class Poller {
  readonly #effects: PollerEffects;
  #run: Promise<void> | undefined;
  #nextAtMs: number | undefined;
  #failures = 0;
  #status: PollerStatus = {};
  #isStopped = false;

  constructor(effects: PollerEffects) {
    this.#effects = effects;
  }

  /** Asks if it is time to; shared. */
  poke(): Promise<void> {
    this.#run ??= this.#poll().finally(() => {
      this.#run = undefined;
    });
    return this.#run;
  }

  /** Asks at once: settings have changed. */
  hurry(): void {
    this.#nextAtMs = 0;
  }

  stop(): void {
    this.#isStopped = true;
  }

  get status(): PollerStatus {
    return this.#status;
  }

  /** When it was asked last with success, as far as is known; undefined if there is nothing to ask. */
  get askedAtMs(): number | undefined {
    const source = this.#effects.source();
    if (source === undefined) return undefined;
    return this.#status.lastAtMs ?? this.#stateAt(source)?.atMs ?? 0;
  }

  /** When `poke` has something to do; Infinity if the channel is not asked. */
  wakeAtMs(): number {
    const source = this.#isStopped ? undefined : this.#effects.source();
    if (source === undefined) return Number.POSITIVE_INFINITY;
    // It is asked now, and wakes itself when it is done; an alarm before that would only ask again and again.
    return Math.max(this.#dueAtMs(source), this.#effects.now() + safetyNetMs);
  }

  async #poll(): Promise<void> {
    for (;;) {
      const source = this.#isStopped ? undefined : this.#effects.source();
      if (source === undefined) return;
      const dueAtMs = this.#dueAtMs(source);
      if (dueAtMs > this.#effects.now()) {
        this.#effects.wakeBy(dueAtMs);
        return;
      }
      // A crash while it asks must not be the end of asking.
      this.#effects.wakeBy(this.#effects.now() + source.everyMs);
      await this.#ask(source);
    }
  }

  /** Never rejects. */
  async #ask(source: Source): Promise<void> {
    try {
      const { destination } = source;
      const known = this.#stateAt(source);
      const before = known?.cursor;
      const { facts, cursor, hasMore, receipts = [] } = await source.poll(before);
      if (this.#isStopped) return;
      const atMs = this.#effects.now();
      const isFurther = cursor !== before;
      const isOld = atMs - (known?.atMs ?? 0) >= notedEveryMs;
      this.#effects.keep(facts, () => {
        if (isFurther || isOld) this.#effects.saveState({ cursor, destination, atMs });
      });
      this.#failures = 0;
      this.#status = { ...this.#status, lastAtMs: atMs };
      // A channel that has more and does not move on would be asked for ever.
      this.#nextAtMs = hasMore && isFurther ? atMs : atMs + source.everyMs;
      if (receipts.length > 0) await source.acknowledge(receipts);
    } catch (error) {
      this.#fail(source, error);
    }
  }

  #fail(source: Source, error: unknown): void {
    const nowMs = this.#effects.now();
    const backoff: Backoff = { baseMs: source.everyMs, maxMs: Math.max(restMaxMs, source.everyMs) };
    const asked = error instanceof ChannelUnreadableError ? error.retryAfterMs : undefined;
    const restMs = source.everyMs / 2 + fullJitter(backoff, this.#failures, this.#effects.random());
    this.#nextAtMs = nowMs + Math.max(restMs, Math.min(asked ?? 0, silenceMaxMs));
    this.#failures += 1;
    this.#status = { ...this.#status, lastFailure: { detail: String(error), atMs: nowMs } };
  }

  #dueAtMs(source: Source): number {
    if (this.#nextAtMs !== undefined) return this.#nextAtMs;
    const state = this.#stateAt(source);
    return state === undefined ? 0 : state.atMs + source.everyMs;
  }

  #stateAt({ destination }: Source): PollingState | undefined {
    const state = this.#effects.readState();
    return state?.destination === destination ? state : undefined;
  }
}
