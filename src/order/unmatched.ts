import type { Database } from "../ledger/database.ts";
import { isUnmatched, type Order } from "./order.ts";

/**
 * Puts the unmatched lines of an order into D1, where a person can find and map them, and takes those away that are
 * matched by now.
 */
export async function listUnmatchedLines(db: Database, order: Order, nowMs: number): Promise<void> {
  const { channel, orderId } = order;
  const records = Object.values(order.lines);
  const insert = db.prepare(
    `INSERT INTO unmatched_lines (channel, order_id, line_id, sku, quantity, external, title, received_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET quantity = excluded.quantity,
       external = excluded.external, title = excluded.title`,
  );
  const found = db.prepare("DELETE FROM unmatched_lines WHERE channel = ? AND order_id = ? AND line_id = ?");
  const statements = [
    ...records.filter(isUnmatched).map(({ line, told, external, title }) => {
      const quantity = told?.ordered ?? line.quantity;
      const item = external === undefined ? null : JSON.stringify(external);
      return insert.bind(channel, orderId, line.lineId, line.sku, quantity, item, title ?? null, nowMs);
    }),
    ...records
      .filter((record) => record.wasUnmatched === true && !isUnmatched(record))
      .map(({ line }) => found.bind(channel, orderId, line.lineId)),
  ];
  if (statements.length > 0) await db.batch(statements);
}
