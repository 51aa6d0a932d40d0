import { hasSchema, migrate, type Sql } from "../storage/schema.ts";
import type { Journal } from "./journal.ts";

/** Append-only. A reservation is one row, read and written whole; only those that wait for something are in the index. */
const migrations: readonly string[] = [
  `CREATE TABLE reservations (
     id TEXT PRIMARY KEY,
     wake_at_ms INTEGER,
     content TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX reservations_wake ON reservations (wake_at_ms) WHERE wake_at_ms IS NOT NULL;`,
];

export class JournalStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  exists(): boolean {
    return hasSchema(this.#sql);
  }

  migrate(): void {
    migrate(this.#sql, migrations);
  }

  load(id: string): Journal | undefined {
    const [row] = this.#sql
      .exec<{ content: string }>("SELECT content FROM reservations WHERE id = ?", id)
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.content) as Journal);
  }

  /** `wakeAtMs` is when somebody must look after it; undefined if nobody was told of it yet. */
  save(journal: Journal, wakeAtMs: number | undefined): void {
    this.#sql.exec(
      `INSERT INTO reservations (id, wake_at_ms, content) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET wake_at_ms = excluded.wake_at_ms, content = excluded.content`,
      journal.id,
      wakeAtMs ?? null,
      JSON.stringify(journal),
    );
  }

  /** Has one that is in trouble looked after later. */
  postpone(id: string, wakeAtMs: number): void {
    this.#sql.exec("UPDATE reservations SET wake_at_ms = ? WHERE id = ?", wakeAtMs, id);
  }

  forget(id: string): void {
    this.#sql.exec("DELETE FROM reservations WHERE id = ?", id);
  }

  /** Ids of those that must be looked after by now. */
  due(nowMs: number, limit: number): string[] {
    return this.#sql
      .exec<{ id: string }>(
        "SELECT id FROM reservations WHERE wake_at_ms <= ? ORDER BY wake_at_ms LIMIT ?",
        nowMs,
        limit,
      )
      .toArray()
      .map((row) => row.id);
  }

  nextWakeAtMs(): number | undefined {
    const [row] = this.#sql
      .exec<{ at: number | null }>(
        "SELECT min(wake_at_ms) AS at FROM reservations WHERE wake_at_ms IS NOT NULL",
      )
      .toArray();
    return row?.at ?? undefined;
  }
}
