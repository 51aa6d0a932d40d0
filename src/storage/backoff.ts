export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Full jitter: a random time up to base * 2^attempt, at most max. `random` is in [0, 1). Attempts count from 0. */
export function fullJitter(backoff: Backoff, attempt: number, random: number): number {
  const ceiling = Math.min(backoff.maxMs, backoff.baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling * random);
}

/** Half of the time fixed, half of it random: for work that must not be tried at once again. */
export function halfJitter(backoff: Backoff, attempt: number, random: number): number {
  const ceiling = Math.min(backoff.maxMs, backoff.baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
