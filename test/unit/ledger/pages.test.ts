import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCounts } from "../../../src/ledger/open-counts.ts";
import { findOversell, listOversells, resolveOversell } from "../../../src/ledger/oversells.ts";
import { project } from "../../../src/ledger/projection.ts";
import { countSkus, knownSkus, listLedger, listSkus, viewsAfter } from "../../../src/ledger/queries.ts";
import { ledgerShardOf } from "../../../src/ledger/shard.ts";
import type { StockEventsMessage } from "../../../src/protocol/queue.ts";
import { MemoryLedger } from "./d1.ts";
import { messageOf, record, steps } from "./histories.ts";

// Their order by UTF-8 bytes is not that by UTF-16 units. They are in different databases of four.
const skus = ["A", "B/2", "c", "靴", "\u{ff0d}wide", "😀"];

const shop = fc.tuple(...skus.map(() => steps)).map((lives) =>
  skus.map((sku, index) => {
    const { recorded } = record(sku, lives[index] ?? []);
    return recorded.map((_, at) => messageOf(recorded, at, 1, at + 1));
  }),
);

/** Both ledgers get the same; `later` is what comes after some pages were read. */
const ledgers = fc.record({
  lives: shop,
  limit: fc.integer({ min: 1, max: 7 }),
  part: fc.double({ min: 0.3, max: 1, noNaN: true }),
});

async function ledgerWith(databases: number, messages: readonly StockEventsMessage[]): Promise<MemoryLedger> {
  const ledger = new MemoryLedger(databases);
  await project(ledger, messages, [], 0);
  return ledger;
}

/** All items, page by page; `between` runs after each page. */
async function allPages<Item>(
  page: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor?: string | undefined }>,
  between: () => Promise<void> = async () => {},
): Promise<Item[]> {
  const seen: Item[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await page(cursor);
    seen.push(...items);
    cursor = nextCursor;
    await between();
  } while (cursor !== undefined);
  return seen;
}

describe("a ledger of four databases", () => {
  it("gives the lists of one database, page by page, and the same sums", async () => {
    await fc.assert(
      fc.asyncProperty(ledgers, async ({ lives, limit }) => {
        const messages = lives.flat();
        const [one, four] = [await ledgerWith(1, messages), await ledgerWith(4, messages)];
        const both = async <Answer>(ask: (ledger: MemoryLedger) => Promise<Answer>) => {
          const answer = await ask(four);
          expect(answer).toEqual(await ask(one));
          return answer;
        };
        expect(four.databases.filter((db) => db.table("levels").length > 0).length).toBeGreaterThan(1);

        const events = await both((db) => allPages((cursor) => listLedger(db, { cursor, limit })));
        expect(events).toHaveLength(messages.length);
        expect(new Set(events.map(({ subject, id }) => `${subject}@${id}`)).size).toBe(messages.length);
        const times = events.map(({ time }) => time);
        expect(times).toEqual(times.toSorted().toReversed());
        for (const filter of [{ sku: "A" }, { channel: "web" }, { type: "counted" }, { reference: "PO-1" }])
          await both((db) => allPages((cursor) => listLedger(db, { ...filter, cursor, limit })));

        const listed = await both((db) => allPages((cursor) => listSkus(db, { cursor, limit }, 0)));
        await both((db) => allPages((cursor) => listSkus(db, { retired: true, cursor, limit }, 0)));
        await both((db) => countSkus(db, undefined));
        const known = await both((db) => knownSkus(db, [...skus, "none"]));
        expect([...known].toSorted()).toEqual(listed.map(({ sku }) => sku).toSorted());
        await both(async (db) => {
          const views = [];
          for (let after = ""; ;) {
            const some = await viewsAfter(db, after, limit);
            expect(some.length).toBeLessThanOrEqual(limit);
            views.push(...some);
            if (some.length < limit) return views;
            after = some.at(-1)?.sku ?? "";
          }
        });

        const oversells = await both((db) => allPages((cursor) => listOversells(db, { cursor, limit })));
        for (const { id, sku } of oversells.slice(0, 3)) {
          const by = { actor: "admin", nowMs: 5 };
          await both((db) => resolveOversell(db, id, { resolution: "restocked" }, by));
          await both((db) => findOversell(db, id));
          await both((db) => listOversells(db, { sku, limit }));
        }
        const { openCount, openUnits } = await both((db) => listOversells(db, { limit }));
        const open = await both(openCounts);
        expect([open.oversells, open.oversoldUnits]).toEqual([openCount, openUnits]);
      }),
      { numRuns: 40 },
    );
  });

  it("shows a reader of pages each entry once that was there when it began, while others come in", async () => {
    await fc.assert(
      fc.asyncProperty(ledgers, async ({ lives, limit, part }) => {
        const messages = lives.flat().toSorted((a, b) => timeOf(a) - timeOf(b));
        const before = messages.slice(0, Math.ceil(messages.length * part));
        // What comes is newer than all there is, so it stands before the reader's place.
        const coming = messages.slice(before.length).filter((one) => timeOf(one) > timeOf(before.at(-1)));
        for (const databases of [1, 4]) {
          const ledger = await ledgerWith(databases, before);
          const whole = (await listLedger(ledger, { limit: 10_000 })).items;
          expect(whole).toHaveLength(before.length);
          const waiting = [...coming];
          const seen = await allPages(
            (cursor) => listLedger(ledger, { cursor, limit }),
            async () => void (await project(ledger, waiting.splice(0, 2), [], 0)),
          );
          expect(seen).toEqual(whole);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("asks one database for what is of one SKU", async () => {
    const four = new MemoryLedger(4);
    const asked = () => four.databases.map((db) => db.plans.length);
    const home = ledgerShardOf("A", 4);
    await listLedger(four, { sku: "A", limit: 9 });
    await listOversells(four, { sku: "A", limit: 9 });
    await knownSkus(four, ["A"]);
    expect(asked().map((count) => count > 0)).toEqual(four.databases.map((_, index) => index === home));
  });
});

function timeOf(message: StockEventsMessage | undefined): number {
  return message?.entries[0]?.event.atMs ?? 0;
}
