import type { LedgerItem } from "../protocol/answers.ts";
import { limits } from "../protocol/limits.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { Database, Statement } from "./database.ts";
import type { LedgerDatabases } from "./databases.ts";
import { ascendingBy, merged } from "./merge.ts";
import { InvalidCursorError } from "./page.ts";

/** Old batches that one projection takes away, at most: more than it adds. */
const prunedAtOnce = 4;

/** A place in the order in which the ledger got its entries: of each database, the last batch that is before it. */
export type TailPlace = readonly number[];

/** What one projection added to one database. */
export interface TailBatch {
  /** The place after it. */
  readonly place: TailPlace;
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

/**
 * What was added after a place, oldest first. Each database gives its own in their order, so a SKU's entries stay in
 * theirs; between databases it goes by the time of the batch. At most `batchesMax` of each database.
 */
export async function tailAfter(
  ledger: LedgerDatabases,
  place: TailPlace,
  batchesMax: number,
): Promise<Tail> {
  const tails = await ledger.each((db, shard) => tailOf(db, shard, place[shard] ?? 0, batchesMax));
  const all = merged(
    tails.map((tail) => tail.batches),
    ascendingBy(["recordedAtMs"]),
  );
  // A database that gave as much as it may has more: what others have after its last one must wait for that.
  const lasts = new Set(
    tails.flatMap(({ batches }) => (batches.length < batchesMax ? [] : batches.slice(-1))),
  );
  const end = all.findIndex((batch) => lasts.has(batch));
  const added: TailBatch[] = [];
  let reached = place;
  for (const { shard, seq, items } of end === -1 ? all : all.slice(0, end + 1)) {
    reached = reached.with(shard, seq);
    added.push({ place: reached, items });
  }
  return { batches: added, isIncomplete: tails.some((tail) => tail.isIncomplete) };
}

interface ShardBatch {
  readonly shard: number;
  readonly seq: number;
  readonly recordedAtMs: number;
  readonly items: readonly LedgerItem[];
}

type BatchRow = { first: number | null; seq: number; recorded_at_ms: number; version: number; event: string };

async function tailOf(
  db: Database,
  shard: number,
  seq: number,
  batchesMax: number,
): Promise<{ batches: ShardBatch[]; isIncomplete: boolean }> {
  const [firsts, rows] = await db.batch<BatchRow>([
    db.prepare("SELECT min(seq) AS first FROM ledger_batches"),
    db
      .prepare(
        `SELECT batch.seq AS seq, batch.recorded_at_ms AS recorded_at_ms, ledger.version AS version, ledger.event AS event
         FROM (SELECT seq, recorded_at_ms, entries FROM ledger_batches WHERE seq > ?1 ORDER BY seq LIMIT ?2) AS batch
         JOIN json_each(batch.entries) AS entry
         JOIN ledger ON ledger.sku = entry.value ->> 0 AND ledger.epoch = entry.value ->> 1
           AND ledger.version = entry.value ->> 2
         ORDER BY batch.seq, entry.key`,
      )
      .bind(seq, batchesMax),
  ]);
  const first = firsts?.results[0]?.first ?? undefined;
  const batches = [...Map.groupBy(rows?.results ?? [], (row) => row.seq)].map(([batchSeq, added]) => ({
    shard,
    seq: batchSeq,
    recordedAtMs: added[0]?.recorded_at_ms ?? 0,
    items: added.map(({ version, event }) => ({ ...JSON.parse(event), version }) as LedgerItem),
  }));
  return { batches, isIncomplete: first !== undefined && seq + 1 < first };
}

/** The place after all there is. A database that has nothing yet is at 0. */
export async function tailEnd(ledger: LedgerDatabases): Promise<TailPlace> {
  return ledger.each(async (db) => {
    const row = await db
      .prepare("SELECT max(seq) AS last FROM ledger_batches")
      .first<{ last: number | null }>();
    return row?.last ?? 0;
  });
}

export function formatTailCursor(place: TailPlace): string {
  return encodeCursor(["tail", ...place]);
}

/** The place of a cursor in a ledger of so many databases. Throws `InvalidCursorError`. */
export function parseTailCursor(cursor: string, databases: number): TailPlace {
  const [word, ...place] = decodeCursor(cursor, 1 + databases) ?? [];
  const seqs = place.filter((seq) => typeof seq === "number");
  if (word !== "tail" || seqs.length < databases) throw new InvalidCursorError();
  return seqs;
}
