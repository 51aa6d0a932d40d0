import type { StockEventsMessage } from "../protocol/queue.ts";
import { publishEvent } from "../stock/publish.ts";
import { listRegistrations, type Registration, selectRegistrations } from "./channels.ts";
import type { Database, Statement } from "./database.ts";
import type { LedgerDatabases } from "./databases.ts";
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
 * Fails, and with it the transaction, if there is a channel that was not told. The text depends on the row, or SQLite would
 * evaluate it beforehand; it is never JSON.
 */
const refuseIfUntold = `
  SELECT json('not told: ' || id) FROM channels
  WHERE NOT EXISTS (SELECT 1 FROM json_each(?) WHERE value ->> 'id' = channels.id AND value ->> 'sinceMs' = created_at_ms)`;

/** What became of messages. */
export interface Projected {
  /** The channels after it. One that was registered later finds these levels in its backfill. */
  readonly channels: readonly Registration[];
  /** What a database did not take: everything of its SKUs. The other databases have theirs. */
  readonly failures: readonly ProjectionFailure[];
}

export interface ProjectionFailure {
  readonly messages: readonly StockEventsMessage[];
  readonly error: unknown;
}

/**
 * Puts messages into the ledger: each entry once with the oversells it tells of, each SKU's level only forward.
 * Idempotent, whatever the order. `told`: the channels that have the views. What is in the ledger counts as told to all, so
 * nothing is written if there is another one; of several databases only the first can know that, and only if all SKUs are
 * in it. Throws then, and if the channels cannot be read.
 */
export async function project(
  ledger: LedgerDatabases,
  messages: readonly StockEventsMessage[],
  told: readonly Registration[],
  nowMs = Date.now(),
  restoredAtMs = 0,
): Promise<Projected> {
  const groups = ledger.group(messages, ({ sku }) => sku);
  const writesTo = (db: Database, own: readonly StockEventsMessage[]) => writes(db, own, nowMs, restoredAtMs);
  if (groups.every(({ shard }) => shard === 0)) {
    // In one transaction, so in one round trip.
    const first = await ledger.at(0);
    const results = await first.batch<Registration>([
      first.prepare(refuseIfUntold).bind(JSON.stringify(told)),
      ...writesTo(first, messages),
      first.prepare(selectRegistrations),
    ]);
    return { channels: results.at(-1)?.results ?? [], failures: [] };
  }
  const written = await Promise.allSettled(
    groups.map(async ({ shard, items }) => {
      const db = await ledger.at(shard);
      await db.batch(writesTo(db, items));
    }),
  );
  const failures = groups.flatMap(({ items }, index): ProjectionFailure[] => {
    const result = written[index];
    return result?.status === "rejected" ? [{ messages: items, error: result.reason }] : [];
  });
  return { channels: await listRegistrations(ledger.first), failures };
}

/** What puts messages into the database of their SKUs. */
function writes(
  db: Database,
  messages: readonly StockEventsMessage[],
  nowMs: number,
  restoredAtMs: number,
): Statement[] {
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
  return [
    ...noteBatch(db, entries, nowMs, restoredAtMs),
    ...inChunks(entries).map((chunk) => db.prepare(insertEntries).bind(chunk)),
    ...inChunks(oversells).map((chunk) => db.prepare(insertOversells).bind(chunk)),
    ...inChunks(levels).map((chunk) => db.prepare(upsertLevels).bind(chunk)),
  ];
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
