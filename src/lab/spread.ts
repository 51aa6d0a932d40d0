import type { SyncSpread } from "../protocol/sync-gap.ts";

/** How durations are spread, by nearest rank. */
export function spread(valuesMs: readonly number[]): SyncSpread {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
  return {
    count: sorted.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: sorted.at(-1) ?? 0,
  };
}
