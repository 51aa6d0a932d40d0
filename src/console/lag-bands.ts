import type { LagSample } from "../protocol/channel.ts";

/** How long publications took in a stretch of time, in ms. */
export interface LagBand {
  /** The middle of the stretch, in ms since 1970. */
  readonly atMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** Samples in at most `count` stretches of equal length, oldest first; stretches without a sample are left out. */
export function lagBands(samples: readonly LagSample[], count: number): LagBand[] {
  const timed = samples.map(({ at, lagMs }) => ({ atMs: Date.parse(at), lagMs }));
  const [first] = timed;
  const last = timed.at(-1);
  if (first === undefined || last === undefined) return [];
  const lengthMs = Math.max(1, (last.atMs - first.atMs + 1) / count);
  const groups = Map.groupBy(timed, ({ atMs }) => Math.floor((atMs - first.atMs) / lengthMs));
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([index, members]) => {
      const sorted = members.map(({ lagMs }) => lagMs).sort((a, b) => a - b);
      const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      const atMs = first.atMs + (index + 0.5) * lengthMs;
      return { atMs, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
    });
}
