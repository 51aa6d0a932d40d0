import type { StockEventsBatch, StockEventsMessage } from "../protocol/queue.ts";
import type { Database } from "./database.ts";
import { ledgerOf } from "./bindings.ts";
import { sendStockEvents } from "./outgoing.ts";
import { log } from "../telemetry/log.ts";

export interface DeadLetter {
  readonly id: string;
  readonly sku: string | null;
  readonly receivedAt: string;
  readonly body: StockEventsMessage;
}

type Row = { id: string; sku: string | null; received_at_ms: number; body: string };

/** Consumes the dead-letter queue: keeps the news of every SKU in D1 until somebody replays or discards it. */
export async function keepDeadLetters(batch: MessageBatch<StockEventsBatch>, db: Database): Promise<void> {
  const insert = db.prepare(
    `INSERT INTO dead_letters (id, queue, received_at_ms, sku, body) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const nowMs = Date.now();
  await db.batch(
    batch.messages.flatMap((message) =>
      message.body.messages.map((news, index) =>
        insert.bind(`${message.id}.${index}`, batch.queue, nowMs, news.sku, JSON.stringify(news)),
      ),
    ),
  );
  log("events.given_up", { messages: batch.messages.length });
}

/** Dead letters, oldest first, after an id. */
export async function listDeadLetters(
  db: Database,
  after: string | undefined,
  limit: number,
): Promise<DeadLetter[]> {
  const { results } = await db
    .prepare("SELECT id, sku, received_at_ms, body FROM dead_letters WHERE id > ? ORDER BY id LIMIT ?")
    .bind(after ?? "", limit)
    .all<Row>();
  return results.map((row) => ({
    id: row.id,
    sku: row.sku,
    receivedAt: new Date(row.received_at_ms).toISOString(),
    body: JSON.parse(row.body) as StockEventsMessage,
  }));
}

/** Puts a dead letter on the queue again and forgets it. False if there is none of that id. */
export async function replayDeadLetter(env: Env, id: string): Promise<boolean> {
  const { first } = ledgerOf(env);
  const row = await first
    .prepare("SELECT body FROM dead_letters WHERE id = ?")
    .bind(id)
    .first<{ body: string }>();
  if (row === null) return false;
  await sendStockEvents(env.STOCK_EVENTS, [JSON.parse(row.body) as StockEventsMessage]);
  await first.prepare("DELETE FROM dead_letters WHERE id = ?").bind(id).run();
  return true;
}
