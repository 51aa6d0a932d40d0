import type { GrownResult, SyncGapReport, SyncResult } from "../protocol/sync-gap.ts";
import { grownStream, type OrderStream } from "./order-stream.ts";
import { simulatePolling } from "./poller.ts";

const minuteMs = 60_000;

/** Calls a second that a channel takes unless the caller says otherwise: that of Amazon's listings API. */
export const defaultRatePerSecond = 5;
const ordersPerRead = 100;

/** Minutes between polls at which oversells are compared. */
const comparedMinutes = [1, 2, 5, 10, 15, 30, 60];
/** How many times the SKUs and orders a shop is grown. */
const grownTimes = [1, 2, 4];

/** The part of the lab that is reckoned in virtual time: everything but Stockwire itself. */
export type VirtualPart = Pick<
  SyncGapReport,
  "stream" | "ratePerSecond" | "results" | "byInterval" | "growth"
>;

/** Sells a day of orders under polling: every 15 minutes and every minute, at other intervals, and as the shop grows. */
export function simulateDay(source: string, stream: OrderStream, ratePerSecond: number): VirtualPart {
  const poll = (name: string, minutes: number, writes: "changed" | "all", of = stream) =>
    simulatePolling(of, { name, intervalMs: minutes * minuteMs, ratePerSecond, writes, ordersPerRead });
  const grow = (name: string, minutes: number, writes: "changed" | "all") => ({
    name,
    grown: grownTimes.map((times): GrownResult => {
      const grown = grownStream(stream, times);
      return { times, skus: grown.opening.size, result: poll(name, minutes, writes, grown) };
    }),
  });
  return {
    stream: describe(source, stream),
    ratePerSecond,
    results: [poll("polling, 15 min", 15, "changed"), poll("polling, 1 min", 1, "changed")],
    byInterval: comparedMinutes.map((minutes) => ({
      intervalMs: minutes * minuteMs,
      oversoldUnits: poll("", minutes, "changed").sales.oversoldUnits,
    })),
    growth: [
      grow("polling, 15 min, writes what changed", 15, "changed"),
      grow("polling, 15 min, writes every SKU", 15, "all"),
      grow("polling, 1 min, writes what changed", 1, "changed"),
      grow("polling, 1 min, writes every SKU", 1, "all"),
    ],
  };
}

/** The whole report: what was reckoned, and what was measured of Stockwire if it was run. */
export function reportOf(virtual: VirtualPart, stockwire: SyncResult | undefined): SyncGapReport {
  const kind = "stockwire.sync-gap.v1";
  return { kind, ...virtual, results: [...virtual.results, ...(stockwire === undefined ? [] : [stockwire])] };
}

function describe(source: string, stream: OrderStream): SyncGapReport["stream"] {
  const lines = stream.orders.flatMap((order) => order.lines);
  return {
    source,
    channels: stream.channels,
    skus: stream.opening.size,
    orders: stream.orders.length,
    lines: lines.length,
    units: lines.reduce((total, { quantity }) => total + quantity, 0),
    hours: stream.lengthMs / 3_600_000,
  };
}
