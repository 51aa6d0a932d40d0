import type { LedgerItem } from "../protocol/answers.ts";
import { limits } from "../protocol/limits.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { Database, Statement } from "./database.ts";
import { InvalidCursorError } from "./page.ts";

/** Old batches that one projection takes away, at most: more than it adds. */
const prunedAtOnce = 4;

/** What one projection added to the ledger. */
export interface TailBatch {
  readonly seq: number;
  readonly items: readonly LedgerItem[];
}

export interface Tail {
  readonly batches: readonly TailBatch[];
  /** Batches after the cursor are gone: what they added is in the ledger, but no longer in order. */
  readonly isIncomplete: boolean;
}

/**
 * Notes which entries are about to be added. Belongs into the transaction that adds them, before they are there: an
 * entry that came already is not noted again. Batches are counted from `restoredAtMs` on, far beyond any count, so that
 * after a restore no cursor stands for another batch than before.
 */
export function noteBatch(
  db: Database,
  entries: readonly { readonly sku: string; readonly epoch: string; readonly version: number }[],
  nowMs: number,
  restoredAtMs: number,
): Statement[] {
  const keys = JSON.stringify(entries.map(({ sku, epoch, version }) => [sku, epoch, version]));
  return [
    db
      .prepare(
        `INSERT INTO ledger_batches (seq, recorded_at_ms, entries)
         SELECT max(coalesce((SELECT max(seq) FROM ledger_batches), 0) + 1, ?3), ?2, json_group_array(json(entry)) FROM (
           SELECT DISTINCT value AS entry FROM json_each(?1)
           WHERE NOT EXISTS (SELECT 1 FROM ledger
             WHERE sku = value ->> 0 AND epoch = value ->> 1 AND version = value ->> 2)
         ) HAVING count(*) > 0`,
      )
      .bind(keys, nowMs, restoredAtMs),
    // The newest one always stays: the next one counts on from it.
    db
      .prepare(
        `DELETE FROM ledger_batches WHERE recorded_at_ms < ?1 AND seq < (SELECT max(seq) FROM ledger_batches)
         AND seq IN (SELECT seq FROM ledger_batches ORDER BY seq LIMIT ?2)`,
      )
      .bind(nowMs - limits.tailRetentionMs, prunedAtOnce),
  ];
}

/** What was added after a batch, oldest first. */
export async function tailAfter(db: Database, seq: number, batchesMax: number): Promise<Tail> {
  const [firsts, rows] = await db.batch<{
    first: number | null;
    seq: number;
    version: number;
    event: string;
  }>([
    db.prepare("SELECT min(seq) AS first FROM ledger_batches"),
    db
      .prepare(
        `SELECT batch.seq AS seq, ledger.version AS version, ledger.event AS event
         FROM (SELECT seq, entries FROM ledger_batches WHERE seq > ?1 ORDER BY seq LIMIT ?2) AS batch
         JOIN json_each(batch.entries) AS entry
         JOIN ledger ON ledger.sku = entry.value ->> 0 AND ledger.epoch = entry.value ->> 1
           AND ledger.version = entry.value ->> 2
         ORDER BY batch.seq, entry.key`,
      )
      .bind(seq, batchesMax),
  ]);
  const first = firsts?.results[0]?.first ?? undefined;
  const batches = [...Map.groupBy(rows?.results ?? [], (row) => row.seq)].map(([batchSeq, added]) => ({
    seq: batchSeq,
    items: added.map(({ version, event }) => ({ ...JSON.parse(event), version }) as LedgerItem),
  }));
  return { batches, isIncomplete: first !== undefined && seq + 1 < first };
}

/** The last batch there is; 0 before the first one. */
export async function tailEnd(db: Database): Promise<number> {
  const row = await db
    .prepare("SELECT max(seq) AS last FROM ledger_batches")
    .first<{ last: number | null }>();
  return row?.last ?? 0;
}

export function formatTailCursor(seq: number): string {
  return encodeCursor(["tail", seq]);
}

/** Throws `InvalidCursorError`. */
export function parseTailCursor(cursor: string): number {
  const [word, seq] = decodeCursor(cursor, 2) ?? [];
  if (word !== "tail" || typeof seq !== "number") throw new InvalidCursorError();
  return seq;
}
