import type { PublishedEvent } from "../protocol/event.ts";
import type { StockView } from "../protocol/stock.ts";
import { isDense, newReplay, type Replay, replayed } from "../stock/replay.ts";
import { stockView } from "../stock/view.ts";
import type { Database } from "./database.ts";
import type { LedgerDatabases } from "./databases.ts";

/** Entries read at once. A Worker may ask D1 a thousand times in one request, so half a million can be added up. */
const pageEntries = 500;

/** How far entries are added up: to a version, to a moment, or, with neither, to the end. */
export interface Until {
  readonly version?: number | undefined;
  readonly atMs?: number | undefined;
  /** Reads no entry after a missing one, so that a later look can go on from there. */
  readonly isToStopAtGap?: boolean;
}

/** Which past is asked for. Without an epoch, a version is one of the newest life. */
export type Moment =
  | { readonly atMs: number }
  | { readonly version: number; readonly epoch?: string | undefined };

export type PastStock =
  | { readonly outcome: "found"; readonly stock: StockView }
  /** The ledger has no event of this SKU, or none of this epoch. */
  | { readonly outcome: "unknown" }
  | { readonly outcome: "not-yet"; readonly firstAtMs: number }
  | { readonly outcome: "no-such-version"; readonly newest: number }
  /** Entries are missing, so that nothing certain can be said. */
  | { readonly outcome: "incomplete" };

/** One life of a SKU. */
interface Life {
  readonly epoch: string;
  readonly firstAtMs: number;
}

/**
 * The stock as it was recorded at a moment or version. A fact that was told late counts from when it was told.
 * The view's `asOf` is the time of its newest entry: it held from then on.
 */
export async function stockAt(ledger: LedgerDatabases, sku: string, moment: Moment): Promise<PastStock> {
  const db = await ledger.of(sku);
  const lives = await livesOf(db, sku);
  const oldest = lives.at(-1);
  const life = lives.find(({ epoch, firstAtMs }) =>
    "atMs" in moment ? firstAtMs <= moment.atMs : epoch === (moment.epoch ?? epoch),
  );
  if (life === undefined) {
    if (oldest === undefined || !("atMs" in moment)) return { outcome: "unknown" };
    return { outcome: "not-yet", firstAtMs: oldest.firstAtMs };
  }
  const replay = await addUp(db, newReplay(sku, life.epoch), moment);
  if (!isDense(replay) || (await isCutOff(db, replay))) return { outcome: "incomplete" };
  if ("version" in moment && replay.state.version < moment.version) {
    return { outcome: "no-such-version", newest: replay.state.version };
  }
  return { outcome: "found", stock: stockView(replay.state, replay.atMs) };
}

/** The epoch of a SKU's newest life; undefined if the ledger knows none. */
export async function newestEpoch(db: Database, sku: string): Promise<string | undefined> {
  const [newest] = await livesOf(db, sku);
  return newest?.epoch;
}

/** Goes on adding up the entries of one life, from where a replay stands; reads no entry beyond `until`. */
export async function addUp(db: Database, from: Replay, until: Until): Promise<Replay> {
  const { version: last = Number.MAX_SAFE_INTEGER, atMs = Number.POSITIVE_INFINITY, isToStopAtGap } = until;
  const { sku, epoch } = from.state;
  const select = db.prepare(
    `SELECT event FROM ledger WHERE sku = ? AND epoch = ? AND version > ? AND version <= ?
     ORDER BY version LIMIT ?`,
  );
  let replay = from;
  for (;;) {
    const { results } = await select
      .bind(sku, epoch, replay.state.version, last, pageEntries)
      .all<{ event: string }>();
    const events = results.map((row) => JSON.parse(row.event) as PublishedEvent);
    const { version } = replay.state;
    const beyond = events.findIndex(
      (event, at) =>
        Date.parse(event.time) > atMs || (isToStopAtGap && event.data.version !== version + 1 + at),
    );
    replay = replayed(replay, beyond === -1 ? events : events.slice(0, beyond));
    if (beyond !== -1 || results.length < pageEntries) return replay;
  }
}

/** Whether the entry after a replay is missing, though later ones are there. */
async function isCutOff(db: Database, { state }: Replay): Promise<boolean> {
  const next = await db
    .prepare(
      "SELECT version FROM ledger WHERE sku = ? AND epoch = ? AND version > ? ORDER BY version LIMIT 1",
    )
    .bind(state.sku, state.epoch, state.version)
    .first<{ version: number }>();
  return next !== null && next.version > state.version + 1;
}

/** The lives of a SKU, the newest first. Each is found with one step in the primary key, however long it was. */
async function livesOf(db: Database, sku: string): Promise<Life[]> {
  const { results } = await db
    .prepare(
      `WITH RECURSIVE lives (epoch) AS (
         SELECT max(epoch) FROM ledger WHERE sku = ?1
         UNION ALL
         SELECT (SELECT max(epoch) FROM ledger WHERE sku = ?1 AND epoch < lives.epoch)
         FROM lives WHERE lives.epoch IS NOT NULL)
       SELECT epoch, (SELECT at_ms FROM ledger WHERE sku = ?1 AND ledger.epoch = lives.epoch
                      ORDER BY version LIMIT 1) AS first_at_ms
       FROM lives WHERE epoch IS NOT NULL`,
    )
    .bind(sku)
    .all<{ epoch: string; first_at_ms: number }>();
  return results.map((row) => ({ epoch: row.epoch, firstAtMs: row.first_at_ms }));
}
