/**
 * The epoch of a new life: the time it begins, in base 36, so that a later one sorts after an earlier one (until the
 * year 2059); after `previous` even within the same millisecond, or if the clock went back.
 */
export function epochAfter(previous: string, nowMs: number): string {
  const beginsAtMs = Math.max(nowMs, Number.parseInt(previous || "0", 36) + 1);
  return beginsAtMs.toString(36).padStart(8, "0");
}
