/** The part of a Durable Object's SQLite that stores use; small enough for any SQLite to stand in. */
export interface Sql {
  exec<Row extends Record<string, ArrayBuffer | string | number | null>>(
    query: string,
    ...bindings: (string | number | null)[]
  ): { toArray(): Row[]; readonly rowsWritten: number };
}

/** Whether anything was ever stored; asking writes nothing. */
export function hasSchema(sql: Sql): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'schema_steps'").toArray().length > 0;
}

/**
 * Brings an object's schema to the newest step. Steps are append-only; an object written by a newer release
 * than this one is refused rather than read wrongly. Call inside a transaction.
 */
export function migrate(sql: Sql, migrations: readonly string[]): void {
  if (!hasSchema(sql)) sql.exec("CREATE TABLE schema_steps (step INTEGER PRIMARY KEY)");
  const [row] = sql.exec<{ applied: number }>("SELECT count(*) AS applied FROM schema_steps").toArray();
  const applied = row?.applied ?? 0;
  if (applied > migrations.length) {
    throw new Error(`stored schema has ${applied} steps, this release knows ${migrations.length}`);
  }
  for (let step = applied; step < migrations.length; step += 1) {
    sql.exec(migrations[step] ?? "");
    sql.exec("INSERT INTO schema_steps (step) VALUES (?)", step + 1);
  }
}
