import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { networkOf } from "../../../src/http/network.ts";
import { parseRateLimit, Quotas } from "../../../src/http/quotas.ts";

describe("a quota", () => {
  const limit = { requests: 3, windowSeconds: 60 };

  it("lets all of it be used at once, then as fast as it comes back", () => {
    const quotas = new Quotas();
    expect(quotas.look("a", limit, 0)).toEqual({ remaining: 3, moreInSeconds: 0 });
    expect([1, 2, 3].map(() => quotas.take("a", limit, 0)?.remaining)).toEqual([2, 1, 0]);
    expect(quotas.take("a", limit, 19_000)).toBeUndefined();
    expect(quotas.look("a", limit, 19_000)).toEqual({ remaining: 0, moreInSeconds: 1 });
    expect(quotas.take("a", limit, 20_000)?.remaining).toBe(0);
    expect(quotas.take("a", limit, 20_000)).toBeUndefined();
  });

  it("is each caller's own", () => {
    const quotas = new Quotas();
    while (quotas.take("a", limit, 0) !== undefined);
    expect(quotas.take("b", limit, 0)?.remaining).toBe(2);
  });

  it("never grants more than the quota and what came back, however requests are spread and the clock steps", () => {
    const steps = fc.array(fc.integer({ min: -5_000, max: 20_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        fc.record({
          requests: fc.integer({ min: 1, max: 50 }),
          windowSeconds: fc.integer({ min: 1, max: 60 }),
        }),
        steps,
        (rate, waitsMs) => {
          const quotas = new Quotas();
          let nowMs = 1e12;
          let latestMs = Number.NEGATIVE_INFINITY;
          let granted = 0;
          // A quota is whole when it is first asked for, whatever the clock was before.
          const beganMs = nowMs + (waitsMs[0] ?? 0);
          for (const waitMs of waitsMs) {
            nowMs += waitMs;
            latestMs = Math.max(latestMs, nowMs);
            if (quotas.take("a", rate, nowMs) !== undefined) granted += 1;
          }
          const cameBack = ((latestMs - beganMs) * rate.requests) / (rate.windowSeconds * 1000);
          expect(granted).toBeLessThanOrEqual(rate.requests + cameBack + 1e-6);
        },
      ),
    );
  });

  it("forgets callers when there are too many, those whose quota is whole at first", () => {
    const quotas = new Quotas();
    const slow = { requests: 2, windowSeconds: 1_000_000 };
    while (quotas.take("greedy", slow, 0) !== undefined);
    // All of these have their quota back by the time the memory is full.
    for (let index = 0; index < 30_000; index += 1) quotas.take(`passer-by ${index}`, limit, index * 100);
    expect(quotas.take("greedy", slow, 3_000_000)).toBeUndefined();
  });
});

describe("a rate limit as it is configured", () => {
  it("is requests and seconds, or unlimited", () => {
    expect(parseRateLimit("600/60")).toEqual({ requests: 600, windowSeconds: 60 });
    expect(parseRateLimit("unlimited")).toBeUndefined();
  });

  it.each(["", "600", "0/60", "600/0", "-1/60", "600/60/1", "1e3/60", "none", "600 / 60"])(
    "is not %j: it would mean something else than was meant",
    (text) => {
      expect(() => parseRateLimit(text)).toThrow("as in 600/60");
    },
  );
});

describe("an address counts for", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:DB8:0001:0002::1", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["unknown", "unknown"],
  ])("%s: %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it("something short, whatever is sent as one", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(networkOf(text).length).toBeLessThanOrEqual(80);
      }),
    );
  });
});
