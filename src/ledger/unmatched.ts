import type { External } from "../protocol/channel.ts";
import type { Database } from "./database.ts";
import { descending, type Page, toPage, Where } from "./page.ts";

/** A line of a channel's order whose SKU nobody knew. */
export interface UnmatchedLine {
  readonly channel: string;
  readonly orderId: string;
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  /** The channel's item and its title there, if the channel said so. */
  readonly external?: External | undefined;
  readonly title?: string | undefined;
  readonly receivedAt: string;
}

export interface UnmatchedFilter {
  readonly channel?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

type Row = {
  channel: string;
  order_id: string;
  line_id: string;
  sku: string;
  quantity: number;
  external: string | null;
  title: string | null;
  received_at_ms: number;
};

const order = ["received_at_ms", "channel", "order_id", "line_id"];

/** Unmatched lines, newest first. */
export async function listUnmatched(db: Database, filter: UnmatchedFilter): Promise<Page<UnmatchedLine>> {
  const where = new Where().and("channel = ?", filter.channel).before(order, filter.cursor);
  const { results } = await db
    .prepare(`SELECT * FROM unmatched_lines ${where.clause} ORDER BY ${descending(order)} LIMIT ?`)
    .bind(...where.bindings, filter.limit + 1)
    .all<Row>();
  const page = toPage(results, filter.limit, (row) => [
    row.received_at_ms,
    row.channel,
    row.order_id,
    row.line_id,
  ]);
  return { ...page, items: page.items.map(toLine) };
}

/** One unmatched line; undefined if there is none. */
export async function findUnmatched(
  db: Database,
  channel: string,
  orderId: string,
  lineId: string,
): Promise<UnmatchedLine | undefined> {
  const row = await db
    .prepare("SELECT * FROM unmatched_lines WHERE channel = ? AND order_id = ? AND line_id = ?")
    .bind(channel, orderId, lineId)
    .first<Row>();
  return row === null ? undefined : toLine(row);
}

function toLine({ channel, order_id, line_id, sku, quantity, external, title, received_at_ms }: Row) {
  return {
    channel,
    orderId: order_id,
    lineId: line_id,
    sku,
    quantity,
    ...(external !== null && { external: JSON.parse(external) as External }),
    ...(title !== null && { title }),
    receivedAt: new Date(received_at_ms).toISOString(),
  };
}
