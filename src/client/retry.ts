import { type Backoff, fullJitter } from "../storage/backoff.ts";

/**
 * Whether a request may be sent again when it is not known what became of it. `keyed`: it carries an Idempotency-Key.
 * `harmless`: it reads, sets a state, or names what it is about. `once`: a second one would do it twice.
 */
export type Repeat = "keyed" | "harmless" | "once";

/** How one attempt ended; `undefined` status: no answer came, or not all of it. */
export interface AttemptEnd {
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
}

const refusedBeforeItBegan = new Set([429]);
const transient = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether the same request, with the same key, may succeed later and cannot have a second effect. */
export function mayRepeat(status: number | undefined, repeat: Repeat): boolean {
  if (repeat === "once") return status !== undefined && refusedBeforeItBegan.has(status);
  return status === undefined || transient.has(status);
}

export interface Pace {
  readonly backoff: Backoff;
  /** Attempts made so far, this one included. */
  readonly attempts: number;
  /** Until the whole call must have ended. */
  readonly leftMs: number;
  /** In [0, 1). */
  readonly random: number;
}

/** How long to wait before the next attempt; undefined: there is none. Full jitter, but never before `Retry-After`. */
export function waitBeforeNext(end: AttemptEnd, repeat: Repeat, pace: Pace): number | undefined {
  if (!mayRepeat(end.status, repeat)) return undefined;
  const jitterMs = fullJitter(pace.backoff, pace.attempts - 1, pace.random);
  const waitMs = Math.max(end.retryAfterMs ?? 0, jitterMs);
  return waitMs < pace.leftMs ? waitMs : undefined;
}

/** `Retry-After` (RFC 9110): seconds, or a date. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const ms = header.trim() !== "" && Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
