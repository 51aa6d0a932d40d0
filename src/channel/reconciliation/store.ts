import type { Sql } from "../../storage/schema.ts";
import type { DriftRecord, DriftRows } from "./drift-log.ts";
import type { ImportRun } from "./import.ts";
import type { ReconcileRun } from "./run.ts";

/** Reports kept of each kind of run; an import's replaces the one before. */
const runsKept = { reconcile: 10, import: 1 } as const;

/** The kinds of runs that go through all a channel offers. */
export interface Runs {
  readonly reconcile: ReconcileRun;
  readonly import: ImportRun;
}
export type RunKind = keyof Runs;

/** The SQL of everything that reads a channel from end to end. Every method is synchronous. */
export class ReconcileStore implements DriftRows {
  readonly #sql: Sql;
  readonly transaction: <Result>(run: () => Result) => Result;

  constructor(sql: Sql, transaction: <Result>(run: () => Result) => Result) {
    this.#sql = sql;
    this.transaction = transaction;
  }

  /** Runs that are kept, the newest first. */
  runs<Kind extends RunKind>(kind: Kind): Runs[Kind][] {
    return this.#sql
      .exec<{ run: string }>("SELECT run FROM runs WHERE kind = ? ORDER BY created_at_ms DESC, id", kind)
      .toArray()
      .map((row) => JSON.parse(row.run) as Runs[Kind]);
  }

  newestRun<Kind extends RunKind>(kind: Kind): Runs[Kind] | undefined {
    const [row] = this.#sql
      .exec<{ run: string }>(
        "SELECT run FROM runs WHERE kind = ? ORDER BY created_at_ms DESC, id LIMIT 1",
        kind,
      )
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.run) as Runs[Kind]);
  }

  saveRun<Kind extends RunKind>(kind: Kind, run: Runs[Kind]): void {
    this.#sql.exec(
      `INSERT INTO runs (kind, id, created_at_ms, run) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET run = excluded.run`,
      kind,
      run.id,
      run.createdAtMs,
      JSON.stringify(run),
    );
  }

  /** Forgets the oldest runs of a kind, beyond those that are kept. */
  pruneRuns(kind: RunKind): void {
    this.#sql.exec(
      `DELETE FROM runs WHERE kind = ?1 AND id NOT IN
         (SELECT id FROM runs WHERE kind = ?1 ORDER BY created_at_ms DESC, id LIMIT ?2)`,
      kind,
      runsKept[kind],
    );
  }

  /** What a run remembers of each page of the channel until it has seen them all: one row a page. */
  savePage(kind: RunKind, page: number, kept: readonly unknown[]): void {
    this.#sql.exec(
      `INSERT INTO run_pages (kind, page, kept) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET kept = excluded.kept`,
      kind,
      page,
      JSON.stringify(kept),
    );
  }

  *pages<Kept>(kind: RunKind): Generator<readonly Kept[]> {
    for (let page = 0; ; page += 1) {
      const [row] = this.#sql
        .exec<{ kept: string }>("SELECT kept FROM run_pages WHERE kind = ? AND page = ?", kind, page)
        .toArray();
      if (row === undefined) return;
      yield JSON.parse(row.kept) as readonly Kept[];
    }
  }

  removePages(kind: RunKind): void {
    this.#sql.exec("DELETE FROM run_pages WHERE kind = ?", kind);
  }

  drift(skus: readonly string[]): Map<string, DriftRecord> {
    const rows = this.#sql
      .exec<{ sku: string; drift: string }>(
        "SELECT sku, drift FROM drift WHERE sku IN (SELECT value FROM json_each(?))",
        JSON.stringify(skus),
      )
      .toArray();
    return new Map(rows.map((row) => [row.sku, JSON.parse(row.drift) as DriftRecord]));
  }

  putDrift(record: DriftRecord): void {
    this.#sql.exec(
      `INSERT INTO drift (sku, seen_at_ms, drift) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET seen_at_ms = excluded.seen_at_ms, drift = excluded.drift`,
      record.sku,
      record.seenAtMs,
      JSON.stringify(record),
    );
  }

  removeDrift(sku: string): void {
    this.#sql.exec("DELETE FROM drift WHERE sku = ?", sku);
  }

  removeDriftSeenBefore(atMs: number): void {
    this.#sql.exec("DELETE FROM drift WHERE seen_at_ms < ?", atMs);
  }

  driftCount(): number {
    const [row] = this.#sql.exec<{ count: number }>("SELECT count(*) AS count FROM drift").toArray();
    return row?.count ?? 0;
  }

  /** The first of what is open, in order of SKU. */
  driftFirst(limit: number): DriftRecord[] {
    return this.#sql
      .exec<{ drift: string }>("SELECT drift FROM drift ORDER BY sku LIMIT ?", limit)
      .toArray()
      .map((row) => JSON.parse(row.drift) as DriftRecord);
  }
}
