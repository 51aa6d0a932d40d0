import fc from "fast-check";
import { expect, test } from "vitest";
import { lagBands } from "../../../src/console/lag-bands.ts";

const sample = (atMs: number, lagMs: number) => ({ at: new Date(atMs).toISOString(), lagMs });

test("lag is summed up in stretches of time, each by its own percentiles", () => {
  const early = Array.from({ length: 100 }, (_, index) => sample(index, index + 1));
  const late = [sample(9_999, 7)];
  expect(lagBands([...early, ...late], 10)).toEqual([
    { atMs: 500, p50Ms: 50, p95Ms: 95, p99Ms: 99 },
    { atMs: 9_500, p50Ms: 7, p95Ms: 7, p99Ms: 7 },
  ]);
  expect(lagBands([], 10)).toEqual([]);
});

test("there are never more stretches than asked for, and their order is that of time", () => {
  const samples = fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(5_000)), { minLength: 1 });
  fc.assert(
    fc.property(samples, fc.integer({ min: 1, max: 60 }), (pairs, count) => {
      const sorted = pairs.toSorted(([a], [b]) => a - b).map(([atMs, lagMs]) => sample(atMs, lagMs));
      const bands = lagBands(sorted, count);
      expect(bands.length).toBeLessThanOrEqual(count);
      const times = bands.map(({ atMs }) => atMs);
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
      for (const { p50Ms, p95Ms, p99Ms } of bands) expect(p50Ms <= p95Ms && p95Ms <= p99Ms).toBe(true);
    }),
  );
});
