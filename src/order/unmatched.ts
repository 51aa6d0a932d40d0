import type { OrderLineResult } from "./contract.ts";
import type { Order } from "./order.ts";

/** Keeps unmatched lines in D1, where a person can find and map them. */
export async function keepUnmatched(
  db: D1Database,
  order: Order,
  results: readonly OrderLineResult[],
  nowMs: number,
): Promise<void> {
  const insert = db.prepare(
    `INSERT INTO unmatched_lines (channel, order_id, line_id, sku, quantity, received_at_ms)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const statements = results
    .filter((result) => result.status === "unmatched")
    .map(({ lineId, sku, quantity }) =>
      insert.bind(order.channel, order.orderId, lineId, sku, quantity, nowMs),
    );
  if (statements.length > 0) await db.batch(statements);
}
