import { unreachable } from "../../stock/refusal.ts";
import type { CallLimits } from "../kit/adapter.ts";
import { type Breaker, callAtMs, callFailed, callStarted, callSucceeded, closedBreaker } from "./breaker.ts";
import { fullBucket, takeToken, type TokenBucket, tokenAtMs } from "../../storage/token-bucket.ts";

/** The longest silence a channel can ask for; a mistyped date must not silence it for years. */
const holdMaxMs = 24 * 3_600_000;

/** While other calls wait, so many calls publish before one of them goes. */
const publishingInARowMax = 9;

/** How long publishing waits for another call whose turn it is. */
const turnWaitMs = 1_000;

/** The part of a gate that outlives the object's memory: a restart must not disturb a channel that asked for rest. */
export interface GateMemory {
  /** Absent while the breaker is closed. */
  readonly open?: { readonly probeAtMs: number; readonly probes: number } | undefined;
  readonly heldUntilMs: number;
}

export const openGate: GateMemory = { heldUntilMs: 0 };

/** Decides when the next call to a channel may start: rate, circuit breaker, and the silence the channel asked for. */
export class Gate {
  #breaker: Breaker;
  #heldUntilMs: number;
  #bucket: TokenBucket;
  #limits: CallLimits;
  #publishingInARow = 0;
  #isAwaitedUntilMs = 0;

  constructor(limits: CallLimits, memory: GateMemory, nowMs: number) {
    this.#limits = limits;
    this.#bucket = fullBucket(limits, nowMs);
    this.#heldUntilMs = memory.heldUntilMs;
    this.#breaker = memory.open === undefined ? closedBreaker : { state: "open", ...memory.open };
  }

  get limits(): CallLimits {
    return this.#limits;
  }

  get breaker(): Breaker["state"] {
    return this.#breaker.state;
  }

  get heldUntilMs(): number {
    return this.#heldUntilMs;
  }

  /** A probe under way counts as open: if it is lost, the next life probes again at once. */
  get memory(): GateMemory {
    const heldUntilMs = this.#heldUntilMs;
    switch (this.#breaker.state) {
      case "closed":
        return { heldUntilMs };
      case "open":
        return { open: { probeAtMs: this.#breaker.probeAtMs, probes: this.#breaker.probes }, heldUntilMs };
      case "half_open":
        return { open: { probeAtMs: 0, probes: this.#breaker.probes }, heldUntilMs };
      default:
        return unreachable(this.#breaker);
    }
  }

  /** When the next call that publishes may start; at or before `nowMs` if one may now, Infinity while a probe decides. */
  nextCallAtMs(nowMs: number): number {
    const isOthersTurn = this.#publishingInARow >= publishingInARowMax;
    return Math.max(this.#nextAtMs(nowMs), isOthersTurn ? this.#isAwaitedUntilMs : 0);
  }

  /** The same for any other call. Whoever asks is waiting, and gets its turn if it asks again then. */
  nextOtherCallAtMs(nowMs: number): number {
    const nextMs = this.#nextAtMs(nowMs);
    if (nextMs > nowMs && nextMs !== Number.POSITIVE_INFINITY) this.#isAwaitedUntilMs = nextMs + turnWaitMs;
    return nextMs;
  }

  /** A call that publishes starts now. Answers whether it is the probe of an open breaker. */
  start(nowMs: number): boolean {
    this.#publishingInARow += 1;
    return this.#start(nowMs);
  }

  startOther(nowMs: number): boolean {
    this.#publishingInARow = 0;
    this.#isAwaitedUntilMs = 0;
    return this.#start(nowMs);
  }

  succeeded(): void {
    this.#breaker = callSucceeded();
  }

  failed(isProbe: boolean, nowMs: number, random: number): void {
    this.#breaker = callFailed(this.#breaker, isProbe, nowMs, random);
  }

  /** The channel asked for silence. */
  hold(forMs: number, nowMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + Math.min(forMs, holdMaxMs));
  }

  /** Forgets all failures; by hand, or when the channel has moved. */
  reset(): void {
    this.#breaker = closedBreaker;
    this.#heldUntilMs = 0;
  }

  changeLimits(limits: CallLimits, nowMs: number): void {
    this.#limits = limits;
    this.#bucket = { ...this.#bucket, tokens: Math.min(this.#bucket.tokens, limits.burst), atMs: nowMs };
  }

  #nextAtMs(nowMs: number): number {
    const tokenMs = tokenAtMs(this.#bucket, this.#limits, nowMs);
    return Math.max(tokenMs, this.#heldUntilMs, callAtMs(this.#breaker));
  }

  #start(nowMs: number): boolean {
    this.#bucket = takeToken(this.#bucket, this.#limits, nowMs);
    const { breaker, isProbe } = callStarted(this.#breaker);
    this.#breaker = breaker;
    return isProbe;
  }
}
