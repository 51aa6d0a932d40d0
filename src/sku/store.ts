import type { StockEvent } from "../protocol/event.ts";
import { limits } from "../protocol/limits.ts";
import type { Position } from "../protocol/position.ts";
import type { LedgerEntry } from "../protocol/queue.ts";
import type { StockView } from "../protocol/stock.ts";
import { migrate, type Sql } from "../storage/schema.ts";
import { evolve } from "../stock/evolve.ts";
import type { Refusal } from "../stock/refusal.ts";
import { parseReservationId } from "../stock/reservation-id.ts";
import type { EndedReservation, OrderLine, SkuState } from "../stock/state.ts";
import type { StoredFollowers } from "./followers.ts";
import { migrations } from "./migrations.ts";
import type { SettledRun } from "./outbox.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot.ts";

/** How many versions share one row of ended reservations: they end near each other, so a row is written seldom. */
const versionsPerPage = 64;

/** So many entries the ledger of all SKUs is asked for at once. */
const settledMax = 5_000;

/** What was answered to a mutation, beside where the SKU stood: `event` is absent if nothing had to change. */
export type Answer =
  | { readonly kind: "done"; readonly event?: StockEvent; readonly stock: StockView }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** What was answered to an idempotency key. */
export type StoredAnswer = Answer & { readonly fingerprint: string; readonly position: Position };

export interface NewEntry extends LedgerEntry {
  readonly key?: string | undefined;
  readonly fingerprint?: string | undefined;
  /** The view that was answered with it; absent for events nobody asked for. */
  readonly stock?: StockView | undefined;
}

/** What was answered to a mutation that made a ledger row. */
export interface RecordedAnswer {
  readonly kind: "done";
  readonly fingerprint: string;
  readonly position: Position;
  readonly event: StockEvent;
  readonly stock: StockView;
}

/** An idempotency key, and the digest of what was asked with it. */
export interface RequestKey {
  readonly key: string;
  readonly fingerprint: string;
}

type LedgerRow = { epoch: string; version: number; fingerprint: string; event: string; view: string };

type HeadRow = {
  schema_step: number;
  confirmed_epoch: string;
  confirmed_version: number;
  used_by: string;
  followers: string;
  state: string;
};

/** What an object needs to begin its work. */
export interface Loaded {
  readonly state: SkuState;
  readonly checkpointVersion: number;
  /** Up to where the ledger and the channels have everything. */
  readonly confirmed: Position;
  /** Kits that are made of this SKU. */
  readonly usedBy: readonly string[];
  /** Feeds that are told of changes, and until when. */
  readonly followers: StoredFollowers;
}

/**
 * All SQL of a SkuObject. Every method is synchronous; the object decides what makes up a transaction. Waking up is
 * the most frequent thing an object does, so all it needs is in one row of `head` (more, if the state is large) and in
 * the ledger's last entries.
 */
export class SkuStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * Makes room for a new life of the SKU. Of an earlier one only the ledger stays, for the outbox and for answers to
   * repeated keys; its orders and reservations are closed.
   */
  beginLife(): void {
    migrate(this.#sql, migrations);
    this.#sql.exec("DELETE FROM order_lines");
    this.#sql.exec("DELETE FROM ended_reservations");
  }

  /** The state: the last snapshot, and the events since folded over it. Undefined, and nothing written, if unknown. */
  load(): Loaded | undefined {
    const rows = this.#headRows();
    const [head] = rows;
    if (head === undefined) return undefined;
    if (head.schema_step !== migrations.length) migrate(this.#sql, migrations);
    const snapshot = decodeSnapshot(rows.map((row) => row.state));
    const since = this.entriesAfter(snapshot, Number.MAX_SAFE_INTEGER);
    const state = since.reduce((folded, entry) => evolve(folded, entry.event), snapshot);
    return {
      // Order lines are stored as they change; what the fold makes of them from a snapshot without them is nothing.
      state: { ...state, orderLines: snapshot.orderLines },
      checkpointVersion: snapshot.version,
      confirmed: { epoch: head.confirmed_epoch, version: head.confirmed_version },
      usedBy: JSON.parse(head.used_by) as string[],
      followers: JSON.parse(head.followers) as StoredFollowers,
    };
  }

  #headRows(): HeadRow[] {
    try {
      return this.#sql
        .exec<HeadRow>(
          "SELECT schema_step, confirmed_epoch, confirmed_version, used_by, followers, state FROM head ORDER BY part",
        )
        .toArray();
    } catch (error) {
      // Asking whether there is a table would cost every waking object a statement; an unknown SKU has none.
      if (String(error).includes("no such table")) return [];
      throw error;
    }
  }

  entriesAfter(position: Position, limit: number): LedgerEntry[] {
    return this.#sql
      .exec<LedgerRow>(
        `SELECT epoch, version, event FROM ledger WHERE (epoch, version) > (?, ?)
         ORDER BY epoch, version LIMIT ?`,
        position.epoch,
        position.version,
        limit,
      )
      .toArray()
      .map(toEntry);
  }

  /**
   * The entries of one life that follow on a position, up to the last that was recorded by then, or after now, whose clock has
   * gone back. Versions of a life have no gaps.
   */
  settledAfter(position: Position, byMs: number, nowMs: number): SettledRun | undefined {
    const [row] = this.#sql
      .exec<{ epoch: string; first: number; last: number | null; sinceMs: number }>(
        `WITH next AS (
           SELECT epoch, version, at_ms FROM ledger WHERE (epoch, version) > (?, ?) ORDER BY epoch, version LIMIT 1
         )
         SELECT next.epoch, next.version AS first, next.at_ms AS sinceMs, max(ledger.version) AS last
         FROM next JOIN ledger ON ledger.epoch = next.epoch
           AND ledger.version >= next.version AND ledger.version < next.version + ?
         WHERE ledger.at_ms <= ? OR ledger.at_ms > ?`,
        position.epoch,
        position.version,
        settledMax,
        byMs,
        nowMs,
      )
      .toArray();
    return row === undefined || row.last === null ? undefined : { ...row, last: row.last };
  }

  /** What was recorded of orders since then. Goes through all entries there are. */
  ordersSince(atMs: number): LedgerEntry[] {
    return this.#sql
      .exec<LedgerRow>(
        `SELECT epoch, version, event FROM ledger
         WHERE at_ms >= ? AND event ->> 'type' IN ('ordered', 'committed') ORDER BY epoch, version`,
        atMs,
      )
      .toArray()
      .map(toEntry);
  }

  /** The answer given at a ledger version, while the ledger still has it. */
  answerAt(position: Position): RecordedAnswer | undefined {
    const [row] = this.#sql
      .exec<LedgerRow>(
        "SELECT epoch, version, fingerprint, event, view FROM ledger WHERE epoch = ? AND version = ?",
        position.epoch,
        position.version,
      )
      .toArray();
    return row === undefined ? undefined : toAnswer(row);
  }

  answerTo(key: string): StoredAnswer | undefined {
    const [row] = this.#sql
      .exec<LedgerRow>("SELECT epoch, version, fingerprint, event, view FROM ledger WHERE key = ?", key)
      .toArray();
    if (row !== undefined) return toAnswer(row);
    const [kept] = this.#sql
      .exec<{ fingerprint: string; epoch: string; version: number; answer: string }>(
        "SELECT fingerprint, epoch, version, answer FROM answers WHERE key = ?",
        key,
      )
      .toArray();
    if (kept === undefined) return undefined;
    const { fingerprint, epoch, version } = kept;
    return { ...(JSON.parse(kept.answer) as Answer), fingerprint, position: { epoch, version } };
  }

  /** Every key that has an answer. */
  keys(): string[] {
    return this.#sql
      .exec<{ key: string }>("SELECT key FROM ledger WHERE key IS NOT NULL UNION ALL SELECT key FROM answers")
      .toArray()
      .map(({ key }) => key);
  }

  append(entry: NewEntry): void {
    this.#sql.exec(
      "INSERT INTO ledger (epoch, version, at_ms, key, fingerprint, event, view) VALUES (?, ?, ?, ?, ?, ?, ?)",
      entry.position.epoch,
      entry.position.version,
      entry.event.atMs,
      entry.key ?? null,
      entry.fingerprint ?? null,
      JSON.stringify(entry.event),
      entry.stock === undefined ? null : JSON.stringify(entry.stock),
    );
  }

  /** Keeps an answer that made no ledger row of its own. */
  saveAnswer({ key, fingerprint }: RequestKey, position: Position, answer: Answer, nowMs: number): void {
    this.#sql.exec(
      "INSERT INTO answers (key, fingerprint, at_ms, epoch, version, answer) VALUES (?, ?, ?, ?, ?, ?)",
      key,
      fingerprint,
      nowMs,
      position.epoch,
      position.version,
      JSON.stringify(answer),
    );
  }

  orderLines(channel: string, orderId: string): OrderLine[] {
    return this.#sql
      .exec<{ line: string }>(
        "SELECT line FROM order_lines WHERE channel = ? AND order_id = ?",
        channel,
        orderId,
      )
      .toArray()
      .map((row) => JSON.parse(row.line) as OrderLine);
  }

  saveOrderLine(line: OrderLine): void {
    this.#sql.exec(
      `INSERT INTO order_lines (channel, order_id, line_id, line) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET line = excluded.line`,
      line.channel,
      line.orderId,
      line.lineId,
      JSON.stringify(line),
    );
  }

  /** The record of a reservation that ended before the last checkpoint. */
  endedReservation(id: string): EndedReservation | undefined {
    const address = parseReservationId(id);
    if (address === undefined) return undefined;
    return this.#endedPage(pageOf(address.version)).find((record) => record.id === id);
  }

  /** Writes the state whole, and with it the reservations that ended since the last time. */
  checkpoint(state: SkuState): void {
    const parts = encodeSnapshot(state);
    parts.forEach((part, index) => {
      this.#sql.exec(
        `INSERT INTO head (part, schema_step, confirmed_epoch, confirmed_version, used_by, followers, state)
         VALUES (?, ?, '', 0, '[]', '{}', ?)
         ON CONFLICT DO UPDATE SET schema_step = excluded.schema_step, state = excluded.state`,
        index,
        migrations.length,
        part,
      );
    });
    this.#sql.exec("DELETE FROM head WHERE part >= ?", parts.length);

    const pages = Map.groupBy(state.ended.values(), (record) =>
      pageOf(parseReservationId(record.id)?.version ?? 0),
    );
    for (const [page, records] of pages) {
      this.#sql.exec(
        `INSERT INTO ended_reservations (page, records) VALUES (?, ?)
         ON CONFLICT DO UPDATE SET records = excluded.records`,
        page,
        JSON.stringify(mergeById(this.#endedPage(page), records)),
      );
    }
  }

  saveUsedBy(kits: readonly string[]): void {
    this.#sql.exec("UPDATE head SET used_by = ? WHERE part = 0", JSON.stringify(kits));
  }

  saveFollowers(followers: StoredFollowers): void {
    this.#sql.exec("UPDATE head SET followers = ? WHERE part = 0", JSON.stringify(followers));
  }

  saveConfirmed(position: Position): void {
    this.#sql.exec(
      "UPDATE head SET confirmed_epoch = ?, confirmed_version = ? WHERE part = 0",
      position.epoch,
      position.version,
    );
  }

  /** Deletes records older than the retention, but no entry that is unconfirmed or not yet in the snapshot. */
  prune(nowMs: number, upTo: Position): void {
    const beforeMs = nowMs - limits.idempotencyRetentionMs;
    this.#sql.exec(
      "DELETE FROM ledger WHERE at_ms <= ? AND (epoch, version) <= (?, ?)",
      beforeMs,
      upTo.epoch,
      upTo.version,
    );
    this.#sql.exec("DELETE FROM answers WHERE at_ms <= ?", beforeMs);
  }

  #endedPage(page: number): EndedReservation[] {
    const [row] = this.#sql
      .exec<{ records: string }>("SELECT records FROM ended_reservations WHERE page = ?", page)
      .toArray();
    return row === undefined ? [] : (JSON.parse(row.records) as EndedReservation[]);
  }
}

function toEntry({ epoch, version, event }: LedgerRow): LedgerEntry {
  return { position: { epoch, version }, event: JSON.parse(event) as StockEvent };
}

function pageOf(version: number): number {
  return Math.floor(version / versionsPerPage);
}

function mergeById(old: EndedReservation[], added: EndedReservation[]): EndedReservation[] {
  const known = new Set(old.map((record) => record.id));
  return [...old, ...added.filter((record) => !known.has(record.id))];
}

function toAnswer(row: LedgerRow): RecordedAnswer {
  return {
    kind: "done",
    fingerprint: row.fingerprint,
    position: { epoch: row.epoch, version: row.version },
    event: JSON.parse(row.event) as StockEvent,
    stock: JSON.parse(row.view) as StockView,
  };
}
