import type { StockEventsMessage } from "../protocol/queue.ts";
import { publishEvent } from "../stock/publish.ts";
import type { Database } from "./database.ts";
import { newestViews } from "./newest-views.ts";
import { insertOversells, oversellsOf } from "./oversell-rows.ts";
import { retiredStatus } from "./queries.ts";
import { noteBatch } from "./tail.ts";

const insertEntries = `
  INSERT INTO ledger (sku, epoch, version, at_ms, type, channel, reference, event)
  SELECT value ->> 'sku', value ->> 'epoch', value ->> 'version', value ->> 'atMs', value ->> 'type',
         value ->> 'channel', value ->> 'reference', value ->> 'event'
  FROM json_each(?) WHERE true
  ON CONFLICT DO NOTHING`;

const upsertLevels = `
  INSERT INTO levels (sku, epoch, version, status, available, view)
  SELECT value ->> 'sku', value ->> 'epoch', value ->> 'version', value ->> 'status', value ->> 'available',
         value ->> 'view'
  FROM json_each(?) WHERE true
  ON CONFLICT DO UPDATE SET
    epoch = excluded.epoch, version = excluded.version, status = excluded.status,
    available = excluded.available, view = excluded.view
  WHERE (excluded.epoch, excluded.version) > (levels.epoch, levels.version)`;

/**
 * Puts messages into the ledger: each entry once with the oversells it tells of, each SKU's level only forward.
 * Idempotent, whatever the order. Answers the ids of the channels, read in the same transaction: a channel
 * registered later finds these levels in its backfill.
 */
export async function project(
  db: Database,
  messages: readonly StockEventsMessage[],
  nowMs = Date.now(),
  restoredAtMs = 0,
): Promise<string[]> {
  const entries = messages.flatMap(({ sku, entries: list }) =>
    list.map(({ position, event }) => ({
      sku,
      ...position,
      atMs: event.atMs,
      type: event.type,
      channel: "channel" in event ? event.channel : undefined,
      reference: event.reference,
      event: JSON.stringify(publishEvent(sku, position, event)),
    })),
  );
  const levels = newestViews(messages).map((stock) => {
    const { sku, epoch, version, available, retired } = stock;
    const status = retired ? retiredStatus : stock.status;
    return { sku, epoch, version, status, available, view: JSON.stringify(stock) };
  });
  const oversells = messages.flatMap(({ sku, entries: list }) =>
    list.flatMap((entry) => oversellsOf(sku, entry)),
  );
  const results = await db.batch<{ id: string }>([
    ...noteBatch(db, entries, nowMs, restoredAtMs),
    ...inChunks(entries).map((chunk) => db.prepare(insertEntries).bind(chunk)),
    ...inChunks(oversells).map((chunk) => db.prepare(insertOversells).bind(chunk)),
    ...inChunks(levels).map((chunk) => db.prepare(upsertLevels).bind(chunk)),
    db.prepare("SELECT id FROM channels"),
  ]);
  return (results.at(-1)?.results ?? []).map((row) => row.id);
}

/** Rows as JSON arrays of at most about 500 KB: a bound value holds at most 2 MB. */
function inChunks(rows: readonly object[]): string[] {
  const chunks: string[] = [];
  let chunk: string[] = [];
  let characters = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (chunk.length > 0 && characters + text.length > 500_000) {
      chunks.push(`[${chunk.join(",")}]`);
      chunk = [];
      characters = 0;
    }
    chunk.push(text);
    characters += text.length;
  }
  if (chunk.length > 0) chunks.push(`[${chunk.join(",")}]`);
  return chunks;
}
