import { unreachable } from "../../stock/refusal.ts";
import { type Backoff, halfJitter } from "../../storage/backoff.ts";

/** Failed calls in a row that open the breaker. */
const failuresMax = 5;

/** How long an open breaker waits for its next probe. */
const probeBackoff: Backoff = { baseMs: 500, maxMs: 15_000 };

/**
 * A circuit breaker. `closed`: calls go. `open`: none goes until `probeAtMs`. `half_open`: one probe is under
 * way and decides. `probes` counts the failed probes since it opened. Values, not mutated.
 */
export type Breaker =
  | { readonly state: "closed"; readonly failures: number }
  | { readonly state: "open"; readonly probeAtMs: number; readonly probes: number }
  | { readonly state: "half_open"; readonly probes: number };

export const closedBreaker: Breaker = { state: "closed", failures: 0 };

/** When a call may start: 0 for now, Infinity while a probe is under way. */
export function callAtMs(breaker: Breaker): number {
  switch (breaker.state) {
    case "closed":
      return 0;
    case "open":
      return breaker.probeAtMs;
    case "half_open":
      return Number.POSITIVE_INFINITY;
    default:
      return unreachable(breaker);
  }
}

/** A call starts. The call that finds the breaker open is its probe. */
export function callStarted(breaker: Breaker): { breaker: Breaker; isProbe: boolean } {
  if (breaker.state !== "open") return { breaker, isProbe: false };
  return { breaker: { state: "half_open", probes: breaker.probes }, isProbe: true };
}

/** Any call that reaches the channel shows that it is there. */
export function callSucceeded(): Breaker {
  return closedBreaker;
}

/** `random` is in [0, 1). Calls that started before it opened say nothing new and leave it as it is. */
export function callFailed(breaker: Breaker, isProbe: boolean, nowMs: number, random: number): Breaker {
  switch (breaker.state) {
    case "closed": {
      const failures = breaker.failures + 1;
      return failures < failuresMax ? { state: "closed", failures } : open(0, nowMs, random);
    }
    case "open":
      return breaker;
    case "half_open":
      return isProbe ? open(breaker.probes + 1, nowMs, random) : breaker;
    default:
      return unreachable(breaker);
  }
}

function open(probes: number, nowMs: number, random: number): Breaker {
  return { state: "open", probes, probeAtMs: nowMs + halfJitter(probeBackoff, probes, random) };
}
