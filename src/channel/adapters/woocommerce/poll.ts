import { z } from "zod";
import type { OrderReport, Polled } from "../../kit/inbound.ts";
import { read, type WooContext } from "./client.ts";
import { orderReport } from "./orders.ts";
import { refundsOf } from "./look-up.ts";
import { GmtTime, Order, orderFields } from "./shapes.ts";
import { reviveWebhooks } from "./webhooks.ts";

export const pollEveryMs = 60_000;

const pageSize = 100;
/** An order may become visible a little after the time it carries. */
const overlapMs = 120_000;
/** Rows of a page that the next one has again, in case orders before it were changed and left their places. */
const pageOverlap = 20;
/** Webhooks are looked after so often. */
const reviveEveryMs = 600_000;
/** Without any order to go by, the shop's clock may be so far behind ours. */
const clockSkewMs = 3_600_000;

const Cursor = z.strictObject({
  /** What was modified up to then is none of our business: the shop's numbers had it when the channel began. */
  begin: GmtTime,
  /** Orders modified after this are read, `offset` of them have been. */
  after: GmtTime,
  offset: z.int().min(0),
  /** The newest modification read so far, by the shop's clock. */
  newest: GmtTime,
  /** Orders that will be read again: their id, modification, and a digest of what was told. */
  seen: z.array(z.tuple([z.int(), GmtTime, z.string()])),
  revivedAtMs: z.number(),
});
type Cursor = z.infer<typeof Cursor>;

const Orders = z.array(Order);

/** Orders modified since the cursor, the oldest first. Also turns webhooks on again that WooCommerce has turned off. */
export async function poll(context: WooContext, text: string | undefined): Promise<Polled> {
  const cursor = text === undefined ? await fromNow(context) : Cursor.parse(JSON.parse(text));
  const orders = await read(context, "orders", queryOf(cursor), Orders);
  const facts: OrderReport[] = [];
  const seen = new Map(cursor.seen.map((entry) => [entry[0], entry]));
  for (const order of orders) {
    const report = orderReport(order, undefined, context.settings);
    const digest = digestOf(JSON.stringify([report, order.refunds.map(({ id }) => id)]));
    const known = seen.get(order.id);
    seen.set(order.id, [order.id, order.date_modified_gmt, digest]);
    const isOld = order.date_modified_gmt <= cursor.begin;
    if (report === undefined || isOld || known?.[2] === digest) continue;
    const refunds = order.refunds.length === 0 ? [] : await refundsOf(context, order.id);
    facts.push(orderReport(order, refunds, context.settings) ?? report);
  }
  const hasMore = orders.length === pageSize;
  const next = advanced(cursor, orders, hasMore);
  const revivedAtMs = await revive(context, cursor.revivedAtMs);
  const kept = [...seen.values()].filter(([, modified]) => modified > next.after);
  return {
    facts,
    cursor: JSON.stringify({ ...cursor, ...next, seen: kept, revivedAtMs } satisfies Cursor),
    hasMore,
  };
}

function queryOf({ after, offset }: Cursor): Record<string, string> {
  return {
    modified_after: after,
    dates_are_gmt: "true",
    orderby: "modified",
    order: "asc",
    per_page: String(pageSize),
    offset: String(offset),
    _fields: orderFields,
  };
}

function advanced(
  cursor: Cursor,
  orders: readonly Order[],
  hasMore: boolean,
): Pick<Cursor, "after" | "offset" | "newest"> {
  const times = orders.map((order) => order.date_modified_gmt);
  const newest = [cursor.newest, ...times].reduce((a, b) => (a > b ? a : b));
  if (hasMore) return { after: cursor.after, offset: cursor.offset + pageSize - pageOverlap, newest };
  return { after: toGmt(fromGmt(newest) - overlapMs), offset: 0, newest };
}

/** Begins with the newest order there is: the shop's clock may differ from ours. */
async function fromNow(context: WooContext): Promise<Cursor> {
  const query = { orderby: "modified", order: "desc", per_page: "1", _fields: orderFields };
  const [newestOrder] = await read(context, "orders", query, Orders);
  const newest = newestOrder?.date_modified_gmt ?? toGmt(context.now() - clockSkewMs);
  const after = toGmt(fromGmt(newest) - overlapMs);
  return { begin: newest, after, offset: 0, newest, seen: [], revivedAtMs: 0 };
}

/** What fails here is not told: orders come by polling all the same, and the connection test names what is wrong. */
async function revive(context: WooContext, lastMs: number): Promise<number> {
  const nowMs = context.now();
  if (nowMs - lastMs < reviveEveryMs) return lastMs;
  await reviveWebhooks(context);
  return nowMs;
}

function fromGmt(gmt: string): number {
  return Date.parse(`${gmt}Z`);
}

function toGmt(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19);
}

/** FNV-1a, 32 bits: tells two states of one order apart. */
function digestOf(text: string): string {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
  }
  return (hash >>> 0).toString(36);
}
