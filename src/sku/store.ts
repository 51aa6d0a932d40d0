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
import { migrations } from "./migrations.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot.ts";

/** How many versions share one row of ended reservations: they end near each other, so a row is written seldom. */
const versionsPerPage = 64;

/** What was answered to an idempotency key. */
export type StoredAnswer = { readonly fingerprint: string } & (
  | {
      readonly kind: "done";
      readonly position: Position;
      readonly event: StockEvent;
      readonly stock: StockView;
    }
  | { readonly kind: "refused"; readonly position: Position; readonly refusal: Refusal }
);

export interface NewEntry extends LedgerEntry {
  readonly key?: string | undefined;
  readonly fingerprint?: string | undefined;
  /** The view that was answered with it; absent for events nobody asked for. */
  readonly stock?: StockView | undefined;
}

type LedgerRow = { epoch: string; version: number; fingerprint: string; event: string; view: string };

type HeadRow = {
  schema_step: number;
  confirmed_epoch: string;
  confirmed_version: number;
  used_by: string;
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
}

/**
 * All SQL of a SkuObject. Every method is synchronous; the object decides what makes up a transaction. Waking up is
 * the most frequent thing an object does, so all it needs is in one row of `head` (more, if the state is large) and in
 * the ledger's last entries.
 */
export class SkuStore {
  readonly #sql: Sql;
  #isKnown = false;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Whether anything was ever stored, as far as `load` and `beginLife` know. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /**
   * Makes room for a new life of the SKU. Of an earlier one only the ledger stays, for the outbox and for answers to
   * repeated keys; its orders and reservations are closed.
   */
  beginLife(): void {
    migrate(this.#sql, migrations);
    this.#sql.exec("DELETE FROM order_lines");
    this.#sql.exec("DELETE FROM ended_reservations");
    this.#isKnown = true;
  }

  /** The state: the last snapshot, and the events since folded over it. Undefined, and nothing written, if unknown. */
  load(): Loaded | undefined {
    const rows = this.#headRows();
    const [head] = rows;
    if (head === undefined) return undefined;
    this.#isKnown = true;
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
    };
  }

  #headRows(): HeadRow[] {
    try {
      return this.#sql
        .exec<HeadRow>(
          "SELECT schema_step, confirmed_epoch, confirmed_version, used_by, state FROM head ORDER BY part",
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
      .map(({ epoch, version, event }) => ({
        position: { epoch, version },
        event: JSON.parse(event) as StockEvent,
      }));
  }

  /** The answer given at a ledger version, while the ledger still has it. */
  answerAt(position: Position): StoredAnswer | undefined {
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
    const [refused] = this.#sql
      .exec<{ fingerprint: string; epoch: string; version: number; refusal: string }>(
        "SELECT fingerprint, epoch, version, refusal FROM refusals WHERE key = ?",
        key,
      )
      .toArray();
    if (refused === undefined) return undefined;
    const { fingerprint, epoch, version } = refused;
    const refusal = JSON.parse(refused.refusal) as Refusal;
    return { kind: "refused", fingerprint, position: { epoch, version }, refusal };
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

  saveRefusal(key: string, fingerprint: string, refusal: Refusal, position: Position, nowMs: number): void {
    this.#sql.exec(
      "INSERT INTO refusals (key, fingerprint, at_ms, epoch, version, refusal) VALUES (?, ?, ?, ?, ?, ?)",
      key,
      fingerprint,
      nowMs,
      position.epoch,
      position.version,
      JSON.stringify(refusal),
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
        `INSERT INTO head (part, schema_step, confirmed_epoch, confirmed_version, used_by, state)
         VALUES (?, ?, '', 0, '[]', ?)
         ON CONFLICT DO UPDATE SET schema_step = excluded.schema_step, state = excluded.state`,
        index,
        migrations.length,
        part,
      );
    });
    this.#sql.exec("DELETE FROM head WHERE part >= ?", parts.length);

    const pages = state.ended
      .valueSeq()
      .groupBy((record) => pageOf(parseReservationId(record.id)?.version ?? 0));
    for (const [page, records] of pages) {
      this.#sql.exec(
        `INSERT INTO ended_reservations (page, records) VALUES (?, ?)
         ON CONFLICT DO UPDATE SET records = excluded.records`,
        page,
        JSON.stringify(mergeById(this.#endedPage(page), [...records])),
      );
    }
  }

  saveUsedBy(kits: readonly string[]): void {
    this.#sql.exec("UPDATE head SET used_by = ? WHERE part = 0", JSON.stringify(kits));
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
    this.#sql.exec("DELETE FROM refusals WHERE at_ms <= ?", beforeMs);
  }

  #endedPage(page: number): EndedReservation[] {
    const [row] = this.#sql
      .exec<{ records: string }>("SELECT records FROM ended_reservations WHERE page = ?", page)
      .toArray();
    return row === undefined ? [] : (JSON.parse(row.records) as EndedReservation[]);
  }
}

function pageOf(version: number): number {
  return Math.floor(version / versionsPerPage);
}

function mergeById(old: EndedReservation[], added: EndedReservation[]): EndedReservation[] {
  const known = new Set(old.map((record) => record.id));
  return [...old, ...added.filter((record) => !known.has(record.id))];
}

function toAnswer(row: LedgerRow): StoredAnswer {
  return {
    kind: "done",
    fingerprint: row.fingerprint,
    position: { epoch: row.epoch, version: row.version },
    event: JSON.parse(row.event) as StockEvent,
    stock: JSON.parse(row.view) as StockView,
  };
}
