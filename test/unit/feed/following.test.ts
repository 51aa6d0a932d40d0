import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Following } from "../../../src/feed/following.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { Clock, view } from "./clock.ts";

/** A SKU that changes, and a feed that follows it over a network that delays, drops and reorders. */
function world(isWatched = false) {
  const clock = new Clock();
  /** When each version became true. */
  const history = [{ version: 1, sinceMs: clock.nowMs }];
  let callDelayMs = 5;
  let calls = 0;
  const changes: StockView[] = [];
  const current = () => view("A", history.at(-1)?.version ?? 0, clock.nowMs);
  const following = new Following({
    now: clock.now,
    isWatched: () => isWatched,
    changed: (stock) => changes.push(stock),
    follow: async (sku) => {
      calls += 1;
      if (sku !== "A") return undefined;
      await clock.sleep(callDelayMs);
      const stock = current();
      await clock.sleep(callDelayMs);
      return stock;
    },
  });
  return {
    clock,
    following,
    changes,
    current,
    calls: () => calls,
    delayCalls: (ms: number) => {
      callDelayMs = ms;
    },
    change: () => history.push({ version: history.length + 1, sinceMs: clock.nowMs }),
    /** Whether a version was the truth at some moment between two. */
    wasTrue: (version: number, fromMs: number, toMs: number) => {
      const index = history.findIndex((entry) => entry.version === version);
      const sinceMs = history[index]?.sinceMs ?? Number.POSITIVE_INFINITY;
      const untilMs = history[index + 1]?.sinceMs ?? Number.POSITIVE_INFINITY;
      return sinceMs <= toMs && untilMs >= fromMs;
    },
  };
}

describe("reading through a feed", () => {
  test("many readers at once cost one call, and readers within their bound none", async () => {
    const { clock, following, calls } = world();
    const readers = Array.from({ length: 100 }, () => following.read("A", 10_000));
    await clock.advance(20);
    expect((await Promise.all(readers)).map((reading) => reading?.stock.version)).toEqual(Array(100).fill(1));
    await clock.advance(9_000);
    expect(await following.read("A", 10_000)).toMatchObject({ source: "feed" });
    expect(calls()).toBe(1);
  });

  test("a view older than the reader's bound is asked for again", async () => {
    const { clock, following, calls, change } = world();
    void following.read("A", 1_000);
    await clock.advance(20);
    change();
    await clock.advance(1_001);
    const reading = following.read("A", 1_000);
    await clock.advance(20);
    expect(await reading).toMatchObject({ source: "object", stock: { version: 2 } });
    expect(calls()).toBe(2);
  });

  test("a push makes the view newer without a call, and an older one that comes late changes nothing", async () => {
    const { clock, following, change, current, calls, changes } = world();
    void following.read("A", 1_000);
    await clock.advance(20);
    const old = current();
    change();
    const newer = current();
    expect(await following.push(newer)).toBe(true);
    expect(await following.push(old)).toBe(true);
    expect(await following.read("A", 1_000)).toMatchObject({ source: "feed", stock: { version: 2 } });
    expect(calls()).toBe(1);
    expect(changes.map((stock) => stock.version)).toEqual([1, 2]);
  });

  test("a push that was overtaken by an answer does not make the same version look older than it is", async () => {
    const { clock, following, current } = world();
    void following.read("A", 5_000);
    await clock.advance(20);
    const slow = current();
    await clock.advance(8_000);
    void following.read("A", 5_000);
    await clock.advance(20);
    expect(await following.push(slow)).toBe(true);
    const reading = await following.read("A", 5_000);
    expect(Date.parse(reading?.stock.asOf ?? "")).toBeGreaterThanOrEqual(clock.nowMs - 5_000);
  });

  test("a push that comes after the memory was lost is no news until the SKU was asked", async () => {
    const { clock, following, current, change, changes } = world(true);
    const slow = current();
    change();
    // Those who watch were told of version 2 before the memory was lost.
    const pushed = following.push(slow);
    await clock.advance(20);
    expect(await pushed).toBe(true);
    expect(changes.map((stock) => stock.version)).toEqual([2]);
  });

  test("an unknown SKU is unknown each time it is asked for, and a push nobody asked for is refused", async () => {
    const { following, current } = world();
    expect(await following.read("NONE", 60_000)).toBeUndefined();
    expect(await following.push(current())).toBe(false);
  });

  test("a failed call is the reader's to see, and the next reader asks anew", async () => {
    const clock = new Clock();
    let isBroken = true;
    const following = new Following({
      now: clock.now,
      isWatched: () => false,
      changed: () => undefined,
      follow: async () => {
        if (isBroken) throw new Error("unreachable");
        return view("A", 1, clock.nowMs);
      },
    });
    await expect(following.read("A", 1_000)).rejects.toThrow("unreachable");
    isBroken = false;
    expect(await following.read("A", 1_000)).toMatchObject({ stock: { version: 1 } });
  });

  test("whatever is dropped, delayed or reordered, no answer is older than its bound", async () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("change" as const), isPushed: fc.boolean(), delayMs: fc.nat(100) }),
      fc.record({ type: fc.constant("read" as const), maxAgeMs: fc.constantFrom(0, 50, 300, 1_000) }),
      fc.record({ type: fc.constant("wait" as const), ms: fc.nat(150) }),
      fc.record({ type: fc.constant("delay" as const), ms: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const { clock, following, change, current, wasTrue, delayCalls } = world();
        const checks: Promise<void>[] = [];
        for (const event of steps) {
          switch (event.type) {
            case "change": {
              change();
              const stock = current();
              if (event.isPushed) void clock.sleep(event.delayMs).then(() => following.push(stock));
              break;
            }
            case "read": {
              const askedAtMs = clock.nowMs;
              const check = async () => {
                const reading = await following.read("A", event.maxAgeMs);
                const oldestMs = Math.min(askedAtMs, clock.nowMs - event.maxAgeMs);
                expect(wasTrue(reading?.stock.version ?? 0, oldestMs, clock.nowMs)).toBe(true);
              };
              checks.push(check());
              break;
            }
            case "wait":
              await clock.advance(event.ms);
              break;
            case "delay":
              delayCalls(event.ms);
              break;
          }
        }
        await clock.advance(10_000);
        await Promise.all(checks);
      }),
      { numRuns: 500 },
    );
  });
});
