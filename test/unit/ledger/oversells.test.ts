import { describe, expect, it } from "vitest";
import { findOversell, listOversells, resolveOversell } from "../../../src/ledger/oversells.ts";
import { project } from "../../../src/ledger/projection.ts";
import { listUnmatched } from "../../../src/ledger/unmatched.ts";
import { MemoryLedger } from "./d1.ts";
import { messageOf, record } from "./histories.ts";

const by = { actor: "key-1", nowMs: 9_000_000 };

/** Three oversells: an order with two lines (A), and a stocktake that finds too little (B). */
async function oversold(): Promise<MemoryLedger> {
  const db = new MemoryLedger();
  const order = (channel: string, ...quantities: number[]) => ({
    type: "order" as const,
    channel,
    orderId: "1001",
    lines: quantities.map((quantity, index) => ({ lineId: String(index + 1), quantity })),
  });
  const a = record("A", [
    { waitMs: 0, mutation: { type: "count", location: "default", onHand: 1 } },
    { waitMs: 10, mutation: order("web", 3, 4) },
  ]).recorded;
  const b = record("B", [
    { waitMs: 0, mutation: { type: "count", location: "default", onHand: 5 } },
    { waitMs: 10, mutation: order("shop", 5) },
    { waitMs: 10, mutation: { type: "count", location: "default", onHand: 2 } },
  ]).recorded;
  await project(db, [messageOf(a, 0, 2, 2), messageOf(b, 0, 3, 3)], []);
  return db;
}

describe("oversells", () => {
  it("are listed newest first, with what is open", async () => {
    const { items, openCount, openUnits } = await listOversells(await oversold(), { limit: 10 });
    expect(items).toMatchObject([
      { sku: "B", cause: "count", units: 3, state: "open", version: 3 },
      { sku: "A", cause: "order", channel: "web", orderId: "1001", units: 4, version: 2 },
      { sku: "A", cause: "order", channel: "web", orderId: "1001", units: 2, version: 2 },
    ]);
    expect(items[0]).not.toHaveProperty("channel");
    expect({ openCount, openUnits }).toEqual({ openCount: 3, openUnits: 9 });
  });

  it("are found by SKU, channel and state; what is open is counted for the SKU and channel", async () => {
    const db = await oversold();
    const [newest] = (await listOversells(db, { sku: "A", limit: 1 })).items;
    await resolveOversell(db, newest?.id ?? "", { resolution: "cancelled" }, by);
    const count = async (filter: object) => {
      const { items, openCount, openUnits } = await listOversells(db, { limit: 10, ...filter });
      return [items.length, openCount, openUnits];
    };
    expect(await count({ sku: "A" })).toEqual([2, 1, 2]);
    expect(await count({ channel: "web", state: "resolved" })).toEqual([1, 1, 2]);
    expect(await count({ state: "open" })).toEqual([2, 2, 5]);
    expect(await count({ sku: "A", channel: "shop" })).toEqual([0, 0, 0]);
  });

  it("come in pages that together hold each once", async () => {
    const db = await oversold();
    const all = (await listOversells(db, { limit: 10 })).items;
    const seen = [];
    let cursor: string | undefined;
    do {
      const page = await listOversells(db, { limit: 1, cursor });
      seen.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(all);
  });

  it("are settled once: the first word stands", async () => {
    const db = await oversold();
    const id = (await listOversells(db, { limit: 1 })).items[0]?.id ?? "";
    const first = await resolveOversell(db, id, { resolution: "substituted", note: "the blue one" }, by);
    expect(first).toMatchObject({
      resolution: "substituted",
      note: "the blue one",
      resolvedBy: "key-1",
      resolvedAt: new Date(by.nowMs).toISOString(),
    });
    const later = { actor: "key-2", nowMs: by.nowMs + 1 };
    expect(await resolveOversell(db, id, { resolution: "substituted" }, later)).toEqual(first);
    expect(await resolveOversell(db, id, { resolution: "cancelled" }, later)).toEqual(first);
    expect(await findOversell(db, id)).toEqual(first);
  });

  it("that do not exist are not found", async () => {
    const db = await oversold();
    expect(await findOversell(db, "ovs_nothing")).toBeUndefined();
    expect(await resolveOversell(db, "ovs_nothing", { resolution: "cancelled" }, by)).toBeUndefined();
  });
});

describe("unmatched lines", () => {
  it("are listed newest first, by channel, in pages", async () => {
    const db = new MemoryLedger();
    const insert = db.first.prepare(
      `INSERT INTO unmatched_lines (channel, order_id, line_id, sku, quantity, received_at_ms)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    await insert.bind("web", "1", "1", "X", 2, 1_000).run();
    await insert.bind("shop", "2", "1", "Y", 1, 2_000).run();
    await insert.bind("web", "3", "1", "Z", 1, 2_000).run();
    const first = await listUnmatched(db.first, { limit: 2 });
    expect(first.items.map(({ sku }) => sku)).toEqual(["Z", "Y"]);
    const rest = await listUnmatched(db.first, { limit: 2, cursor: first.nextCursor });
    expect(rest).toEqual({
      items: [
        {
          channel: "web",
          orderId: "1",
          lineId: "1",
          sku: "X",
          quantity: 2,
          receivedAt: "1970-01-01T00:00:01.000Z",
        },
      ],
    });
    expect((await listUnmatched(db.first, { channel: "web", limit: 9 })).items.map(({ sku }) => sku)).toEqual(
      ["Z", "X"],
    );
  });
});
