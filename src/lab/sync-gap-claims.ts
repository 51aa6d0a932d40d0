import type { SyncGapReport, SyncResult } from "../protocol/sync-gap.ts";
import { formatDuration, formatShare } from "./sync-gap-text.ts";

/** A cell of the table that the argument about polling is made with, beside what came out. */
export interface ClaimedCell {
  readonly architecture: string;
  readonly cell: string;
  readonly claimed: string;
  readonly measured: string;
  /** `as claimed`, or `differs` and why; empty where a claim is too vague to be wrong. */
  readonly verdict: string;
}

interface Claim {
  readonly architecture: string;
  readonly maxLatencyMs: number;
  /** Share of the time in which numbers are under 30 s old. */
  readonly visibility: number;
  readonly oversells: string;
  readonly growth: string;
}

const claims: readonly Claim[] = [
  {
    architecture: "polling, 15 min",
    maxLatencyMs: 900_000,
    visibility: 0,
    oversells: "high",
    growth: "linear cost, exponential risk",
  },
  {
    architecture: "polling, 1 min",
    maxLatencyMs: 60_000,
    visibility: 0,
    oversells: "medium",
    growth: "rate-limit bottleneck",
  },
  {
    architecture: "Stockwire",
    maxLatencyMs: 500,
    visibility: 1,
    oversells: "near zero",
    growth: "linear cost, constant risk",
  },
];

const asClaimed = "as claimed";

/** Every cell of that table, for what has a result. */
export function claimedCells(report: SyncGapReport): ClaimedCell[] {
  return claims.flatMap((claim) => {
    const result = report.results.find(({ name }) => name === claim.architecture);
    if (result === undefined) return [];
    const { architecture } = claim;
    const { oversoldUnits, soldUnits } = result.sales;
    return [
      { architecture, ...latencyCell(result, claim.maxLatencyMs) },
      { architecture, ...visibilityCell(result, claim.visibility) },
      {
        architecture,
        cell: "oversold units",
        claimed: claim.oversells,
        measured: `${oversoldUnits} of ${soldUnits}`,
        verdict: "",
      },
      { architecture, ...growthCell(report, result, claim.growth) },
    ];
  });
}

/** Rows of the table of claims, the head first. */
export function claimRows(report: SyncGapReport): string[][] {
  return [
    ["architecture", "", "claimed", "here", ""],
    ...claimedCells(report).map(({ architecture, cell, claimed, measured, verdict }, index, cells) => [
      cells[index - 1]?.architecture === architecture ? "" : architecture,
      cell,
      claimed,
      measured,
      verdict,
    ]),
  ];
}

type Cell = Omit<ClaimedCell, "architecture">;

function latencyCell({ latency, longestRoundMs }: SyncResult, claimedMs: number): Cell {
  const why =
    longestRoundMs === undefined
      ? `p50 is ${formatDuration(latency.p50Ms)}, p99 ${formatDuration(latency.p99Ms)}`
      : `a round takes time too, up to ${formatDuration(longestRoundMs)}`;
  return {
    cell: "max sync latency",
    claimed: `${longestRoundMs === undefined ? "under " : ""}${formatDuration(claimedMs)}`,
    measured: formatDuration(latency.maxMs),
    verdict: latency.maxMs <= claimedMs ? asClaimed : `differs: ${why}`,
  };
}

function visibilityCell({ visibility }: SyncResult, share: number): Cell {
  const [claimed, measured] = [formatShare(share), formatShare(visibility)];
  return {
    cell: "under 30 s old",
    claimed,
    measured,
    verdict: claimed === measured ? asClaimed : "differs",
  };
}

/** What growth does: of a poller as it grew, of what is pushed by the calls that a change takes. */
function growthCell({ growth }: SyncGapReport, { name, intervalMs }: SyncResult, claimed: string): Cell {
  const cell = "as the shop grows";
  if (intervalMs === undefined)
    return { cell, claimed, measured: "one call a change and channel", verdict: "" };
  const of = (writes: string) => growth.find((one) => one.name === `${name}, writes ${writes}`)?.grown ?? [];
  const last = of("what changed").at(-1);
  const first = of("what changed")[0];
  if (claimed === "rate-limit bottleneck") {
    const rounds = of("every SKU").map(({ result }) => result.longestRoundMs ?? 0);
    const longestMs = Math.max(0, ...rounds);
    const measured = `round of all SKUs up to ${formatDuration(longestMs)}`;
    return {
      cell,
      claimed,
      measured,
      verdict: longestMs >= intervalMs ? asClaimed : "differs: rounds end in time",
    };
  }
  const times = last?.times ?? 1;
  const calls = (last?.result.callsPerHour ?? 0) / (first?.result.callsPerHour ?? 1);
  const [once, grown] = [first, last].map((one) => one?.result.sales.oversoldUnits ?? 0);
  const measured = `shop x${times}: calls x${calls.toFixed(1)}`;
  if (once === undefined || grown === undefined || once === 0)
    return { cell, claimed, measured: `${measured}, no oversells`, verdict: "" };
  const oversells = grown / once;
  return {
    cell,
    claimed,
    measured: `${measured}, oversells x${oversells.toFixed(1)}`,
    verdict: oversells >= times ** 1.5 ? asClaimed : "differs: in proportion",
  };
}
