import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateStream, grownStream, type OrderStream } from "../../../src/lab/order-stream.ts";
import { type PollerOptions, simulatePolling } from "../../../src/lab/poller.ts";

const minute = 60_000;
const options: PollerOptions = {
  name: "p",
  intervalMs: 15 * minute,
  ratePerSecond: 10,
  writes: "changed",
  ordersPerRead: 100,
};

/** Orders of one unit of A, each on a channel at a minute. */
function day(
  onHand: number,
  ...orders: readonly (readonly [atMinutes: number, channel: number])[]
): OrderStream {
  return {
    channels: 2,
    opening: new Map([
      ["A", onHand],
      ["B", 5],
    ]),
    lengthMs: 60 * minute,
    orders: orders.map(([at, channel], index) => ({
      id: String(index),
      atMs: at * minute,
      channel,
      lines: [{ sku: "A", quantity: 1 }],
    })),
  };
}

describe("a poller", () => {
  it("sells the last unit twice if both buyers come between two polls", () => {
    const { sales } = simulatePolling(day(1, [2, 0], [14, 1]), options);
    expect(sales).toEqual({ orders: 2, soldUnits: 2, oversoldUnits: 1, oversoldLines: 1, missedUnits: 0 });
  });

  it("does not if there was a poll between them", () => {
    const { sales } = simulatePolling(day(1, [2, 0], [16, 1]), options);
    expect(sales).toMatchObject({ soldUnits: 1, oversoldUnits: 0 });
  });

  it("tells the other channel at the next poll, when reading and reckoning are done", () => {
    const { latency } = simulatePolling(day(5, [5, 0]), options);
    // The poll at 15 min: one call of 100 ms to read, one of 100 ms to write.
    expect(latency).toMatchObject({ count: 1, maxMs: 10 * minute + 200 });
  });

  it("reads each channel once a round, and writes what changed, or every SKU of every channel", () => {
    const stream = day(5, [5, 0]);
    // Rounds at 15, 30, 45 and 60 min; the clock stands at 75 min when the day is over.
    const hours = 75 / 60;
    expect(simulatePolling(stream, options).callsPerHour).toBeCloseTo((4 * 2 + 2) / hours);
    const all = simulatePolling(stream, { ...options, writes: "all" });
    expect(all.callsPerHour).toBeCloseTo((4 * 2 + 4 * 2 * 2) / hours);
  });

  it("puts sold units on sale again when it writes a number it reckoned before they were sold", () => {
    const skus = Array.from({ length: 100 }, (_, index) => `S${index}`);
    const stream: OrderStream = {
      channels: 2,
      opening: new Map([...skus, "Z"].map((sku) => [sku, 1])),
      lengthMs: 30 * minute,
      orders: [
        // Sold on channel 0 after the poll at 15 min has read it, and before the poll writes Z there.
        { id: "1", atMs: 15 * minute + 1_000, channel: 0, lines: [{ sku: "Z", quantity: 1 }] },
        { id: "2", atMs: 20 * minute, channel: 0, lines: [{ sku: "Z", quantity: 1 }] },
      ],
    };
    const { sales } = simulatePolling(stream, { ...options, writes: "all" });
    expect(sales).toMatchObject({ soldUnits: 2, oversoldUnits: 1 });
  });

  it("cannot keep its interval when channels take too few calls", () => {
    const stream = generateStream({
      seed: 7,
      skus: 600,
      orders: 200,
      hours: 2,
      channels: 2,
      soldOutShare: 0.1,
    });
    const result = simulatePolling(stream, {
      ...options,
      intervalMs: minute,
      writes: "all",
      ratePerSecond: 5,
    });
    // 600 writes at 5 a second, and at least one read.
    expect(result.longestRoundMs).toBeGreaterThanOrEqual(120_200);
    expect(result.latency.maxMs).toBeGreaterThan(2 * minute);
    expect(result.callsPerHour).toBeLessThanOrEqual(2 * 5 * 3_600);
  });

  it("shows numbers under 30 s old for 30 s of each interval", () => {
    const quick = { ...options, ratePerSecond: 10_000 };
    const stream = day(5, [5, 0]);
    expect(simulatePolling(stream, quick).visibility).toBeCloseTo(30 / 900, 2);
    expect(simulatePolling(stream, { ...quick, intervalMs: minute }).visibility).toBeCloseTo(0.5, 2);
    expect(simulatePolling(stream, { ...quick, intervalMs: 20_000 }).visibility).toBe(1);
  });

  it("loses no unit: what was sold is what was there, and what was oversold", () => {
    const days = fc.record({
      seed: fc.nat(),
      skus: fc.integer({ min: 1, max: 20 }),
      orders: fc.integer({ min: 1, max: 60 }),
      hours: fc.constant(2),
      channels: fc.integer({ min: 2, max: 4 }),
      soldOutShare: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const how = fc.record({
      intervalMs: fc.integer({ min: 1_000, max: 30 * minute }),
      ratePerSecond: fc.double({ min: 1, max: 100, noNaN: true }),
      writes: fc.constantFrom("changed" as const, "all" as const),
    });
    fc.assert(
      fc.property(days, how, (made, settings) => {
        const stream = generateStream(made);
        const result = simulatePolling(stream, { ...options, ...settings });
        const { soldUnits, oversoldUnits } = result.sales;
        const there = [...stream.opening.values()].reduce((sum, units) => sum + units, 0);
        const wanted = stream.orders
          .flatMap(({ lines }) => lines)
          .reduce((sum, line) => sum + line.quantity, 0);
        expect(soldUnits).toBeLessThanOrEqual(wanted);
        expect(soldUnits - oversoldUnits).toBeLessThanOrEqual(there);
        const shares = result.ages.map(({ share }) => share);
        expect(shares).toEqual(shares.toSorted((a, b) => a - b));
        expect(Math.max(...shares)).toBeLessThanOrEqual(1 + 1e-9);
        expect(simulatePolling(stream, { ...options, ...settings })).toEqual(result);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a day that is made up", () => {
  const made = { seed: 3, skus: 50, orders: 80, hours: 6, channels: 3, soldOutShare: 0.2 };

  it("is the same for the same seed, and another for another", () => {
    expect(generateStream(made)).toEqual(generateStream(made));
    expect(generateStream({ ...made, seed: 4 }).orders).not.toEqual(generateStream(made).orders);
  });

  it("is in order, on the channels there are, and a share of its SKUs runs out", () => {
    const { orders, opening, lengthMs } = generateStream(made);
    const times = orders.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(Math.max(...times)).toBeLessThanOrEqual(lengthMs);
    expect(new Set(orders.map(({ channel }) => channel))).toEqual(new Set([0, 1, 2]));
    const wanted = new Map<string, number>();
    for (const { sku, quantity } of orders.flatMap(({ lines }) => lines))
      wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
    const scarce = [...opening].filter(([sku, units]) => units < (wanted.get(sku) ?? 0));
    expect(scarce).toHaveLength(10);
  });

  it("grows into copies of itself that do not share a SKU", () => {
    const stream = generateStream(made);
    const grown = grownStream(stream, 3);
    expect([grown.opening.size, grown.orders.length]).toEqual([150, 240]);
    expect(new Set(grown.orders.map(({ id }) => id)).size).toBe(240);
  });
});
