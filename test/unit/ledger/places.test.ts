import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { confirmPlace, ledgerBindings, LedgerPlaceError } from "../../../src/ledger/places.ts";
import { MemoryD1 } from "./d1.ts";

function databases(count: number): MemoryD1[] {
  return Array.from({ length: count }, () => new MemoryD1());
}

async function confirmAll(ledger: readonly MemoryD1[]): Promise<void> {
  for (const shard of ledger.keys()) await confirmPlace(ledger, shard);
}

describe("the place of a database in the ledger", () => {
  it("is written down when the ledger is begun, whichever database is asked first", async () => {
    for (const firstAsked of [0, 1, 3]) {
      const ledger = databases(4);
      await confirmPlace(ledger, firstAsked);
      expect(ledger.map((db) => db.table("ledger_place"))).toEqual(
        [0, 1, 2, 3].map((shard) => [{ only_row: 1, shard, shards: 4 }]),
      );
      await confirmAll(ledger);
    }
  });

  it("is written down once by services that begin it at the same time", async () => {
    const ledger = databases(4);
    await Promise.all([0, 1, 2, 3, 3, 0].map((shard) => confirmPlace(ledger, shard)));
    await confirmAll(ledger);
  });

  it("keeps a ledger from being read or written with another number of databases", async () => {
    const [a, b, c, d] = databases(4);
    const ledger = [a, b, c, d].filter((db) => db !== undefined);
    await confirmAll(ledger.slice(0, 2));
    for (const wrong of [ledger.slice(0, 1), ledger.slice(0, 3), ledger]) {
      for (const shard of wrong.keys()) {
        const refused = await confirmPlace(wrong, shard).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(LedgerPlaceError);
        expect(String(refused)).toContain(
          `LEDGER_SHARDS is ${wrong.length}, but the ledger was begun with 2`,
        );
      }
    }
    await confirmAll(ledger.slice(0, 2));
    expect(ledger.slice(2).flatMap((db) => db.table("ledger_place"))).toEqual([]);
  });

  it("shows that bindings were mixed up, or one was replaced", async () => {
    const [a, b, c] = databases(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error("three were made");
    await confirmAll([a, b, c]);
    await expect(confirmPlace([a, c, b], 1)).rejects.toThrow("LEDGER_1 is the database of LEDGER_2");
    await expect(confirmPlace([b, a, c], 0)).rejects.toThrow("LEDGER is the database of LEDGER_1");
    await expect(confirmPlace([a, new MemoryD1(), c], 1)).rejects.toThrow("LEDGER_1 is an empty database");
    // The others are served all the same.
    await confirmPlace([a, new MemoryD1(), c], 2);
  });

  it("is that of the only one for a ledger that is older than places", () => {
    const migrations = ["0001_ledger", "0002_key_rate_limits", "0003_ledger_place"].map((name) =>
      readFileSync(`migrations/${name}.sql`, "utf8"),
    );
    const placesAfter = (data: string) => {
      const db = new DatabaseSync(":memory:");
      for (const sql of [...migrations.slice(0, 2), data, ...migrations.slice(2)]) db.exec(sql);
      return db.prepare("SELECT shard, shards FROM ledger_place").all();
    };
    expect(placesAfter("")).toEqual([]);
    expect(placesAfter("INSERT INTO levels VALUES ('A', 'e1', 1, 'in_stock', 1, '{}')")).toMatchObject([
      { shard: 0, shards: 1 },
    ]);
  });
});

describe("the setting", () => {
  it("is a number of databases, from 1 to 64", () => {
    expect(ledgerBindings("1")).toEqual(["LEDGER"]);
    expect(ledgerBindings("3")).toEqual(["LEDGER", "LEDGER_1", "LEDGER_2"]);
    expect(ledgerBindings("64")).toHaveLength(64);
    for (const wrong of ["", "0", "-1", "4.0", "65", "four", "04", " 4"]) {
      expect(() => ledgerBindings(wrong)).toThrow(LedgerPlaceError);
    }
  });
});
