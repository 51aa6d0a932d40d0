import type { Database } from "./database.ts";

/** How much of what somebody must see to there is. */
export interface OpenCounts {
  readonly oversells: number;
  readonly oversoldUnits: number;
  readonly deadLetters: number;
  readonly unmatchedLines: number;
}

/** Counts what is open, all in one round trip. Reads what it counts and nothing else. */
export async function openCounts(db: Database): Promise<OpenCounts> {
  const count = (table: string) => db.prepare(`SELECT count(*) AS count, 0 AS units FROM ${table}`);
  const results = await db.batch<{ count: number; units: number }>([
    db.prepare(
      "SELECT count(*) AS count, coalesce(sum(units), 0) AS units FROM oversells WHERE resolution IS NULL",
    ),
    count("dead_letters"),
    count("unmatched_lines"),
  ]);
  const [oversells, deadLetters, unmatched] = results.map(({ results: [row] }) => row);
  return {
    oversells: oversells?.count ?? 0,
    oversoldUnits: oversells?.units ?? 0,
    deadLetters: deadLetters?.count ?? 0,
    unmatchedLines: unmatched?.count ?? 0,
  };
}
