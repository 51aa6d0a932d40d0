import { formatMs } from "../../src/cli/terminal.ts";
import { spreadOf } from "../../src/cli/percentiles.ts";
import { describeFinding } from "../../src/verify/index.ts";
import type { Verdict } from "./judge.ts";

export interface ChaosReport extends Verdict {
  readonly seed: string;
  readonly kills: number;
  readonly killsWhileStarting: number;
  /** How long there was load, and for how much of it the service was there. */
  readonly loadMs: number;
  readonly servedMs: number;
  /** Mutations, each counted once. */
  readonly offered: number;
  readonly acknowledged: number;
  /** From each start after a kill until it said `ready`. */
  readonly readyMs: readonly number[];
  /** And until the first mutation was acknowledged; one less for each time that the next kill came before it. */
  readonly firstAcknowledgedMs: readonly number[];
  readonly outages: number;
  readonly deliveries: number;
  readonly messages: number;
  readonly connections: number;
  /** Events that the follower of the ledger was told. */
  readonly followed: number;
  readonly followerErrors: number;
}

/** So many findings are printed. */
const shownMax = 50;

/** Whether it showed something, and nothing bad. */
export function isGood({ findings, acknowledged, checked }: ChaosReport): boolean {
  return findings.length === 0 && acknowledged > 0 && checked.entries > 0;
}

export function renderReport(report: ChaosReport): string {
  const { checked, findings, kills, loadMs, servedMs, offered, acknowledged } = report;
  const perSecond = (count: number, ms: number) => (count / (ms / 1_000)).toFixed(0);
  const ready = spreadOf(report.readyMs);
  const first = spreadOf(report.firstAcknowledgedMs);
  const spread = ({ p50Ms, maxMs }: typeof ready) => `p50 ${formatMs(p50Ms)} ms, max ${formatMs(maxMs)} ms`;
  const unanswered = ready.count - first.count;
  return [
    ...findings.slice(0, shownMax).map(describeFinding),
    ...(findings.length > shownMax ? [`and ${findings.length - shownMax} more`] : []),
    `seed ${report.seed}: ${kills} kills in ${(loadMs / 1_000).toFixed(0)} s, ${report.killsWhileStarting} of them while it started; ` +
      `it served for ${(servedMs / 1_000).toFixed(0)} s`,
    `mutations: ${offered} offered (${perSecond(offered, loadMs)}/s), ${acknowledged} acknowledged ` +
      `(${perSecond(acknowledged, loadMs)}/s; ${perSecond(acknowledged, servedMs)}/s while it served), ` +
      `${checked.refused} refused, ${checked.unknown} of unknown outcome, of which ${checked.unknownApplied} were done`,
    `recovery after a kill, from its start: ready ${spread(ready)}; first acknowledged mutation ${spread(first)}` +
      (unanswered > 0 ? ` (${unanswered} times none before the next kill)` : ""),
    `checked: ${checked.entries} ledger entries of ${checked.skus} SKUs, ${checked.calls} calls, ${checked.reads} reads, ` +
      `${report.messages} socket messages on ${report.connections} connections, ${report.deliveries} deliveries to channels ` +
      `through ${report.outages} outages, ${report.followed} events followed`,
    `everybody agreed ${(report.convergedMs / 1_000).toFixed(1)} s after the last answer`,
    `lost ${checked.lost}, doubled ${checked.doubled}, findings ${findings.length}`,
  ].join("\n");
}
