import type { Sql } from "../../storage/schema.ts";
import type { FactState, KeptFact } from "../contract.ts";
import type { ChannelFact } from "../kit/inbound.ts";

export interface FactQuery {
  readonly state?: FactState | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

const dayMs = 86_400_000;
/** How long a delivery is remembered. Channels give up on one within days. */
const retentionMs = 7 * dayMs;
/** Stands in the place of a delivery's key, and says when old ones were forgotten last. No delivery has an empty key. */
const forgottenAt = "";

type Row = {
  seq: number;
  id: string;
  state: FactState;
  received_at_ms: number;
  detail: string | null;
  replays: number;
  fact: string;
};

/**
 * All SQL of an inbox. A fact is one row from the moment the channel is told "accepted" until it is applied: one row
 * written to keep it, one to take it away. Every method is synchronous.
 */
export class InboxStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Remembers a delivery for a week at least; false if it was remembered before. */
  rememberDelivery(key: string, nowMs: number): boolean {
    const added = this.#sql.exec(
      "INSERT INTO deliveries (key, received_at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING key",
      key,
      nowMs,
    );
    return added.toArray().length > 0;
  }

  /** Once a day, looks through all deliveries: an index by time would cost a row written for each of them. */
  forgetOldDeliveries(nowMs: number): void {
    const [last] = this.#sql
      .exec<{ received_at_ms: number }>("SELECT received_at_ms FROM deliveries WHERE key = ?", forgottenAt)
      .toArray();
    if (last !== undefined && nowMs - last.received_at_ms < dayMs) return;
    this.#sql.exec("DELETE FROM deliveries WHERE received_at_ms < ?", nowMs - retentionMs);
    this.#sql.exec(
      `INSERT INTO deliveries (key, received_at_ms) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET received_at_ms = excluded.received_at_ms`,
      forgottenAt,
      nowMs,
    );
  }

  add(id: string, fact: ChannelFact, nowMs: number): KeptFact {
    const [row] = this.#sql
      .exec<Row>(
        `INSERT INTO inbox (id, state, received_at_ms, replays, fact) VALUES (?, 'waiting', ?, 0, ?) RETURNING *`,
        id,
        nowMs,
        JSON.stringify(fact),
      )
      .toArray();
    if (row === undefined) throw new Error("a fact was not kept");
    return toKept(row);
  }

  load(seq: number): KeptFact | undefined {
    const [row] = this.#sql.exec<Row>("SELECT * FROM inbox WHERE seq = ?", seq).toArray();
    return row && toKept(row);
  }

  /** Facts in order of arrival. */
  page({ state, after = 0, limit }: FactQuery): KeptFact[] {
    return this.#sql
      .exec<Row>(
        "SELECT * FROM inbox WHERE seq > ?1 AND (?2 IS NULL OR state = ?2) ORDER BY seq LIMIT ?3",
        after,
        state ?? null,
        limit,
      )
      .toArray()
      .map(toKept);
  }

  remove(seqs: readonly number[]): void {
    this.#sql.exec("DELETE FROM inbox WHERE seq IN (SELECT value FROM json_each(?))", JSON.stringify(seqs));
  }

  park(seq: number, detail: string): void {
    this.#sql.exec("UPDATE inbox SET state = 'parked', detail = ? WHERE seq = ?", detail, seq);
  }

  /** Makes parked facts wait again, one or all; answers them. */
  replay(seq: number | undefined): KeptFact[] {
    return this.#sql
      .exec<Row>(
        `UPDATE inbox SET state = 'waiting', detail = NULL, replays = replays + 1
         WHERE state = 'parked' AND (?1 IS NULL OR seq = ?1)
         RETURNING *`,
        seq ?? null,
      )
      .toArray()
      .map(toKept)
      .sort((a, b) => a.seq - b.seq);
  }

  /** For a person who asks: goes through all that is kept. */
  summary(): { waiting: number; parked: number; oldestWaitingAtMs: number | undefined } {
    const [row] = this.#sql
      .exec<{ waiting: number; parked: number; oldest: number | null }>(
        `SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
           count(*) FILTER (WHERE state = 'parked') AS parked,
           min(received_at_ms) FILTER (WHERE state = 'waiting') AS oldest
         FROM inbox`,
      )
      .toArray();
    return {
      waiting: row?.waiting ?? 0,
      parked: row?.parked ?? 0,
      oldestWaitingAtMs: row?.oldest ?? undefined,
    };
  }
}

function toKept({ seq, id, state, received_at_ms, detail, replays, fact }: Row): KeptFact {
  return {
    seq,
    id,
    state,
    receivedAtMs: received_at_ms,
    replays,
    fact: JSON.parse(fact) as ChannelFact,
    ...(detail !== null && { detail }),
  };
}
