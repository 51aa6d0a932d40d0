import { hasSchema, migrate, type Sql } from "../storage/schema.ts";

/** The schema of a FeedObject, as an append-only list: a released step is never edited, only followed. */
const migrations: readonly string[] = [
  `CREATE TABLE sockets (
     id TEXT PRIMARY KEY,
     skus TEXT NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE told (
     part INTEGER PRIMARY KEY,
     positions TEXT NOT NULL
   );`,
];

/** A row holds at most 2 MB; positions are cut into rows of so many SKUs. */
const positionsPerRow = 5_000;

/** All SQL of a FeedObject. Every method is synchronous; a feed without sockets stores nothing. */
export class FeedStore {
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

  /** What each socket watches. */
  sockets(): Map<string, string[]> {
    const rows = this.#sql.exec<{ id: string; skus: string }>("SELECT id, skus FROM sockets").toArray();
    return new Map(rows.map(({ id, skus }) => [id, JSON.parse(skus) as string[]]));
  }

  saveSocket(id: string, skus: readonly string[]): void {
    this.#sql.exec(
      "INSERT INTO sockets (id, skus) VALUES (?, ?) ON CONFLICT DO UPDATE SET skus = excluded.skus",
      id,
      JSON.stringify(skus),
    );
  }

  removeSocket(id: string): void {
    this.#sql.exec("DELETE FROM sockets WHERE id = ?", id);
  }

  /** Up to where the clients had been told of each SKU when that was last saved. */
  told(): Map<string, string> {
    const rows = this.#sql.exec<{ positions: string }>("SELECT positions FROM told ORDER BY part").toArray();
    return new Map(rows.flatMap((row) => JSON.parse(row.positions) as [string, string][]));
  }

  saveTold(positions: ReadonlyMap<string, string>): void {
    const entries = [...positions];
    const parts = Math.ceil(entries.length / positionsPerRow);
    for (let part = 0; part < parts; part += 1) {
      this.#sql.exec(
        "INSERT INTO told (part, positions) VALUES (?, ?) ON CONFLICT DO UPDATE SET positions = excluded.positions",
        part,
        JSON.stringify(entries.slice(part * positionsPerRow, (part + 1) * positionsPerRow)),
      );
    }
    this.#sql.exec("DELETE FROM told WHERE part >= ?", parts);
  }
}
