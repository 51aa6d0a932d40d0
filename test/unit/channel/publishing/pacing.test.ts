import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Breaker,
  callAtMs,
  callFailed,
  callStarted,
  callSucceeded,
  closedBreaker,
} from "../../../../src/channel/publishing/breaker.ts";
import { Deadlines } from "../../../../src/channel/listings/deadlines.ts";
import { Gate, openGate } from "../../../../src/channel/publishing/gate.ts";
import { Heat } from "../../../../src/channel/listings/heat.ts";
import { Heap } from "../../../../src/storage/heap.ts";
import { LagWindow } from "../../../../src/channel/listings/lag.ts";
import { parseRetryAfterMs } from "../../../../src/channel/kit/retry-after.ts";
import { Schedule } from "../../../../src/channel/listings/schedule.ts";
import { fullBucket, takeToken, tokenAtMs } from "../../../../src/storage/token-bucket.ts";

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

  test("what is urgent leaves every fourth turn to the longest due, so that nothing starves", () => {
    const schedule = new Schedule();
    for (let index = 0; index < 100; index += 1) schedule.add(`old ${index}`, at(index));
    for (let index = 0; index < 20; index += 1)
      schedule.add(`hot ${index}`, { ...at(1_000 + index), isHot: true });
    const taken: string[] = [];
    for (let turn = 0; turn < 400; turn += 1) {
      const [sku = ""] = schedule.take(1, 10);
      taken.push(sku);
      // The hot ones are due again at once, for ever.
      schedule.settle(sku, sku.startsWith("hot") ? { ...at(2_000 + turn), isHot: true } : undefined, true);
    }
    expect(taken.slice(0, 4)).toEqual(["hot 0", "hot 1", "hot 2", "old 0"]);
    expect(taken.slice(4, 8)).toEqual(["hot 3", "hot 4", "hot 5", "old 1"]);
    expect(taken.filter((sku) => sku.startsWith("old"))).toHaveLength(100);
  });

  test("what crosses zero goes before what is hot", () => {
    const schedule = new Schedule();
    schedule.add("hot", { ...at(1), isHot: true });
    schedule.add("last unit", at(2, true));
    expect(schedule.take(2, 10)).toEqual(["last unit", "hot"]);
  });

  test("what rests by itself is hurried by hand only", () => {
    const schedule = new Schedule();
    schedule.add("failed", at(1));
    schedule.add("resting", at(2));
    schedule.take(2, 0);
    schedule.putOff("failed", 500);
    schedule.rest("resting", at(2), 900);
    schedule.recovered();
    expect(schedule.take(2, 1)).toEqual(["failed"]);
    expect(schedule.nextReadyAtMs()).toBe(900);
    schedule.hurry();
    expect(schedule.take(2, 1)).toEqual(["resting"]);
  });

  test("what was handed out and not sent is not ready until it is released, and counts as untouched", () => {
    const schedule = new Schedule();
    schedule.add("a", at(1));
    schedule.take(1, 0);
    schedule.park("a");
    expect(schedule.nextReadyAtMs()).toBe(Number.POSITIVE_INFINITY);
    expect(schedule.isUntouched("a")).toBe(true);
    schedule.release("a");
    expect(schedule.take(1, 0)).toEqual(["a"]);
  });

  test("the memory for 10,000 listings that change all the time is bounded by their number", () => {
    const schedule = new Schedule();
    const listings = 10_000;
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    let most = 0;
    for (let change = 0; change < 300_000; change += 1) {
      const sku = `S${Math.floor(random() * listings)}`;
      schedule.add(sku, { dueSinceMs: change, crossesZero: random() < 0.3, isHot: random() < 0.3 });
      if (change % 10 === 0) {
        for (const each of schedule.take(1, change)) schedule.putOff(each, change + random() * 60_000);
      }
      most = Math.max(most, schedule.footprint);
    }
    expect(schedule.size).toBeLessThanOrEqual(listings);
    // Ready, urgent and waiting: each at most twice the listings, and 100.
    expect(most).toBeLessThanOrEqual(3 * (2 * listings + 101));
  });

  test("a listing that flips for hours leaves no trail behind", () => {
    const schedule = new Schedule();
    for (let flip = 0; flip < 10_000; flip += 1) schedule.add("a", at(1, flip % 2 === 0));
    expect(schedule.size).toBe(1);
    expect(schedule.take(5, 10)).toEqual(["a"]);
    expect(schedule.nextReadyAtMs()).toBe(Number.POSITIVE_INFINITY);
  });
});

test("a listing is hot from its third change within ten seconds, and cools down by itself", () => {
  const heat = new Heat();
  heat.changed("A", 0);
  heat.changed("A", 4_000);
  expect(heat.isHot("A", 4_000)).toBe(false);
  heat.changed("A", 9_000);
  expect(heat.isHot("A", 9_000)).toBe(true);
  expect(heat.isHot("B", 9_000)).toBe(false);
  expect(heat.isHot("A", 10_001)).toBe(false);
});

test("a deadline that is moved counts once, at its last time", () => {
  const deadlines = new Deadlines();
  deadlines.set("A", 10);
  deadlines.set("B", 20);
  deadlines.set("A", 30);
  expect(deadlines.nextAtMs()).toBe(20);
  expect(deadlines.take(5, 25)).toEqual(["B"]);
  deadlines.set("A", undefined);
  expect(deadlines.nextAtMs()).toBe(Number.POSITIVE_INFINITY);
  for (let move = 0; move < 10_000; move += 1) deadlines.set("C", move);
  expect(deadlines.take(5, 10_000)).toEqual(["C"]);
});

test("another call gets its turn after nine that publish, if somebody waits for one", () => {
  const gate = new Gate({ batchMax: 1, concurrency: 1, ratePerSecond: 10, burst: 1 }, openGate, 0);
  let nowMs = 0;
  for (let call = 0; call < 9; call += 1) {
    nowMs = gate.nextCallAtMs(nowMs);
    gate.start(nowMs);
  }
  expect(gate.nextCallAtMs(nowMs)).toBeCloseTo(nowMs + 100);
  const turnMs = gate.nextOtherCallAtMs(nowMs);
  expect(turnMs).toBeCloseTo(nowMs + 100);
  expect(gate.nextCallAtMs(nowMs)).toBeGreaterThan(turnMs);
  gate.startOther(turnMs);
  expect(gate.nextCallAtMs(turnMs)).toBeCloseTo(turnMs + 100);
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
  for (let ms = 1; ms <= 2_500; ms += 1) lag.add(ms, 10 * ms);
  expect(lag.summary()).toEqual({ samples: 1_000, p50Ms: 2_000, p95Ms: 2_450, p99Ms: 2_490 });
  const samples = lag.samples();
  expect(samples.map(({ lagMs }) => lagMs)).toEqual(Array.from({ length: 1_000 }, (_, at) => 1_501 + at));
  expect(samples.at(-1)?.at).toBe(new Date(25_000).toISOString());
});
