import type { SyncGapReport } from "../protocol/sync-gap.ts";
import type { Chart } from "./svg-chart.ts";
import { formatDuration } from "./sync-gap-text.ts";

/** How old numbers are, what polling oversells, and what growth costs. */
export function syncGapCharts(report: SyncGapReport): Chart[] {
  return [agesChart(report), oversellsChart(report), callsChart(report)];
}

function agesChart({ results }: SyncGapReport): Chart {
  return {
    title: "How much of the time a channel's number is at most so old",
    x: {
      label: "age of the number",
      scale: "log",
      min: 100,
      max: 3_600_000,
      ticks: [100, 1_000, 10_000, 60_000, 900_000, 3_600_000],
      format: formatDuration,
    },
    y: {
      label: "share of the time",
      scale: "linear",
      min: 0,
      max: 1,
      format: (share) => `${Math.round(share * 100)} %`,
    },
    mark: { x: 30_000, label: "agents: 30 s" },
    series: results.map(({ name, ages }) => ({
      name,
      points: ages.map(({ ageMs, share }): [number, number] => [ageMs, share]),
    })),
  };
}

function oversellsChart({ byInterval, results }: SyncGapReport): Chart {
  const polled = byInterval.map(({ intervalMs, oversoldUnits }): [number, number] => [
    intervalMs,
    oversoldUnits,
  ]);
  const pushed = results
    .filter((result) => result.how === "measured")
    .map((result): [number, number] => [result.latency.p99Ms, result.sales.oversoldUnits]);
  const times = [...polled, ...pushed].map(([ms]) => Math.max(1, ms));
  return {
    title: "Oversold units, by how late channels learn of a sale",
    x: {
      label: "between two polls; p99 of Stockwire",
      scale: "log",
      min: Math.min(1_000, ...times),
      max: 3_600_000,
      ticks: [100, 1_000, 60_000, 300_000, 900_000, 3_600_000].filter(
        (ms) => ms >= Math.min(1_000, ...times),
      ),
      format: formatDuration,
    },
    y: {
      label: "units",
      scale: "linear",
      min: 0,
      max: Math.max(1, ...[...polled, ...pushed].map(([, units]) => units)),
      format: String,
    },
    series: [
      { name: "polling", points: polled },
      ...(pushed.length === 0 ? [] : [{ name: "Stockwire", style: "points" as const, points: pushed }]),
    ],
  };
}

function callsChart({ growth, results, stream }: SyncGapReport): Chart {
  const pushed = results.find((result) => result.how === "measured");
  const series = growth.map(({ name, grown }) => ({
    name: name.replace("polling, ", "").replace("writes ", ""),
    points: grown.map(({ skus, result }): [number, number] => [skus, result.callsPerHour]),
  }));
  const times = growth[0]?.grown.map((one) => one.times) ?? [];
  const own =
    pushed === undefined
      ? []
      : [
          {
            name: "Stockwire",
            style: "dashed" as const,
            points: times.map((k): [number, number] => [stream.skus * k, pushed.callsPerHour * k]),
          },
        ];
  const calls = [...series, ...own].flatMap(({ points }) => points.map(([, count]) => count));
  return {
    title: "Calls an hour, as SKUs and orders grow together",
    x: {
      label: "SKUs",
      scale: "linear",
      min: 0,
      max: stream.skus * Math.max(1, ...times),
      format: (count) => count.toLocaleString("en"),
    },
    y: {
      label: "calls an hour",
      scale: "log",
      min: 10 ** Math.floor(Math.log10(Math.max(1, Math.min(...calls)))),
      max: 10 ** Math.ceil(Math.log10(Math.max(10, ...calls))),
      format: (count) => count.toLocaleString("en"),
    },
    series: [...series, ...own],
  };
}
