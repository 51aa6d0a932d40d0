import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Database, Rows, Statement } from "../../../src/ledger/database.ts";
import { LedgerDatabases } from "../../../src/ledger/databases.ts";

const migrations = readdirSync("migrations")
  .filter((name) => name.endsWith(".sql"))
  .sort()
  .map((name) => readFileSync(`migrations/${name}`, "utf8"));

/** A stand-in for D1 in memory: the same engine with the schema of migrations/, so tests run the real SQL. */
export class MemoryD1 implements Database {
  readonly #sqlite = new DatabaseSync(":memory:");
  /** How SQLite ran each query so far: the lines of EXPLAIN QUERY PLAN. */
  readonly plans: string[] = [];

  constructor() {
    for (const sql of migrations) this.#sqlite.exec(sql);
  }

  prepare(sql: string): MemoryStatement {
    return new MemoryStatement(this, sql, []);
  }

  async batch<Row>(statements: MemoryStatement[]): Promise<Rows<Row>[]> {
    this.#sqlite.exec("BEGIN");
    try {
      const results = statements.map((statement) => ({ results: statement.rows<Row>() }));
      this.#sqlite.exec("COMMIT");
      return results;
    } catch (error) {
      this.#sqlite.exec("ROLLBACK");
      throw error;
    }
  }

  /** All rows of a table, in order of its key. */
  table(name: string): Record<string, unknown>[] {
    return this.#sqlite.prepare(`SELECT * FROM ${name} ORDER BY 1, 2, 3`).all();
  }

  rows<Row>(sql: string, values: readonly SQLInputValue[]): Row[] {
    if (sql.startsWith("SELECT") || sql.startsWith("WITH")) {
      const plan = this.#sqlite.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
      this.plans.push(plan.map((line) => String(line["detail"])).join("\n"));
    }
    return this.#sqlite.prepare(sql).all(...values) as Row[];
  }

  change(sql: string, values: readonly SQLInputValue[]): number {
    return Number(this.#sqlite.prepare(sql).run(...values).changes);
  }
}

class MemoryStatement implements Statement {
  readonly #db: MemoryD1;
  readonly #sql: string;
  readonly #values: readonly SQLInputValue[];

  constructor(db: MemoryD1, sql: string, values: readonly SQLInputValue[]) {
    this.#db = db;
    this.#sql = sql;
    this.#values = values;
  }

  bind(...values: unknown[]): MemoryStatement {
    return new MemoryStatement(this.#db, this.#sql, values as SQLInputValue[]);
  }
  rows<Row>(): Row[] {
    return this.#db.rows<Row>(this.#sql, this.#values);
  }
  async all<Row>(): Promise<Rows<Row>> {
    return { results: this.rows<Row>() };
  }
  async first<Row>(): Promise<Row | null> {
    return this.rows<Row>()[0] ?? null;
  }
  async run(): Promise<{ meta: { changes: number } }> {
    return { meta: { changes: this.#db.change(this.#sql, this.#values) } };
  }
}

/** A ledger of so many databases, all in memory. */
export class MemoryLedger extends LedgerDatabases {
  readonly databases: readonly MemoryD1[];
  /** How the first database ran each query so far. */
  readonly plans: string[];

  constructor(count = 1, databases = memoryDatabases(count)) {
    super(databases);
    this.databases = databases;
    this.plans = databases[0].plans;
  }

  /** All rows of a table, database after database. */
  table(name: string): Record<string, unknown>[] {
    return this.databases.flatMap((db) => db.table(name));
  }
}

function memoryDatabases(count: number): [MemoryD1, ...MemoryD1[]] {
  return [new MemoryD1(), ...Array.from({ length: count - 1 }, () => new MemoryD1())];
}
