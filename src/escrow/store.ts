import { limits } from "../protocol/limits.ts";
import { persistentMap } from "../stock/persistent-map.ts";
import { hasSchema, migrate, type Sql } from "../storage/schema.ts";
import { parseHoldId, type ShardAddress } from "./address.ts";
import type { Answer } from "./decision.ts";
import { KeyFilter } from "./key-filter.ts";
import { migrations } from "./migrations.ts";
import { type Grant, type Hold, leaseMarginMs, newShard, type ShardState } from "./shard-state.ts";

/** What the head keeps: all that does not follow from the holds. */
interface Head {
  readonly grants: readonly (Omit<Grant, "held"> & { readonly held?: undefined })[];
  readonly isOpen: boolean;
  readonly sinceMs?: number | undefined;
  readonly asks: number;
  readonly isAsking: boolean;
  readonly quota: number;
}

/** All SQL of a ShardObject. Synchronous; the caller decides what makes up a transaction. */
export class ShardStore {
  readonly #sql: Sql;
  #isReady: boolean;
  /** The head as it is stored: it is written only if it is another one. */
  #head = "";

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#isReady = hasSchema(sql);
  }

  /** What was stored, or a shard that was never asked for anything; that writes nothing. */
  load(address: ShardAddress, currentFrom: string): ShardState {
    const empty = newShard(address, currentFrom);
    this.#head = "";
    this.#isReady = hasSchema(this.#sql);
    if (!this.#isReady) return empty;
    const [row] = this.#sql.exec<{ state: string }>("SELECT state FROM head WHERE part = 0").toArray();
    if (row === undefined) return empty;
    this.#head = row.state;
    const head = JSON.parse(row.state) as Head;
    const holds = this.#sql
      .exec<{ hold: string }>("SELECT hold FROM open_holds ORDER BY sequence")
      .toArray()
      .map((open) => JSON.parse(open.hold) as Hold);
    const heldOf = (grantId: string) =>
      holds.reduce((units, hold) => (hold.grantId === grantId ? units + hold.quantity : units), 0);
    const [last] = this.#sql
      .exec<{ sequence: number }>(
        `SELECT max(coalesce((SELECT max(sequence) FROM open_holds), 0),
                    coalesce((SELECT max(sequence) FROM ended_holds), 0)) AS sequence`,
      )
      .toArray();
    return {
      ...empty,
      ...head,
      grants: persistentMap(head.grants.map((grant) => [grant.id, { ...grant, held: heldOf(grant.id) }])),
      holds: persistentMap(holds.map((hold) => [hold.id, hold])),
      committing: holds.filter(({ status }) => status === "committing").length,
      sequence: last?.sequence ?? 0,
      nextExpiryAtMs: firstExpiry(head, holds),
    };
  }

  /** The keys that were answered before the shards began; undefined if they were never told. */
  knownKeys(): KeyFilter | undefined {
    if (!this.#isReady) return undefined;
    const [row] = this.#sql.exec<{ filter: string }>("SELECT filter FROM known_keys").toArray();
    return row && KeyFilter.fromText(row.filter);
  }

  saveKnownKeys(filter: string): void {
    this.#sql.exec(
      "INSERT INTO known_keys (part, filter) VALUES (0, ?) ON CONFLICT DO UPDATE SET filter = excluded.filter",
      filter,
    );
  }

  answerTo(key: string): (Answer & { readonly fingerprint: string }) | undefined {
    if (!this.#isReady) return undefined;
    const [row] = this.#sql
      .exec<{ fingerprint: string; answer: string }>(
        "SELECT fingerprint, answer FROM answers WHERE key = ?",
        key,
      )
      .toArray();
    return row && { ...(JSON.parse(row.answer) as Answer), fingerprint: row.fingerprint };
  }

  saveAnswer(key: string, fingerprint: string, answer: Answer | undefined, nowMs: number): void {
    if (answer === undefined) {
      this.#sql.exec("DELETE FROM answers WHERE key = ?", key);
      return;
    }
    this.#sql.exec(
      `INSERT INTO answers (key, fingerprint, at_ms, answer) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET answer = excluded.answer`,
      key,
      fingerprint,
      nowMs,
      JSON.stringify(answer),
    );
  }

  saveHold(hold: Hold, nowMs: number): void {
    const { sequence, status } = hold;
    if (status === "active" || status === "committing") {
      this.#sql.exec(
        "INSERT INTO open_holds (sequence, hold) VALUES (?, ?) ON CONFLICT DO UPDATE SET hold = excluded.hold",
        sequence,
        JSON.stringify(hold),
      );
      return;
    }
    this.#sql.exec("DELETE FROM open_holds WHERE sequence = ?", sequence);
    this.#sql.exec(
      "INSERT INTO ended_holds (sequence, at_ms, hold) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      sequence,
      nowMs,
      JSON.stringify(hold),
    );
  }

  endedHold(id: string): Hold | undefined {
    const sequence = parseHoldId(id)?.sequence;
    if (sequence === undefined || !this.#isReady) return undefined;
    const [row] = this.#sql
      .exec<{ hold: string }>("SELECT hold FROM ended_holds WHERE sequence = ?", sequence)
      .toArray();
    const hold = row && (JSON.parse(row.hold) as Hold);
    return hold?.id === id ? hold : undefined;
  }

  /** Call first in a transaction that writes. */
  prepare(): void {
    if (this.#isReady) return;
    migrate(this.#sql, migrations);
  }

  /** Writes the head if it has changed. Answers what must be said to `saved` once the transaction holds. */
  saveHead(state: ShardState): string {
    const { isOpen, sinceMs, asks, isAsking, quota } = state;
    // What is held follows from the holds.
    const grants = [...state.grants.values()].map((grant) => ({ ...grant, held: undefined }));
    const head = JSON.stringify({ grants, isOpen, sinceMs, asks, isAsking, quota } satisfies Head);
    if (head !== this.#head) {
      this.#sql.exec(
        `INSERT INTO head (part, state, pruned_at_ms) VALUES (0, ?, 0)
         ON CONFLICT DO UPDATE SET state = excluded.state`,
        head,
      );
    }
    return head;
  }

  /** The transaction holds. */
  saved(head: string): void {
    this.#head = head;
    this.#isReady = true;
  }

  /** Forgets what is old enough, once a day. The newest hold stays, since it says how far they were counted. */
  prune(nowMs: number): void {
    if (!this.#isReady) return;
    const [row] = this.#sql.exec<{ pruned_at_ms: number }>("SELECT pruned_at_ms FROM head").toArray();
    if (row === undefined || nowMs < row.pruned_at_ms + pruneIntervalMs) return;
    this.#sql.exec("DELETE FROM answers WHERE at_ms <= ?", nowMs - limits.shardKeysRetentionMs);
    this.#sql.exec(
      "DELETE FROM ended_holds WHERE at_ms <= ? AND sequence < (SELECT max(sequence) FROM ended_holds)",
      nowMs - limits.reservationRetentionMs,
    );
    this.#sql.exec("UPDATE head SET pruned_at_ms = ?", nowMs);
  }
}

const pruneIntervalMs = 86_400_000;

function firstExpiry({ grants }: Head, holds: readonly Hold[]): number {
  let atMs = Number.POSITIVE_INFINITY;
  for (const { expiresAtMs } of grants) atMs = Math.min(atMs, expiresAtMs - leaseMarginMs);
  for (const { status, expiresAtMs } of holds) if (status === "active") atMs = Math.min(atMs, expiresAtMs);
  return atMs;
}
