import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

interface Prepared {
  readonly isRead: boolean;
  /** Undefined: several statements, run without bindings. */
  readonly statement: StatementSync | undefined;
}

/** The rows of a query; all of them are there already. */
export interface Cursor {
  toArray(): unknown[];
  one(): unknown;
  [Symbol.iterator](): Iterator<unknown>;
}

/**
 * The storage of one object, on the same engine as the platform's. All that is written in one turn becomes durable
 * together or not at all; the alarm is part of it.
 */
export class Disk {
  readonly #sqlite = new DatabaseSync(":memory:");
  readonly #prepared = new Map<string, Prepared>();
  readonly #failing: () => boolean;
  #isDirty = false;
  #alarmAtMs: number | undefined;
  #durableAlarmAtMs: number | undefined;
  #depth = 0;

  /** `failing`: asked before each statement that writes. */
  constructor(failing: () => boolean) {
    this.#failing = failing;
  }

  /** Whether something was written that is not durable yet. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  get alarmAtMs(): number | undefined {
    return this.#alarmAtMs;
  }

  setAlarm(atMs: number | undefined): void {
    this.#begin();
    this.#alarmAtMs = atMs;
  }

  /** The platform itself takes the alarm away when it fires. */
  takeAlarm(): void {
    this.#alarmAtMs = undefined;
    this.#durableAlarmAtMs = undefined;
  }

  exec(query: string, ...bindings: (SQLInputValue | boolean | undefined)[]): Cursor {
    const prepared = this.#prepare(query);
    if (!prepared.isRead) {
      if (this.#failing()) throw new Error("disk I/O error: SQLITE_IOERR");
      this.#begin();
    }
    const rows = prepared.statement?.all(...(bindings as SQLInputValue[])) ?? [];
    if (prepared.statement === undefined) this.#sqlite.exec(query);
    return {
      toArray: () => rows,
      one: () => rows[0],
      [Symbol.iterator]: () => rows[Symbol.iterator](),
    };
  }

  transactionSync<Result>(run: () => Result): Result {
    this.#begin();
    const savepoint = `s${this.#depth}`;
    const alarmAtMs = this.#alarmAtMs;
    this.#run(`SAVEPOINT ${savepoint}`);
    this.#depth += 1;
    try {
      const result = run();
      this.#run(`RELEASE ${savepoint}`);
      return result;
    } catch (error) {
      this.#run(`ROLLBACK TO ${savepoint}`);
      this.#run(`RELEASE ${savepoint}`);
      this.#alarmAtMs = alarmAtMs;
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  commit(): void {
    if (!this.#isDirty) return;
    this.#run("COMMIT");
    this.#isDirty = false;
    this.#durableAlarmAtMs = this.#alarmAtMs;
  }

  /** What the turn wrote is lost. */
  rollback(): void {
    if (!this.#isDirty) return;
    this.#run("ROLLBACK");
    this.#isDirty = false;
    this.#alarmAtMs = this.#durableAlarmAtMs;
  }

  deleteAll(): void {
    this.#begin();
    const tables = this.#sqlite.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    for (const { name } of tables) this.#sqlite.exec(`DROP TABLE "${String(name)}"`);
    this.#alarmAtMs = undefined;
  }

  /** Looks at what is stored, from outside. */
  query(query: string, ...bindings: SQLInputValue[]): Record<string, unknown>[] {
    return this.#prepare(query).statement?.all(...bindings) ?? [];
  }

  close(): void {
    this.#sqlite.close();
  }

  #begin(): void {
    if (this.#isDirty) return;
    this.#run("BEGIN");
    this.#isDirty = true;
  }

  #run(command: string): void {
    this.#prepare(command).statement?.run();
  }

  #prepare(query: string): Prepared {
    const known = this.#prepared.get(query);
    if (known !== undefined) return known;
    const isRead = /^\s*(?:SELECT|WITH)\b/i.test(query);
    const hasSeveral = /;\s*\S/.test(query);
    const prepared = { isRead, statement: hasSeveral ? undefined : this.#sqlite.prepare(query) };
    this.#prepared.set(query, prepared);
    return prepared;
  }
}
