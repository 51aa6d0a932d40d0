import { z } from "zod";
import type { ChannelFact, Polled } from "../../kit/inbound.ts";
import { nextQuery, read } from "./client.ts";
import { orderReport } from "./orders.ts";
import { baseUrl, type EbayContext } from "./settings.ts";
import { type Order, Orders } from "./shapes.ts";

const path = "/sell/fulfillment/v1/order";
const pageSize = 100;
/** Orders that one request may name. */
const lookUpMax = 50;
/** An order may be found a little after the time it carries, and eBay's clock is not ours. */
const overlapMs = 300_000;
/** Orders that are remembered, so that the overlap does not tell them again and again. */
const seenMax = 500;

const Cursor = z.strictObject({
  /** Orders modified then or later. */
  from: z.iso.datetime(),
  /** When the present pass began; the next one goes on from there. */
  startedAt: z.iso.datetime().optional(),
  /** The query of the next page of the present pass. */
  page: z.string().optional(),
  /** Orders told of late, and when they were modified. */
  seen: z.array(z.tuple([z.string(), z.string()])),
});
type Cursor = z.infer<typeof Cursor>;

/** Orders modified since the cursor, one page of them. */
export async function poll(context: EbayContext, text: string | undefined): Promise<Polled> {
  const now = new Date(context.now()).toISOString();
  const cursor: Cursor = text === undefined ? { from: now, seen: [] } : Cursor.parse(JSON.parse(text));
  const startedAt = cursor.startedAt ?? now;
  const { orders, next } = await read(context, `${path}?${cursor.page ?? firstPage(cursor.from)}`, Orders);
  const seen = new Map(cursor.seen);
  const news = (orders ?? []).filter(
    ({ orderId, lastModifiedDate }) => seen.get(orderId) !== lastModifiedDate,
  );
  for (const { orderId, lastModifiedDate } of news) {
    // Set anew, so that the youngest stand last.
    seen.delete(orderId);
    seen.set(orderId, lastModifiedDate);
  }
  const page = nextQuery(next, baseUrl(context.settings));
  const told = [...seen].slice(-seenMax);
  const after: Cursor =
    page === undefined
      ? { from: new Date(Date.parse(startedAt) - overlapMs).toISOString(), seen: told }
      : { from: cursor.from, startedAt, page, seen: told };
  return { facts: factsOf(context, news), cursor: JSON.stringify(after), hasMore: page !== undefined };
}

/** The open end matters: an order that is modified while pages are read must not leave what is paged through. */
function firstPage(from: string): string {
  return new URLSearchParams({ filter: `lastmodifieddate:[${from}..]`, limit: String(pageSize) }).toString();
}

/** The orders that a notification pointed to. One that has not been paid for yet is not there, and comes with `poll`. */
export async function lookUp(context: EbayContext, orderIds: readonly string[]): Promise<ChannelFact[]> {
  const facts: ChannelFact[] = [];
  for (let begin = 0; begin < orderIds.length; begin += lookUpMax) {
    const ids = orderIds
      .slice(begin, begin + lookUpMax)
      .map(encodeURIComponent)
      .join(",");
    const { orders } = await read(context, `${path}?orderIds=${ids}`, Orders);
    facts.push(...factsOf(context, orders ?? []));
  }
  return facts;
}

function factsOf(context: EbayContext, orders: readonly Order[]): ChannelFact[] {
  return orders.flatMap((order) => orderReport(order, context.settings.marketplaceId) ?? []);
}
