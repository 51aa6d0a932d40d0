import { describe, expect, it } from "vitest";
import { Ages, visibilityOf } from "../../../src/lab/ages.ts";
import { generateStream } from "../../../src/lab/order-stream.ts";
import { renderCharts } from "../../../src/lab/svg-chart.ts";
import { reportOf, simulateDay } from "../../../src/lab/sync-gap.ts";
import { syncGapCharts } from "../../../src/lab/sync-gap-charts.ts";
import { claimedCells, claimRows } from "../../../src/lab/sync-gap-claims.ts";
import { formatDuration, growthRows, summaryRows } from "../../../src/lab/sync-gap-text.ts";
import { SyncGapReport, type SyncResult } from "../../../src/protocol/sync-gap.ts";

const stream = generateStream({ seed: 1, skus: 60, orders: 150, hours: 6, channels: 2, soldOutShare: 0.2 });
const virtual = simulateDay("made up", stream, 5);
const stockwire: SyncResult = {
  name: "Stockwire",
  how: "measured",
  latency: { count: 3, p50Ms: 20, p95Ms: 60, p99Ms: 80, maxMs: 90 },
  visibility: 1,
  ages: [{ ageMs: 30_000, share: 1 }],
  sales: { orders: 1, soldUnits: 100, oversoldUnits: 0, oversoldLines: 0, missedUnits: 0 },
  callsPerHour: 100,
};

describe("the report", () => {
  it("fits its schema, as a page reads it", () => {
    const report = reportOf(virtual, stockwire);
    expect(SyncGapReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it("has a row for each way to sync, with what was measured", () => {
    const rows = summaryRows(reportOf(virtual, stockwire));
    expect(rows.map(([name]) => name)).toEqual([
      "architecture",
      "polling, 15 min",
      "polling, 1 min",
      "Stockwire",
    ]);
    expect(rows[3]).toEqual(["Stockwire", "90 ms", "20 ms", "80 ms", "100 %", "0 of 100", "100", "measured"]);
    expect(summaryRows(reportOf(virtual, undefined))).toHaveLength(3);
  });

  it("sets each measured cell beside what is claimed, and says where it differs", () => {
    const report = reportOf(virtual, stockwire);
    const verdicts = (of: typeof report) =>
      Object.fromEntries(
        claimedCells(of).map(({ architecture, cell, verdict }) => [`${architecture}, ${cell}`, verdict]),
      );
    expect(verdicts(report)).toMatchObject({
      "polling, 15 min, max sync latency": "as claimed",
      "polling, 15 min, as the shop grows": "differs: in proportion",
      "polling, 1 min, under 30 s old": "differs",
      "polling, 1 min, as the shop grows": "differs: rounds end in time",
      "Stockwire, max sync latency": "as claimed",
      "Stockwire, under 30 s old": "as claimed",
    });
    const late = virtual.results.map((result) => ({
      ...result,
      latency: { ...result.latency, maxMs: result.latency.maxMs + 60_000 },
    }));
    expect(verdicts({ ...report, results: late })["polling, 15 min, max sync latency"]).toContain(
      "differs: a round takes time too",
    );
    const slow = { ...stockwire, latency: { ...stockwire.latency, maxMs: 700 } };
    expect(verdicts(reportOf(virtual, slow))["Stockwire, max sync latency"]).toContain(
      "differs: p50 is 20 ms, p99 80 ms",
    );
    // Without a run nothing is said of Stockwire.
    expect(claimRows(reportOf(virtual, undefined)).flat().join(" ")).not.toContain("Stockwire");
    expect(claimRows(report)[0]).toEqual(["architecture", "", "claimed", "here", ""]);
  });

  it("shows that calls grow with the SKUs, until a channel takes no more", () => {
    const { growth } = virtual;
    const calls = (name: string) =>
      growth.find((one) => one.name === name)?.grown.map(({ result }) => result.callsPerHour) ?? [];
    const [once = 0, twice = 0, fourTimes = 0] = calls("polling, 15 min, writes every SKU");
    expect(twice / once).toBeCloseTo(2, 0);
    expect(fourTimes / once).toBeCloseTo(4, 0);
    for (const count of calls("polling, 1 min, writes every SKU")) expect(count).toBeLessThanOrEqual(36_000);
    expect(growthRows(reportOf(virtual, stockwire)).at(-1)?.[0]).toContain("Stockwire");
  });

  it("is drawn, with Stockwire and without", () => {
    for (const run of [stockwire, undefined]) {
      const svg = renderCharts(syncGapCharts(reportOf(virtual, run)));
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(svg.includes(">Stockwire</text>")).toBe(run !== undefined);
    }
  });
});

describe("ages", () => {
  it("are weighted by time and by how many numbers there are", () => {
    const ages = new Ages();
    ages.stood(0, 60_000, 0, 3);
    ages.stood(60_000, 90_000, 60_000);
    // 3 x 30 of 180 s, and all 30 s of the other.
    expect(visibilityOf(ages.shares())).toBeCloseTo((90 + 30) / 210);
    ages.stood(90_000, 90_000, 0);
    expect(visibilityOf(ages.shares())).toBeCloseTo(120 / 210);
  });
});

describe("a duration", () => {
  it.each([
    [38.4, "38 ms"],
    [999, "999 ms"],
    [1_940, "1.9 s"],
    [61_000, "61 s"],
    [903_000, "903 s"],
  ])("of %d ms reads %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
