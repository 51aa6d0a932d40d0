import type { ChannelReceiver } from "../channel-receiver.ts";
import type { Consistency } from "../consistency.ts";
import type { Spread } from "../percentiles.ts";
import { formatMs, table } from "../terminal.ts";
import type { DayPlan } from "./planned.ts";
import type { Amount, Tally } from "./tally.ts";

/** How the replay went in time. Requests are HTTP requests, retries included, without the opening and the check. */
export interface Course {
  readonly seconds: number;
  readonly requests: number;
  /** How late the latest invoice was started, against the pace asked for; undefined if none was asked for. */
  readonly latestStartMs: number | undefined;
}

export interface ChannelReport {
  readonly channel: string;
  readonly requests: number;
  readonly changes: number;
  readonly olderAfterNewer: number;
  readonly repeated: number;
  /** Deliveries whose signature or body was not right. */
  readonly untrusted: number;
  /** Sales that changed nothing that is shown (the channel showed 0 before and after), so no delivery was due. */
  readonly salesWithoutDelivery: number;
  readonly fromSend: Spread;
  readonly fromAnswer: Spread;
  readonly fromRecord: Spread;
}

/** Everything the replay found out. */
export interface ReplayReport {
  readonly day: DayPlan;
  readonly tally: Tally;
  readonly course: Course;
  readonly channels: readonly ChannelReport[];
  readonly skusSoldOut: number;
  readonly consistency: Consistency;
  readonly duplicateVersions: readonly string[];
}

export function channelReport(receiver: ChannelReceiver): ChannelReport {
  const { shown, propagation, counts } = receiver;
  return {
    channel: receiver.id,
    requests: counts.requests,
    changes: counts.changes,
    olderAfterNewer: shown.counts.older,
    repeated: shown.counts.equal,
    untrusted: counts.unverified + counts.unreadable,
    salesWithoutDelivery: propagation.pendingCount,
    fromSend: propagation.fromSend(),
    fromAnswer: propagation.fromAnswer(),
    fromRecord: propagation.fromRecord(),
  };
}

/** What went wrong, in words; empty if every promise was kept. */
export function failuresOf(report: ReplayReport): string[] {
  const { consistency, channels, tally, duplicateVersions } = report;
  const older = channels.reduce((total, channel) => total + channel.olderAfterNewer, 0);
  const untrusted = channels.reduce((total, channel) => total + channel.untrusted, 0);
  return [
    [consistency.mismatches.length, "mismatches between stock, ledger and channels"],
    [consistency.oversoldRequests, "requests took more than was available"],
    [older, "older numbers came after newer ones"],
    [untrusted, "deliveries were not signed or not readable"],
    [duplicateVersions.length, "versions were given to two mutations"],
    [tally.notTaken.lines, "order lines were not recorded"],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
}

/** The report for people. */
export function renderReport(report: ReplayReport): string {
  const { day, consistency } = report;
  const parts = [table(orderRows(report)), table(channelRows(report.channels))];
  if (day.notStock.size > 0) {
    const rows = [...day.notStock].map(([code, { rows: count, quantity, value }]) => [
      code,
      String(count),
      String(quantity),
      value.toFixed(2),
    ]);
    parts.push(table([["not stock", "rows", "quantity", "value"], ...rows]));
  }
  if (day.unclear.length > 0) {
    const rows = day.unclear.map((row) => [
      `line ${row.fileLine}`,
      row.invoice,
      row.code,
      String(row.quantity),
    ]);
    parts.push(table([["unclear, left out", "invoice", "code", "quantity"], ...rows]));
  }
  if (consistency.mismatches.length > 0) {
    const rows = consistency.mismatches
      .slice(0, 20)
      .map(({ sku, side, expected, found }) => [sku, side, expected, found]);
    parts.push(table([["mismatch", "side", "expected", "found"], ...rows]));
  }
  const failures = failuresOf(report);
  parts.push(failures.length === 0 ? "every promise kept" : `FAILED: ${failures.join("; ")}`);
  return parts.join("\n\n");
}

function orderRows({ day, tally, course, skusSoldOut, consistency }: ReplayReport): string[][] {
  const perSecond = (count: number) => `${(count / Math.max(course.seconds, 0.001)).toFixed(1)}/s`;
  const amount = (name: string, { lines, units }: Amount) => [name, String(lines), `${units} units`];
  return [
    ["invoices in the file", String(day.invoicesInFile)],
    ["orders", String(tally.orders), perSecond(tally.orders)],
    ["  lines", String(tally.ordered.lines), `${tally.ordered.units} units`, perSecond(tally.ordered.lines)],
    amount("  accepted", tally.accepted),
    amount("  short (refused)", tally.short),
    amount("  oversold", tally.oversold),
    amount("  not recorded", tally.notTaken),
    amount("cancellations", tally.cancelled),
    amount("  of refused lines", tally.nothingToCancel),
    amount("returns", tally.returned),
    amount("write-offs", tally.writtenOff),
    amount("found", tally.found),
    ["not stock (rows)", String(day.rows["not stock"])],
    ["unclear (rows)", String(day.rows.unclear)],
    ["codes that differ only in case", String(day.caseVariants)],
    ["seconds", course.seconds.toFixed(1)],
    ["requests", String(course.requests), perSecond(course.requests)],
    ["latest start, ms late", course.latestStartMs === undefined ? "-" : formatMs(course.latestStartMs)],
    ["SKUs", String(consistency.skus), `${skusSoldOut} sold out`],
    ["ledger events", String(consistency.ledgerEvents)],
    ["mismatches", String(consistency.mismatches.length)],
  ];
}

function channelRows(channels: readonly ChannelReport[]): string[][] {
  const spread = ({ count, p50Ms, p95Ms, p99Ms, maxMs }: Spread) => [
    String(count),
    ...[p50Ms, p95Ms, p99Ms, maxMs].map(formatMs),
  ];
  return [
    [
      "propagation, ms",
      "sales",
      "p50",
      "p95",
      "p99",
      "max",
      "requests",
      "changes",
      "older",
      "repeated",
      "no change",
    ],
    ...channels.flatMap((channel) => [
      [
        `${channel.channel}, from send`,
        ...spread(channel.fromSend),
        ...[channel.requests, channel.changes, channel.olderAfterNewer, channel.repeated].map(String),
        String(channel.salesWithoutDelivery),
      ],
      [`${channel.channel}, from record`, ...spread(channel.fromRecord)],
      [`${channel.channel}, from answer`, ...spread(channel.fromAnswer)],
    ]),
  ];
}
