import { z } from "zod";
import type { OrderReport } from "./inbound.ts";

/**
 * Orders are asked for again from so long before the newest change that was seen: a slow transaction becomes visible
 * later than others that began after it.
 */
export const overlapMs = 10_000;

const Cursor = z.object({
  /** The latest change that was seen, by the channel's clock. */
  sinceMs: z.number(),
  /** False if there was more to read than one poll takes. */
  isCaughtUp: z.boolean(),
  /** Orders placed before that are older than the connection. */
  placedFromMs: z.number(),
  /** Orders placed since then that are older than the connection too. */
  before: z.array(z.string()),
  /** Orders changed within the overlap: when that was, and what was told of them. */
  told: z.record(z.string(), z.tuple([z.number(), z.string()])),
});

/**
 * How far the orders of a channel have been read, all by its own clock. What was told of the orders in the overlap is
 * kept, so that they come again only if they say something new.
 */
export type OrderCursor = z.infer<typeof Cursor>;

/** An order as a poll finds it. */
export interface PolledOrder {
  readonly placedAtMs: number;
  readonly updatedAtMs: number;
  /**
   * `open`: the channel may still take it back without a trace; it is asked for again until that is over. `void`: it
   * holds no stock and never did; should it change, it is looked at anew.
   */
  readonly standing: "settled" | "open" | "void";
  readonly report: OrderReport;
}

/** Begins after the given orders, the latest of the channel: what was placed by then is never told. */
export function beginAfter(orders: readonly PolledOrder[]): OrderCursor {
  const newestMs = Math.max(0, ...orders.map((order) => order.placedAtMs));
  const placedFromMs = Math.max(0, newestMs - overlapMs);
  const before = orders.filter((order) => order.placedAtMs >= placedFromMs);
  return {
    sinceMs: Math.max(0, ...orders.map((order) => order.updatedAtMs)),
    isCaughtUp: true,
    placedFromMs,
    before: before.map(({ report }) => report.orderId),
    told: {},
  };
}

/** Orders changed at that time or later are to be asked for. */
export function askFromMs({ sinceMs, isCaughtUp }: OrderCursor): number {
  return isCaughtUp ? Math.max(0, sinceMs - overlapMs) : sinceMs;
}

/** What is new in the orders that were found, and the cursor after them. */
export function advance(
  cursor: OrderCursor,
  found: readonly PolledOrder[],
  isCaughtUp: boolean,
): { readonly facts: OrderReport[]; readonly cursor: OrderCursor } {
  const ours = found.filter(
    ({ placedAtMs, report }) => placedAtMs >= cursor.placedFromMs && !cursor.before.includes(report.orderId),
  );
  const seenMs = Math.max(cursor.sinceMs, ...found.map((order) => order.updatedAtMs));
  const sinceMs = Math.min(seenMs, ...ours.filter(isOpen).map((order) => order.updatedAtMs));
  const facts: OrderReport[] = [];
  const told = new Map(Object.entries(cursor.told));
  for (const { updatedAtMs, standing, report } of ours) {
    if (standing !== "settled") continue;
    const counts = countsOf(report);
    if (told.get(report.orderId)?.[1] !== counts) facts.push(report);
    told.set(report.orderId, [updatedAtMs, counts]);
  }
  const recent = [...told].filter(([, [updatedAtMs]]) => updatedAtMs >= sinceMs - overlapMs);
  return { facts, cursor: { ...cursor, sinceMs, isCaughtUp, told: Object.fromEntries(recent) } };
}

export function writeCursor(cursor: OrderCursor): string {
  return JSON.stringify(cursor);
}

/** Throws if the text is not one of ours. */
export function readCursor(text: string): OrderCursor {
  return Cursor.parse(JSON.parse(text));
}

function isOpen({ standing }: PolledOrder): boolean {
  return standing === "open";
}

function countsOf({ lines }: OrderReport): string {
  return lines
    .map(({ lineId, ordered, cancelled, fulfilled, restocked, writtenOff }) =>
      [lineId, ordered, cancelled, fulfilled, restocked, writtenOff].join(" "),
    )
    .join(";");
}
