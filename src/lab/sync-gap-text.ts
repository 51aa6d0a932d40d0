import type { SyncGapReport } from "../protocol/sync-gap.ts";

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

/** `38 ms`, `1.9 s`, `915 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
}

export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : percent.toFixed(1)} %`;
}

export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en");
}
