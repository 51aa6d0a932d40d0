import { DatabaseSync } from "node:sqlite";
import type { Sql } from "../../../src/storage/schema.ts";

/** SQLite in memory, as a Durable Object has it: statements, and transactions that are undone if they throw. */
export class MemorySql implements Sql {
  readonly #db = new DatabaseSync(":memory:");
  /** Told of each statement before it runs; may throw, as a disk may fail. */
  beforeEach: (query: string) => void = () => undefined;
  /** The same, when a transaction is about to hold. */
  beforeCommit: () => void = () => undefined;

  exec<Row>(query: string, ...bindings: (string | number | null)[]) {
    this.beforeEach(query);
    if (bindings.length === 0 && query.includes(";")) {
      this.#db.exec(query);
      return { toArray: (): Row[] => [], rowsWritten: 0 };
    }
    const rows = this.#db.prepare(query).all(...bindings) as Row[];
    return { toArray: () => rows, rowsWritten: 0 };
  }

  readonly transaction = <Result>(run: () => Result): Result => {
    this.#db.exec("SAVEPOINT t");
    try {
      const result = run();
      this.beforeCommit();
      this.#db.exec("RELEASE t");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK TO t");
      this.#db.exec("RELEASE t");
      throw error;
    }
  };
}
