import type { Position } from "../protocol/position.ts";
import { migrate, type Sql } from "../storage/schema.ts";
import { evolve } from "../stock/evolve.ts";
import { parseReservationId } from "../stock/reservation-id.ts";
import type { EndedReservation, OrderLine, SkuState } from "../stock/state.ts";
import type { StoredFollowers } from "./followers.ts";
import { SkuLedger } from "./ledger.ts";
import { migrations } from "./migrations.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot.ts";

/** How many versions share one row of ended reservations: they end near each other, so a row is written seldom. */
const versionsPerPage = 64;

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
 * All SQL of a SkuObject, that of its ledger in `ledger.ts`. Every method is synchronous; the object decides what makes up a
 * transaction. Waking up is the most frequent thing an object does, so all it needs is in one row of `head` (more, if the state is
 * large) and in the ledger's last entries.
 */
export class SkuStore {
  /** Its history, and what was answered to keys. */
  readonly ledger: SkuLedger;
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.ledger = new SkuLedger(sql);
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
    const since = this.ledger.entriesAfter(snapshot, Number.MAX_SAFE_INTEGER);
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
