import { hasSchema, migrate, type Sql } from "../storage/schema.ts";
import type { Claim } from "./claims.ts";

/** Append-only. A claim is one row: written when it is taken or extended, deleted when its hold has ended. */
const migrations: readonly string[] = [
  `CREATE TABLE claims (
     token TEXT PRIMARY KEY,
     units INTEGER NOT NULL,
     taken_at_ms INTEGER NOT NULL,
     until_ms INTEGER NOT NULL
   ) WITHOUT ROWID;`,
];

type Row = { token: string; units: number; taken_at_ms: number; until_ms: number };

/** All SQL of an AllowanceObject. */
export class ClaimStore {
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

  load(): Map<string, Claim> {
    const rows = this.#sql.exec<Row>("SELECT token, units, taken_at_ms, until_ms FROM claims").toArray();
    return new Map(
      rows.map((row) => [row.token, { units: row.units, takenAtMs: row.taken_at_ms, untilMs: row.until_ms }]),
    );
  }

  save(token: string, { units, takenAtMs, untilMs }: Claim): void {
    this.#sql.exec(
      `INSERT INTO claims (token, units, taken_at_ms, until_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET units = excluded.units, taken_at_ms = excluded.taken_at_ms,
         until_ms = excluded.until_ms`,
      token,
      units,
      takenAtMs,
      untilMs,
    );
  }

  remove(token: string): void {
    this.#sql.exec("DELETE FROM claims WHERE token = ?", token);
  }
}
