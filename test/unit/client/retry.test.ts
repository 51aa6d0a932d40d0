import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRetryAfter, waitBeforeNext } from "../../../src/client/retry.ts";

const backoff = { baseMs: 100, maxMs: 5_000 };

test("the wait is random up to a doubling bound, never before Retry-After, never beyond the deadline", () => {
  const cases = fc.record({
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
    attempts: fc.integer({ min: 1, max: 40 }),
    leftMs: fc.integer({ min: 0, max: 20_000 }),
  });
  fc.assert(
    fc.property(cases, ({ retryAfterMs, ...pace }) => {
      const wait = waitBeforeNext({ status: 503, retryAfterMs }, "keyed", { backoff, ...pace });
      const jitterMax = Math.min(backoff.maxMs, backoff.baseMs * 2 ** (pace.attempts - 1));
      const longest = Math.max(retryAfterMs ?? 0, jitterMax);
      if (wait === undefined) return longest >= pace.leftMs;
      return wait < pace.leftMs && wait >= (retryAfterMs ?? 0) && wait <= longest;
    }),
  );
});

test.each([
  [undefined, "keyed", true],
  [undefined, "harmless", true],
  [undefined, "once", false],
  [503, "keyed", true],
  [503, "once", false],
  [429, "once", true],
  [408, "harmless", true],
  [400, "keyed", false],
  [409, "keyed", false],
  [412, "keyed", false],
  [501, "keyed", false],
] as const)("after status %s, what is %s may be repeated: %s", (status, repeat, may) => {
  const wait = waitBeforeNext({ status, retryAfterMs: undefined }, repeat, {
    backoff,
    attempts: 1,
    leftMs: 1_000,
    random: 0.5,
  });
  expect(wait !== undefined).toBe(may);
});

test("Retry-After is read as seconds and as a date", () => {
  const nowMs = Date.parse("2026-11-23T09:00:00Z");
  expect(parseRetryAfter("3", nowMs)).toBe(3_000);
  expect(parseRetryAfter("Mon, 23 Nov 2026 09:00:07 GMT", nowMs)).toBe(7_000);
  expect(parseRetryAfter("Mon, 23 Nov 2026 08:00:00 GMT", nowMs)).toBe(0);
  expect(parseRetryAfter("soon", nowMs)).toBeUndefined();
  expect(parseRetryAfter("", nowMs)).toBeUndefined();
  expect(parseRetryAfter(null, nowMs)).toBeUndefined();
});
