import type { Database } from "./database.ts";
import { descending, type Page, toPage, Where } from "./page.ts";

/** A line of a channel's order whose SKU nobody knew. */
export interface UnmatchedLine {
  readonly channel: string;
  readonly orderId: string;
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
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
  const items = page.items.map(({ channel, order_id, line_id, sku, quantity, received_at_ms }) => ({
    channel,
    orderId: order_id,
    lineId: line_id,
    sku,
    quantity,
    receivedAt: new Date(received_at_ms).toISOString(),
  }));
  return { ...page, items };
}
