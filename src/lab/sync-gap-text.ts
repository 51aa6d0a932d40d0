import type { SyncGapReport, SyncResult } from "../protocol/sync-gap.ts";

/** What the argument about polling claims, by cell; what is measured otherwise is said. */
interface Claim {
  readonly architecture: string;
  readonly maxLatencyMs: number;
  readonly visibility: number;
}

const claims: readonly Claim[] = [
  { architecture: "polling, 15 min", maxLatencyMs: 900_000, visibility: 0 },
  { architecture: "polling, 1 min", maxLatencyMs: 60_000, visibility: 0 },
  { architecture: "Stockwire", maxLatencyMs: 500, visibility: 1 },
];

/** Rows of the table, the head first. */
export function summaryRows({ results }: SyncGapReport): string[][] {
  return [
    [
      "architecture",
      "max sync latency",
      "p50",
      "p99",
      "under 30 s old",
      "oversold units",
      "calls an hour",
      "how",
    ],
    ...results.map((result) => [
      result.name,
      formatDuration(result.latency.maxMs),
      formatDuration(result.latency.p50Ms),
      formatDuration(result.latency.p99Ms),
      formatShare(result.visibility),
      `${result.sales.oversoldUnits} of ${result.sales.soldUnits}`,
      formatCount(result.callsPerHour),
      result.how,
    ]),
  ];
}

/** Rows of the table of what growth does. */
export function growthRows({ growth, results, stream }: SyncGapReport): string[][] {
  const pushed = results.find((result) => result.how === "measured");
  return [
    ["as the shop grows", "SKUs", "calls an hour", "longest round", "max sync latency", "oversold units"],
    ...growth.flatMap(({ name, grown }) =>
      grown.map(({ skus, result }, index) => [
        index === 0 ? name : "",
        formatCount(skus),
        formatCount(result.callsPerHour),
        formatDuration(result.longestRoundMs ?? 0),
        formatDuration(result.latency.maxMs),
        `${result.sales.oversoldUnits}`,
      ]),
    ),
    ...(pushed === undefined
      ? []
      : [
          [
            `${pushed.name}, one call a change`,
            formatCount(stream.skus),
            formatCount(pushed.callsPerHour),
            "none",
            formatDuration(pushed.latency.maxMs),
            `${pushed.sales.oversoldUnits}`,
          ],
        ]),
  ];
}

/** Where a measured cell differs from what is claimed, in words. */
export function differences({ results }: SyncGapReport): string[] {
  return claims.flatMap(({ architecture, maxLatencyMs, visibility }) => {
    const result = results.find(({ name }) => name === architecture);
    if (result === undefined) return [];
    return [...latencyDifference(result, maxLatencyMs), ...visibilityDifference(result, visibility)];
  });
}

function latencyDifference({ name, latency, longestRoundMs }: SyncResult, claimedMs: number): string[] {
  if (latency.maxMs <= claimedMs) return [];
  const why =
    longestRoundMs === undefined
      ? `p99 is ${formatDuration(latency.p99Ms)}: the largest orders change hundreds of SKUs at once`
      : `reading and writing take time too, up to ${formatDuration(longestRoundMs)} a round`;
  return [
    `${name}: max sync latency is ${formatDuration(latency.maxMs)}, not ${formatDuration(claimedMs)} (${why})`,
  ];
}

function visibilityDifference({ name, visibility }: SyncResult, claimed: number): string[] {
  const measured = formatShare(visibility);
  if (measured === formatShare(claimed)) return [];
  return [`${name}: numbers are under 30 s old ${measured} of the time, not ${formatShare(claimed)}`];
}

/** `38 ms`, `1.9 s`, `915 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
}

export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : percent.toFixed(1)} %`;
}

function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en");
}
