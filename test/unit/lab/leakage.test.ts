import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computeLeakage, leakageAt } from "../../../src/lab/leakage.ts";
import { LeakageAnswer, LeakageRequest } from "../../../src/protocol/leakage.ts";

const reference = {
  dailyOrders: 500,
  syncIntervalMinutes: 15,
  averageOrderValue: 1500,
  oversellRate: 0.02,
  customerLifetimeValue: 8000,
  churnRate: 0.3,
  currency: "INR",
};

const shops = fc.record({
  dailyOrders: fc.double({ min: 0, max: 1e9, noNaN: true }),
  syncIntervalMinutes: fc.double({ min: 1 / 60_000, max: 10_080, noNaN: true }),
  averageOrderValue: fc.double({ min: 0, max: 1e12, noNaN: true }),
  oversellRate: fc.double({ min: 0, max: 1, noNaN: true }),
  customerLifetimeValue: fc.double({ min: 0, max: 1e12, noNaN: true }),
  churnRate: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe("the reference case", () => {
  it("loses 390 in each of 96 windows, 37,440 a day, and 39,000 if orders are counted as they are", () => {
    expect(computeLeakage(reference)).toMatchObject({
      currency: "INR",
      windowsPerDay: 96,
      ordersPerWindow: 5,
      lossPerOversell: 3_900,
      lossPerWindow: 390,
      oversellsPerDay: 9.6,
      oversellsPerDayUnrounded: 10,
      dailyLeakage: 37_440,
      dailyLeakageUnrounded: 39_000,
      yearlyLeakage: 13_665_600,
      yearlyLeakageUnrounded: 14_235_000,
      notes: [],
    });
  });

  it("keeps half a second's part of the loss if each change is pushed", () => {
    // 39,000 x 0.5 s / 900 s
    expect(computeLeakage(reference).eventDriven).toMatchObject({ windowSeconds: 0.5, dailyLeakage: 21.67 });
  });

  it("loses in proportion to the interval, and at its own interval what was asked about", () => {
    const { byInterval, dailyLeakageUnrounded } = computeLeakage(reference);
    expect(leakageAt(reference, 1).dailyLeakage).toBe(2_600);
    expect(leakageAt(reference, 60).dailyLeakage).toBe(156_000);
    expect(byInterval.find((one) => one.syncIntervalMinutes === 15)?.dailyLeakage).toBe(
      dailyLeakageUnrounded,
    );
  });
});

describe("windows", () => {
  it("need not divide a day: there is a fraction of one, and it counts", () => {
    const answer = computeLeakage({ ...reference, syncIntervalMinutes: 7 });
    expect(answer).toMatchObject({ windowsPerDay: 205.714285714, ordersPerWindow: 2 });
    // 2 orders x 2 % x 3,900 x 1,440 / 7
    expect(answer.dailyLeakage).toBe(32_091.43);
    expect(answer.dailyLeakageUnrounded).toBe(39_000);
  });

  it("may be longer than a day, which is noted", () => {
    const answer = computeLeakage({ ...reference, syncIntervalMinutes: 2_880 });
    expect(answer).toMatchObject({ windowsPerDay: 0.5, ordersPerWindow: 1_000, dailyLeakage: 39_000 });
    expect(answer.notes).toEqual([expect.stringContaining("more than a day apart")]);
  });

  it("with less than a whole order show no loss, which is noted: the loss is there", () => {
    const answer = computeLeakage({ ...reference, dailyOrders: 90 });
    expect(answer).toMatchObject({ ordersPerWindow: 0, dailyLeakage: 0, dailyLeakageUnrounded: 7_020 });
    expect(answer.notes).toEqual([expect.stringContaining("dailyLeakageUnrounded")]);
  });

  it("hold a whole number of orders where only the arithmetic of fractions says a little less", () => {
    for (const minutes of [0.1, 0.3, 0.7, 1.1, 4.9]) {
      const dailyOrders = (3 * 1_440) / minutes;
      const { ordersPerWindow } = computeLeakage({ ...reference, syncIntervalMinutes: minutes, dailyOrders });
      expect(ordersPerWindow).toBe(3);
    }
  });
});

describe("any shop", () => {
  it("gets finite numbers that fit the schema, and never loses more counted whole than counted as it is", () => {
    fc.assert(
      fc.property(shops, (shop) => {
        const answer = LeakageAnswer.parse(computeLeakage(LeakageRequest.parse(shop)));
        expect(answer.ordersPerWindow).toBeLessThanOrEqual(answer.ordersPerWindowUnrounded * (1 + 1e-9));
        expect(answer.dailyLeakage).toBeLessThanOrEqual(answer.dailyLeakageUnrounded * (1 + 1e-9) + 0.01);
        const losses = answer.byInterval.map((one) => one.dailyLeakage);
        expect(losses).toEqual(losses.toSorted((a, b) => a - b));
        expect(answer.byInterval.every((one) => one.oversellRate <= 1)).toBe(true);
      }),
    );
  });

  it("loses nothing without orders, without oversells, or if an order is worth nothing", () => {
    const nothing = [
      { dailyOrders: 0 },
      { oversellRate: 0 },
      { averageOrderValue: 0, customerLifetimeValue: 0 },
    ];
    for (const change of nothing) {
      const answer = computeLeakage({ ...reference, ...change });
      expect([answer.dailyLeakage, answer.dailyLeakageUnrounded, answer.yearlyLeakage]).toEqual([0, 0, 0]);
    }
  });

  it("is told amounts in the smallest unit of its currency", () => {
    const shop = { ...reference, averageOrderValue: 1.2345, customerLifetimeValue: 0 };
    const lossIn = (currency: string | undefined) => computeLeakage({ ...shop, currency }).lossPerOversell;
    expect([lossIn("JPY"), lossIn("EUR"), lossIn("KWD"), lossIn(undefined)]).toEqual([1, 1.23, 1.235, 1.23]);
  });
});

describe("a request", () => {
  const faultOf = (change: object) =>
    LeakageRequest.safeParse({ ...reference, ...change }).error?.issues.map((issue) => issue.message);

  it("says what is wrong with it", () => {
    expect(faultOf({ oversellRate: 2 })).toEqual(["a rate is a fraction from 0 to 1: write 0.02 for 2 %"]);
    expect(faultOf({ churnRate: -0.1 })).toEqual(["a rate is a fraction from 0 to 1"]);
    expect(faultOf({ syncIntervalMinutes: 0 })).toEqual([expect.stringContaining("at least 1 ms")]);
    expect(faultOf({ syncIntervalMinutes: 20_000 })).toEqual([expect.stringContaining("at most a week")]);
    expect(faultOf({ dailyOrders: -1 })).toEqual(["orders must not be negative"]);
    expect(faultOf({ dailyOrders: Number.NaN })).toHaveLength(1);
    expect(faultOf({ averageOrderValue: Number.POSITIVE_INFINITY })).toHaveLength(1);
    expect(faultOf({ currency: "rs" })).toEqual([expect.stringContaining("ISO 4217")]);
    expect(faultOf({ ordersADay: 5 })).toHaveLength(1);
  });
});
