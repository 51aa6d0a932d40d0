import { describe, expect, it } from "vitest";
import { stockAt } from "../../../src/ledger/history.ts";
import { listOversells } from "../../../src/ledger/oversells.ts";
import { type LedgerFilter, listLedger, listSkus, viewsAfter } from "../../../src/ledger/queries.ts";
import { listUnmatched } from "../../../src/ledger/unmatched.ts";
import { encodeCursor } from "../../../src/ledger/cursor.ts";
import { MemoryLedger } from "./d1.ts";

/** The plans of what `query` runs. */
async function plansOf(query: (db: MemoryLedger) => Promise<unknown>): Promise<string[]> {
  const db = new MemoryLedger();
  await query(db);
  return db.plans;
}

const cursorOfSku = encodeCursor(["e1", 5]);
const cursorOfAll = encodeCursor([1_000, "A", "e1", 5]);
const range = { fromMs: 1, toMs: 2 };

describe("the ledger's queries", () => {
  const byKey = "SEARCH ledger USING PRIMARY KEY (sku=?";
  const cases: [string, Partial<LedgerFilter>, string][] = [
    ["a SKU", { sku: "A" }, byKey],
    ["a SKU, next page", { sku: "A", cursor: cursorOfSku }, byKey],
    ["a SKU and a type", { sku: "A", type: "counted" }, byKey],
    ["a SKU and a time", { sku: "A", ...range }, byKey],
    ["a SKU and a channel", { sku: "A", channel: "web", ...range }, byKey],
    ["a SKU and a reference", { sku: "A", reference: "PO-1" }, byKey],
    ["nothing", {}, "ledger_at"],
    [
      "nothing, next page",
      { cursor: cursorOfAll },
      "SEARCH ledger USING INDEX ledger_at ((at_ms,sku,epoch,version)<(?,?,?,?))",
    ],
    ["a time", range, "SEARCH ledger USING INDEX ledger_at (at_ms>? AND at_ms<?)"],
    [
      "a type and a time",
      { type: "counted", ...range },
      "SEARCH ledger USING INDEX ledger_at (at_ms>? AND at_ms<?)",
    ],
    ["a channel", { channel: "web" }, "SEARCH ledger USING INDEX ledger_channel (channel=?"],
    [
      "a channel, next page",
      { channel: "web", cursor: cursorOfAll },
      "ledger_channel (channel=? AND (at_ms,sku,epoch,version)<(?,?,?,?))",
    ],
    [
      "a channel and a time",
      { channel: "web", ...range },
      "ledger_channel (channel=? AND at_ms>? AND at_ms<?)",
    ],
    ["a reference", { reference: "PO-1" }, "SEARCH ledger USING INDEX ledger_reference (reference=?"],
    ["a reference and a type", { reference: "PO-1", type: "received" }, "ledger_reference (reference=?"],
  ];

  it.each(cases)("by %s go straight to their rows, already in order", async (_, filter, expected) => {
    const [plan] = await plansOf((db) => listLedger(db, { limit: 50, ...filter }));
    expect(plan).toContain(expected);
    expect(plan).not.toContain("TEMP B-TREE");
  });
});

describe("the other lists", () => {
  it.each<[string, (db: MemoryLedger) => Promise<unknown>, string]>([
    ["SKUs", (db) => listSkus(db, { limit: 9 }, 0), "SEARCH levels USING PRIMARY KEY (sku>?)"],
    [
      "SKUs of a status",
      (db) => listSkus(db, { limit: 9, status: "low_stock" }, 0),
      "levels_status (status=? AND sku>?)",
    ],
    [
      "retired SKUs",
      (db) => listSkus(db, { limit: 9, retired: true }, 0),
      "levels_status (status=? AND sku>?)",
    ],
    ["a backfill", (db) => viewsAfter(db, "A", 9), "SEARCH levels USING PRIMARY KEY (sku>?)"],
    ["oversells", (db) => listOversells(db, { limit: 9 }), "oversells_at"],
    ["open oversells", (db) => listOversells(db, { limit: 9, state: "open" }), "oversells_open"],
    ["oversells of a SKU", (db) => listOversells(db, { limit: 9, sku: "A" }), "oversells_sku (sku=?"],
    ["unmatched lines", (db) => listUnmatched(db.first, { limit: 9 }), "unmatched_lines_at"],
  ])("of %s sort nothing", async (_, query, expected) => {
    const [plan] = await plansOf(query);
    expect(plan).toContain(expected);
    expect(plan).not.toContain("TEMP B-TREE");
  });

  it("count what is open from the open ones alone", async () => {
    const [, totals] = await plansOf((db) => listOversells(db, { limit: 9 }));
    expect(totals).toContain("oversells_open");
  });

  it("find the lives of a SKU by steps in the key, not by going through its history", async () => {
    const [lives] = await plansOf((db) => stockAt(db, "A", { version: 1 }));
    expect(lives).toContain("SEARCH ledger USING PRIMARY KEY (sku=? AND epoch<?)");
    expect(lives).not.toContain("SCAN ledger");
  });
});
