import { describe, expect, it } from "vitest";
import { rowHere } from "../../../src/console/row-here.ts";
import { labDayOf, labStandard } from "../../../src/console/sync-gap-form.ts";
import { generateStream } from "../../../src/lab/order-stream.ts";

describe("the form of the sync-gap lab", () => {
  it("asks for the day that the command makes up, until somebody types another", () => {
    const { day, faults } = labDayOf(labStandard);
    expect(faults).toEqual({});
    expect(day).toEqual({
      seed: 1,
      skus: 300,
      orders: 600,
      hours: 12,
      channels: 2,
      soldOutShare: 0.1,
      ratePerSecond: 5,
    });
    expect(day && generateStream(day).orders).toHaveLength(600);
  });

  it("says what is wrong with each field", () => {
    const typed = { ...labStandard, skus: "2.5", channels: "1", hours: "", seed: "1,000" };
    expect(labDayOf(typed)).toEqual({
      faults: {
        skus: "a whole number from 1 to 1,000",
        channels: "a whole number from 2 to 5",
        hours: "a number from 1 to 24",
      },
    });
  });

  it("says of Stockwire what was measured here, and of the rest that it was not", () => {
    expect(rowHere(undefined)).not.toContain("measured");
    const latency = { count: 3, p50Ms: 20, p95Ms: 60, p99Ms: 80, maxMs: 90 };
    const none = "not measured";
    const row = ["Stockwire, this service", "90 ms", "20 ms", "80 ms", none, none, none, "measured"];
    expect(rowHere({ channels: 1, latency })).toEqual(row);
    expect(rowHere({ channels: 0, latency: { ...latency, count: 0 } })).toEqual(rowHere(undefined));
  });
});
