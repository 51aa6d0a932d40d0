import { hasSchema, migrate, type Sql } from "../../storage/schema.ts";
import type { Journal } from "./journal.ts";

/** Append-only. What is known of an order is one row, read and written whole. */
const migrations: readonly string[] = [
  `CREATE TABLE approvals (
     order_id TEXT PRIMARY KEY,
     wake_at_ms INTEGER NOT NULL,
     content TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX approvals_wake ON approvals (wake_at_ms);`,
];

/** All SQL of an ApprovalObject. */
export class ApprovalStore {
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

  load(orderId: string): Journal | undefined {
    const [row] = this.#sql
      .exec<{ content: string }>("SELECT content FROM approvals WHERE order_id = ?", orderId)
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.content) as Journal);
  }

  /** `wakeAtMs`: when somebody must look after it, or forget it. */
  save(journal: Journal, wakeAtMs: number): void {
    this.#sql.exec(
      `INSERT INTO approvals (order_id, wake_at_ms, content) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET wake_at_ms = excluded.wake_at_ms, content = excluded.content`,
      journal.orderId,
      wakeAtMs,
      JSON.stringify(journal),
    );
  }

  forget(orderId: string): void {
    this.#sql.exec("DELETE FROM approvals WHERE order_id = ?", orderId);
  }

  /** Orders that must be looked after by now. */
  due(nowMs: number, limit: number): string[] {
    return this.#sql
      .exec<{ order_id: string }>(
        "SELECT order_id FROM approvals WHERE wake_at_ms <= ? ORDER BY wake_at_ms LIMIT ?",
        nowMs,
        limit,
      )
      .toArray()
      .map((row) => row.order_id);
  }

  isDue(orderId: string, nowMs: number): boolean {
    const query = "SELECT 1 FROM approvals WHERE order_id = ? AND wake_at_ms <= ?";
    return this.#sql.exec(query, orderId, nowMs).toArray().length > 0;
  }

  nextWakeAtMs(): number | undefined {
    const [row] = this.#sql
      .exec<{ at: number | null }>("SELECT min(wake_at_ms) AS at FROM approvals")
      .toArray();
    return row?.at ?? undefined;
  }
}
