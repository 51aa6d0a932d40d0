import type { Database } from "./database.ts";
import type { LedgerDatabases } from "./databases.ts";

/** How much of what somebody must see to there is. */
export interface OpenCounts {
  readonly oversells: number;
  readonly oversoldUnits: number;
  readonly deadLetters: number;
  readonly unmatchedLines: number;
}

/** Counts what is open, in one round trip. Reads what it counts and nothing else. */
export async function openCounts(ledger: LedgerDatabases): Promise<OpenCounts> {
  const found = await ledger.each((db, shard) => countsIn(db, shard === 0 ? inFirstOnly : []));
  const [[, deadLetters, unmatched] = []] = found;
  const oversells = found.flatMap(([counts]) => counts ?? []);
  return {
    oversells: oversells.reduce((total, { count }) => total + count, 0),
    oversoldUnits: oversells.reduce((total, { units }) => total + units, 0),
    deadLetters: deadLetters?.count ?? 0,
    unmatchedLines: unmatched?.count ?? 0,
  };
}

const inFirstOnly = ["dead_letters", "unmatched_lines"];

interface Counts {
  readonly count: number;
  readonly units: number;
}

/** The open oversells of a database, and what is in some of its tables. */
async function countsIn(db: Database, tables: readonly string[]): Promise<Counts[]> {
  const results = await db.batch<Counts>([
    db.prepare(
      "SELECT count(*) AS count, coalesce(sum(units), 0) AS units FROM oversells WHERE resolution IS NULL",
    ),
    ...tables.map((table) => db.prepare(`SELECT count(*) AS count, 0 AS units FROM ${table}`)),
  ]);
  return results.flatMap(({ results: [row] }) => row ?? []);
}
