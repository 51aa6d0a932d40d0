import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { root } from "../code/bundle.ts";
import type { Faults } from "../faults/faults.ts";
import type { Actor } from "../kernel/actor.ts";
import type { Random } from "../kernel/random.ts";
import type { Timeline } from "../kernel/timeline.ts";

const wayMs = { typical: 3, longest: 200, slow: 25_000 };

const schema = readdirSync(join(root, "migrations"))
  .filter((name) => name.endsWith(".sql"))
  .sort()
  .map((name) => readFileSync(join(root, "migrations", name), "utf8"))
  .join("\n");

/** D1 with the product's migrations: far away, sometimes slow, sometimes silent after it has done what was asked. */
export class SimulatedD1 {
  readonly #sqlite = new DatabaseSync(":memory:");
  readonly #prepared = new Map<string, StatementSync>();
  /** Where faults strike. */
  readonly #name: string;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #faults: Faults;

  constructor(name: string, timeline: Timeline, random: Random, faults: Faults) {
    this.#name = name;
    this.#timeline = timeline;
    this.#random = random;
    this.#faults = faults;
    this.#sqlite.exec(schema);
  }

  /** The binding of one caller. */
  for(caller: Actor) {
    const prepare = (sql: string) => new Statement((work) => this.#ask(caller, work), this, sql, []);
    return {
      prepare,
      batch: (statements: readonly Statement[]) =>
        this.#ask(caller, () => statements.map((statement) => ({ results: statement.rows() }))),
    };
  }

  /** Looks at the data, from outside. */
  query(sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    return this.statement(sql).all(...values);
  }

  statement(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#sqlite.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }

  close(): void {
    this.#sqlite.close();
  }

  #ask<Value>(caller: Actor, work: () => Value): Promise<Value> {
    return caller.ask<Value>((answer) => {
      const thereMs = this.#way();
      if (this.#faults.strikes("d1-fails", this.#name)) {
        return answer.reject(new Error("D1_ERROR: D1 DB is overloaded"), this.#timeline.nowMs + thereMs);
      }
      this.#timeline.after(thereMs, undefined, () => {
        this.#sqlite.exec("BEGIN");
        try {
          const value = work();
          this.#sqlite.exec("COMMIT");
          const atMs = this.#timeline.nowMs + this.#way();
          if (this.#faults.strikes("d1-unsure", this.#name))
            answer.reject(new Error("D1_ERROR: connection lost"), atMs);
          else answer.resolve(value, atMs);
        } catch (error) {
          this.#sqlite.exec("ROLLBACK");
          answer.reject(error as Error, this.#timeline.nowMs + this.#way());
        }
      });
    });
  }

  #way(): number {
    return (
      this.#random.delay(wayMs.typical, wayMs.longest) +
      this.#faults.slowness("d1-slow", this.#name, wayMs.slow)
    );
  }
}

type Ask = <Value>(work: () => Value) => Promise<Value>;

class Statement {
  readonly #ask: Ask;
  readonly #d1: SimulatedD1;
  readonly #sql: string;
  readonly #values: readonly SQLInputValue[];

  constructor(ask: Ask, d1: SimulatedD1, sql: string, values: readonly SQLInputValue[]) {
    this.#ask = ask;
    this.#d1 = d1;
    this.#sql = sql;
    this.#values = values;
  }

  bind(...values: SQLInputValue[]): Statement {
    const undefinedAt = values.findIndex((value) => (value as unknown) === undefined);
    if (undefinedAt >= 0) throw new TypeError(`D1_TYPE_ERROR: value ${undefinedAt} is undefined`);
    return new Statement(this.#ask, this.#d1, this.#sql, values);
  }

  rows(): unknown[] {
    return this.#d1.statement(this.#sql).all(...this.#values);
  }

  all() {
    return this.#ask(() => ({ results: this.rows() }));
  }

  first() {
    return this.#ask(() => this.rows()[0] ?? null);
  }

  run() {
    return this.#ask(() => {
      const { changes } = this.#d1.statement(this.#sql).run(...this.#values);
      return { meta: { changes: Number(changes) } };
    });
  }
}
