import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { registerChannel } from "../../../src/ledger/channels.ts";
import { listOversells, resolveOversell } from "../../../src/ledger/oversells.ts";
import { project } from "../../../src/ledger/projection.ts";
import { listLedger, listSkus, viewsAfter } from "../../../src/ledger/queries.ts";
import { ledgerShardOf } from "../../../src/ledger/shard.ts";
import type { StockEventsMessage } from "../../../src/protocol/queue.ts";
import { MemoryLedger } from "./d1.ts";
import { messageOf, type Recorded, record, steps } from "./histories.ts";

/** Messages that cover two SKUs' histories, in the order they are sent. */
const outboxes = fc
  .tuple(steps, steps, fc.infiniteStream(fc.integer({ min: 1, max: 6 })))
  .map(([a, b, sizes]) => {
    const size = () => sizes.next().value ?? 1;
    return [record("A", a).recorded, record("B/2", b).recorded].flatMap((recorded) =>
      inMessages(recorded, size),
    );
  });

function inMessages(recorded: readonly Recorded[], size: () => number): StockEventsMessage[] {
  const messages: StockEventsMessage[] = [];
  for (let from = 0; from < recorded.length;) {
    const message = messageOf(recorded, from, size(), from + size());
    messages.push(message);
    from += message.entries.length;
  }
  return messages;
}

async function tablesAfter(batches: readonly StockEventsMessage[][], databases = 1): Promise<unknown[][]> {
  const db = new MemoryLedger(databases);
  for (const batch of batches) await project(db, batch, []);
  return ["ledger", "oversells", "levels"].map((name) => db.table(name));
}

describe("the projection", () => {
  it("leads to the same tables whatever the order, the batches and the repetitions of messages", async () => {
    const deliveries = outboxes.chain((messages) => {
      const index = fc.nat(messages.length - 1);
      return fc.record({
        messages: fc.constant(messages),
        repeated: fc.array(index, { maxLength: messages.length }),
        seed: fc.array(fc.nat(), { minLength: messages.length * 2, maxLength: messages.length * 2 }),
        batchSize: fc.integer({ min: 1, max: 5 }),
        databases: fc.constantFrom(1, 4),
      });
    });
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ messages, repeated, seed, batchSize, databases }) => {
        const delivered = [...messages, ...repeated.flatMap((index) => messages[index] ?? [])]
          .map((message, index) => ({ message, rank: seed[index] ?? 0 }))
          .toSorted((a, b) => a.rank - b.rank)
          .map(({ message }) => message);
        const batches: StockEventsMessage[][] = [];
        for (let from = 0; from < delivered.length; from += batchSize) {
          batches.push(delivered.slice(from, from + batchSize));
        }
        expect(await tablesAfter(batches, databases)).toEqual(await tablesAfter([messages]));
      }),
      { numRuns: 300 },
    );
  });

  it("holds every entry once and the newest level of each SKU", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { recorded } = record("A", history);
        const [ledger, oversells, levels] = await tablesAfter([
          [messageOf(recorded, 0, 1, 1)],
          inMessages(recorded, () => 3),
        ]);
        expect(ledger).toHaveLength(recorded.length);
        const newest = recorded.at(-1)?.view;
        const status = newest?.retired ? "retired" : newest?.status;
        expect(levels).toMatchObject([{ epoch: newest?.epoch, version: newest?.version, status }]);
        const units = recorded.reduce((total, { entry: { event } }) => {
          if (event.type === "counted") return total + (event.oversold ?? 0);
          if (event.type !== "ordered") return total;
          return total + event.lines.reduce((sum, line) => sum + line.oversold, 0);
        }, 0);
        expect((oversells as { units: number }[]).reduce((sum, row) => sum + row.units, 0)).toBe(units);
      }),
      { numRuns: 200 },
    );
  });

  it("writes what it can when a database fails, and says what is missing", async () => {
    const count = { waitMs: 0, mutation: { type: "count" as const, location: "default", onHand: 1 } };
    const messages = ["A", "E", "I"].map((sku) => messageOf(record(sku, [count]).recorded, 0, 1, 1));
    const ledger = new MemoryLedger(4);
    await registerChannel(ledger.first, "web", "webhook", 0);
    const failing = ledger.databases.find((_, shard) => shard === ledgerShardOf("E", 4));
    failing?.change("ALTER TABLE levels RENAME TO elsewhere", []);
    const { channels, failures } = await project(ledger, messages, []);
    expect(channels).toEqual([{ id: "web", sinceMs: 0 }]);
    expect(failures).toMatchObject([
      { messages: [{ sku: "E" }], error: { message: expect.stringContaining("levels") } },
    ]);
    const found = async () => (await listLedger(ledger, { limit: 9 })).items.map(({ subject }) => subject);
    expect((await found()).toSorted()).toEqual(["A", "I"]);

    failing?.change("ALTER TABLE elsewhere RENAME TO levels", []);
    expect((await project(ledger, messages, [])).failures).toEqual([]);
    expect((await found()).toSorted()).toEqual(["A", "E", "I"]);
  });

  it("writes nothing while there is a channel that was not told", async () => {
    const { recorded } = record("A", [
      { waitMs: 0, mutation: { type: "count", location: "default", onHand: 1 } },
      { waitMs: 0, mutation: { type: "adjust", location: "default", delta: 1, reason: "found" } },
    ]);
    const ledger = new MemoryLedger();
    const written = async () => (await listLedger(ledger, { limit: 9 })).items.length;
    await registerChannel(ledger.first, "till", "webhook", 1_000);
    await registerChannel(ledger.first, "web", "webhook", 2_000);
    const [till, web] = [
      { id: "till", sinceMs: 1_000 },
      { id: "web", sinceMs: 2_000 },
    ];
    const message = messageOf(recorded, 0, 1, 1);
    // One that was removed and connected again is another one.
    for (const told of [[], [web], [till, { ...web, sinceMs: 1_999 }]]) {
      await expect(project(ledger, [message], told)).rejects.toThrow("malformed JSON");
      expect(await written()).toBe(0);
    }
    // A channel that is gone by now was told in vain.
    const { channels } = await project(ledger, [message], [{ id: "gone", sinceMs: 3_000 }, till, web]);
    expect(channels).toEqual([till, web]);
    expect(await written()).toBe(1);
  });

  it("fails whole if the channels cannot be read, since nobody knows then whom to tell", async () => {
    const { recorded } = record("E", [{ waitMs: 0, mutation: { type: "create" } }]);
    const ledger = new MemoryLedger(4);
    ledger.databases[0]?.change("DROP TABLE channels", []);
    await expect(project(ledger, [messageOf(recorded, 0, 1, 1)], [])).rejects.toThrow("channels");
  });

  it("keeps the resolution of an oversell when its entry is delivered again", async () => {
    const db = new MemoryLedger();
    const { recorded } = record("A", [
      { waitMs: 0, mutation: { type: "count", location: "default", onHand: 1 } },
      {
        waitMs: 5,
        mutation: { type: "order", channel: "web", orderId: "7", lines: [{ lineId: "1", quantity: 3 }] },
      },
    ]);
    const message = messageOf(recorded, 0, 2, 2);
    await project(db, [message], []);
    const [open] = (await listOversells(db, { limit: 10 })).items;
    const by = { actor: "admin", nowMs: 5_000 };
    const resolved = await resolveOversell(db, open?.id ?? "", { resolution: "restocked" }, by);
    expect(resolved).toMatchObject({ state: "resolved", resolution: "restocked", units: 2 });
    await project(db, [message, message], []);
    expect((await listOversells(db, { limit: 10 })).items).toEqual([resolved]);
  });

  it("leaves retired SKUs out of lists and backfills, and finds them when asked", async () => {
    const db = new MemoryLedger();
    const kept = record("KEPT", [{ waitMs: 0, mutation: { type: "create", title: "Kept" } }]).recorded;
    const gone = record("GONE", [
      { waitMs: 0, mutation: { type: "create", title: "Gone" } },
      { waitMs: 1, mutation: { type: "retire" } },
    ]).recorded;
    await project(db, [messageOf(kept, 0, 1, 1), messageOf(gone, 0, 2, 2)], []);
    const names = async (filter: object) =>
      (await listSkus(db, { limit: 10, ...filter }, 0)).items.map(({ sku }) => sku);
    expect(await names({})).toEqual(["KEPT"]);
    expect(await names({ status: "out_of_stock" })).toEqual(["KEPT"]);
    expect(await names({ query: "gone" })).toEqual([]);
    expect(await names({ retired: true })).toEqual(["GONE"]);
    expect((await viewsAfter(db, "", 10)).map(({ sku }) => sku)).toEqual(["KEPT"]);
  });

  it("lists a SKU again that was retired and created anew, whatever comes late", async () => {
    const db = new MemoryLedger();
    const { recorded } = record("A", [
      { waitMs: 0, mutation: { type: "create" } },
      { waitMs: 1, mutation: { type: "retire" } },
      { waitMs: 1, mutation: { type: "create" } },
    ]);
    await project(db, [messageOf(recorded, 2, 1, 3)], []);
    await project(db, [messageOf(recorded, 0, 2, 2)], []);
    expect((await listSkus(db, { limit: 10 }, 0)).items).toMatchObject([
      { sku: "A", epoch: "e2", version: 1 },
    ]);
  });
});
