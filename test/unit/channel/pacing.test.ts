import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Breaker,
  callAtMs,
  callFailed,
  callStarted,
  callSucceeded,
  closedBreaker,
} from "../../../src/channel/breaker.ts";
import { Gate, openGate } from "../../../src/channel/gate.ts";
import { Heap } from "../../../src/channel/heap.ts";
import { LagWindow } from "../../../src/channel/lag.ts";
import { parseRetryAfterMs } from "../../../src/channel/retry-after.ts";
import { Schedule } from "../../../src/channel/schedule.ts";
import { fullBucket, takeToken, tokenAtMs } from "../../../src/channel/token-bucket.ts";

describe("token bucket", () => {
  test("no window of time holds more calls than rate and burst allow", () => {
    const waits = fc.array(fc.nat(3_000), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        waits,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        (steps, ratePerSecond, burst) => {
          const rate = { ratePerSecond, burst };
          let nowMs = 0;
          let bucket = fullBucket(rate, nowMs);
          const callsAtMs: number[] = [];
          for (const waitMs of steps) {
            nowMs = Math.max(nowMs + waitMs, tokenAtMs(bucket, rate, nowMs + waitMs));
            bucket = takeToken(bucket, rate, nowMs);
            callsAtMs.push(nowMs);
          }
          callsAtMs.forEach((fromMs, first) => {
            callsAtMs.slice(first).forEach((toMs, count) => {
              expect(count + 1).toBeLessThanOrEqual(burst + ((toMs - fromMs) * ratePerSecond) / 1000 + 1e-6);
            });
          });
        },
      ),
    );
  });

  test("a clock that steps back gives no tokens", () => {
    const rate = { ratePerSecond: 1, burst: 1 };
    const bucket = takeToken(fullBucket(rate, 10_000), rate, 10_000);
    expect(tokenAtMs(bucket, rate, 5_000)).toBeGreaterThan(5_000);
  });
});

describe("circuit breaker", () => {
  const failing = (times: number): Breaker =>
    Array.from({ length: times }).reduce<Breaker>(
      (breaker) => callFailed(breaker, false, 0, 0.5),
      closedBreaker,
    );

  test("four failures leave it closed, the fifth opens it, a success in between starts the count again", () => {
    expect(failing(4).state).toBe("closed");
    expect(failing(5).state).toBe("open");
    expect(callFailed(callSucceeded(), false, 0, 0.5)).toEqual({ state: "closed", failures: 1 });
  });

  test("one probe decides: nothing else starts meanwhile, and its failure opens it for longer", () => {
    const { breaker, isProbe } = callStarted(failing(5));
    expect(isProbe).toBe(true);
    expect(callAtMs(breaker)).toBe(Number.POSITIVE_INFINITY);
    const again = callFailed(breaker, true, 0, 0.5);
    expect(callAtMs(again)).toBeGreaterThan(callAtMs(failing(5)));
  });

  test("calls from before it opened do not lengthen the wait", () => {
    const open = failing(5);
    expect(callFailed(open, false, 9_999, 0.9)).toBe(open);
  });

  test("a probe is never more than a minute away", () => {
    let breaker = failing(5);
    for (let probe = 0; probe < 40; probe += 1) {
      breaker = callFailed(callStarted(breaker).breaker, true, 0, 0.999);
      expect(callAtMs(breaker)).toBeLessThanOrEqual(60_000);
    }
  });
});

test("a gate remembers an open breaker and a hold, and counts a lost probe as still to be made", () => {
  const limits = { batchMax: 1, concurrency: 1, ratePerSecond: 10, burst: 10 };
  const gate = new Gate(limits, openGate, 0);
  for (let call = 0; call < 5; call += 1) gate.failed(false, 0, 0.5);
  gate.hold(30_000, 0);
  const restarted = new Gate(limits, gate.memory, 10);
  expect(restarted.nextCallAtMs(10)).toBe(30_000);
  restarted.start(30_000);
  expect(restarted.nextCallAtMs(30_000)).toBe(Number.POSITIVE_INFINITY);
  expect(new Gate(limits, restarted.memory, 40_000).nextCallAtMs(40_000)).toBeLessThanOrEqual(40_000);
});

test("a hold is at most a day, whatever the channel asks for", () => {
  const gate = new Gate({ batchMax: 1, concurrency: 1, ratePerSecond: 1, burst: 1 }, openGate, 0);
  gate.hold(1e12, 0);
  expect(gate.nextCallAtMs(0)).toBe(86_400_000);
});

describe("Retry-After", () => {
  const nowMs = Date.parse("2026-11-23T09:00:00Z");
  test.each([
    ["120", 120_000],
    ["0", 0],
    ["Mon, 23 Nov 2026 09:00:30 GMT", 30_000],
    ["Monday, 23-Nov-26 09:00:30 GMT", 30_000],
    ["Mon Nov 23 09:00:30 2026", 30_000],
    ["Mon, 23 Nov 2026 08:00:00 GMT", 0],
    ["-5", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["2026-11-23T09:00:30Z", undefined],
    ["", undefined],
    [null, undefined],
  ])("%j means %j ms", (header, expected) => {
    expect(parseRetryAfterMs(header, nowMs)).toBe(expected);
  });
});

describe("schedule", () => {
  const at = (dueSinceMs: number, crossesZero = false) => ({ dueSinceMs, crossesZero });

  test("listings that cross zero go first, then the longest due", () => {
    const schedule = new Schedule();
    schedule.add("new", at(3));
    schedule.add("old", at(1));
    schedule.add("last unit", at(4, true));
    schedule.add("middle", at(2));
    expect(schedule.take(3, 10)).toEqual(["last unit", "old", "middle"]);
    expect(schedule.take(3, 10)).toEqual(["new"]);
  });

  test("a listing that comes to cross zero moves ahead, and is handed out once", () => {
    const schedule = new Schedule();
    schedule.add("a", at(1));
    schedule.add("b", at(2));
    schedule.add("b", at(2, true));
    expect(schedule.take(5, 10)).toEqual(["b", "a"]);
    expect(schedule.take(5, 10)).toEqual([]);
  });

  test("what was put off is not ready before its time, unless it is hurried", () => {
    const schedule = new Schedule();
    schedule.add("a", at(1));
    schedule.take(1, 0);
    schedule.putOff("a", 500);
    schedule.add("a", at(1, true));
    expect(schedule.nextReadyAtMs()).toBe(500);
    expect(schedule.take(1, 499)).toEqual([]);
    schedule.hurry();
    expect(schedule.nextReadyAtMs()).toBe(0);
    expect(schedule.take(1, 499)).toEqual(["a"]);
  });

  test("a listing dropped while its request is under way keeps its place, so that no second one starts", () => {
    const schedule = new Schedule();
    schedule.add("a", at(1));
    schedule.take(1, 0);
    schedule.drop("a");
    schedule.add("a", at(2));
    expect(schedule.take(1, 10)).toEqual([]);
    schedule.settle("a", at(2), true);
    expect(schedule.take(1, 10)).toEqual(["a"]);
  });

  test("a listing that flips for hours leaves no trail behind", () => {
    const schedule = new Schedule();
    for (let flip = 0; flip < 10_000; flip += 1) schedule.add("a", at(1, flip % 2 === 0));
    expect(schedule.size).toBe(1);
    expect(schedule.take(5, 10)).toEqual(["a"]);
    expect(schedule.nextReadyAtMs()).toBe(Number.POSITIVE_INFINITY);
  });
});

test("a heap gives back in order whatever was put in", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const number of numbers) heap.push(number);
      heap.retain((number) => number % 3 !== 0);
      const out: number[] = [];
      for (let next = heap.pop(); next !== undefined; next = heap.pop()) out.push(next);
      expect(out).toEqual(numbers.filter((number) => number % 3 !== 0).sort((a, b) => a - b));
    }),
  );
});

test("lag percentiles are those of the last thousand publications", () => {
  const lag = new LagWindow();
  expect(lag.summary()).toBeUndefined();
  for (let ms = 1; ms <= 2_000; ms += 1) lag.add(ms);
  expect(lag.summary()).toEqual({ samples: 1_000, p50Ms: 1_500, p95Ms: 1_950, p99Ms: 1_990 });
});
