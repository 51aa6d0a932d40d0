import type { StockEvent } from "../protocol/event.ts";
import { limits } from "../protocol/limits.ts";
import type { Position } from "../protocol/position.ts";
import type { LedgerEntry } from "../protocol/queue.ts";
import type { StockView } from "../protocol/stock.ts";
import type { Sql } from "../storage/schema.ts";
import type { Refusal } from "../stock/refusal.ts";
import type { SettledRun } from "./outbox.ts";

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

/** The SQL of a SKU's own ledger, and of the answers to keys that made no row of it. */
export class SkuLedger {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
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
}

function toEntry({ epoch, version, event }: LedgerRow): LedgerEntry {
  return { position: { epoch, version }, event: JSON.parse(event) as StockEvent };
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
