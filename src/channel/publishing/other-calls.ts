import { ChannelUnreadableError } from "../kit/adapter.ts";
import type { Gate } from "./gate.ts";

export interface OtherCallsEffects {
  now(): number;
  random(): number;
  /** What the gate remembers may have changed, and must outlive a restart. */
  saveHealth(): void;
  /** The channel was in trouble, and a call has reached it; `poke` follows. */
  recovered(): void;
}

/** How soon somebody asks again while a probe decides whether the channel is there. */
const probeWaitMs = 1_000;

/** Of the channel's rate, what other calls may take: the rest is for publishing. */
const shareOfRate = 0.5;

/**
 * Calls to a channel besides publishing, under the same limits. A failure of one does not open the breaker: a channel
 * that may not be read, for want of a permission, can still be told.
 */
export class OtherCalls {
  readonly #gate: Gate;
  readonly #effects: OtherCallsEffects;
  #restsUntilMs = 0;

  constructor(gate: Gate, effects: OtherCallsEffects) {
    this.#gate = gate;
    this.#effects = effects;
  }

  /** When the next call may start; at or before now if one may now. */
  nextAtMs(): number {
    const nowMs = this.#effects.now();
    const nextMs = Math.max(this.#gate.nextOtherCallAtMs(nowMs), this.#restsUntilMs);
    return nextMs === Number.POSITIVE_INFINITY ? nowMs + probeWaitMs : nextMs;
  }

  /** Makes a call. Throws what it throws; only a `ChannelUnreadableError` says anything about the channel. */
  async make<Result>(call: () => Promise<Result>): Promise<Result> {
    const startMs = this.#effects.now();
    this.#restsUntilMs = startMs + 1_000 / (this.#gate.limits.ratePerSecond * shareOfRate);
    const isProbe = this.#gate.startOther(startMs);
    try {
      const result = await call();
      const wasInTrouble = this.#gate.breaker !== "closed";
      this.#gate.succeeded();
      if (wasInTrouble) this.#effects.recovered();
      return result;
    } catch (error) {
      const nowMs = this.#effects.now();
      if (isProbe) this.#gate.failed(true, nowMs, this.#effects.random());
      const silenceMs = error instanceof ChannelUnreadableError ? error.retryAfterMs : undefined;
      if (silenceMs !== undefined) this.#gate.hold(silenceMs, nowMs);
      throw error;
    } finally {
      this.#effects.saveHealth();
    }
  }
}
