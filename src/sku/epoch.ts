/**
 * The epoch of a new life: the time it begins, in base 36, so that a later one sorts after an earlier one (until the
 * year 2059); after `previous` even within the same millisecond, or if the clock went back.
 */
export function epochAfter(previous: string, nowMs: number): string {
  return epochAt(Math.max(nowMs, Number.parseInt(previous || "0", 36) + 1));
}

/** The epoch of a life that begins then. */
export function epochAt(ms: number): string {
  return ms.toString(36).padStart(8, "0");
}
