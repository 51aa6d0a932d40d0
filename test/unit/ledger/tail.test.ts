import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeCursor } from "../../../src/ledger/cursor.ts";
import { InvalidCursorError } from "../../../src/ledger/page.ts";
import { project } from "../../../src/ledger/projection.ts";
import {
  formatTailCursor,
  parseTailCursor,
  tailAfter,
  tailEnd,
  type TailPlace,
} from "../../../src/ledger/tail.ts";
import { limits } from "../../../src/protocol/limits.ts";
import { MemoryLedger } from "./d1.ts";
import { messageOf, record, steps } from "./histories.ts";

/** Everything after a place, as `sku@epoch.version`, read in pages of about so many batches. */
async function read(ledger: MemoryLedger, from: TailPlace, batchesMax = 100): Promise<string[]> {
  const seen: string[] = [];
  for (let place = from; ;) {
    const { batches } = await tailAfter(ledger, place, batchesMax);
    if (batches.length === 0) return seen;
    for (const batch of batches) {
      place = batch.place;
      seen.push(...batch.items.map((item) => `${item.subject}@${item.id}`));
    }
  }
}

// Each in another database of four.
const fourSkus = ["A", "B", "E", "I"];
const histories = fc.tuple(
  fc.tuple(steps, steps, steps, steps),
  fc.array(fc.nat(), { maxLength: 10 }),
  fc.constantFrom(1, 4),
);

/** The messages of some SKUs, one for each entry, and some of them again. */
function messagesOf(lives: readonly Parameters<typeof record>[1][], repeated: readonly number[]) {
  const recorded = fourSkus.map((sku, index) => record(sku, lives[index] ?? []).recorded);
  const messages = recorded.flatMap((list) => list.map((_, at) => messageOf(list, at, 1, at + 1)));
  const again = repeated.flatMap((index) => messages[index % Math.max(1, messages.length)] ?? []);
  return { entries: recorded.flat().length, delivered: [...messages, ...again] };
}

describe("the tail of the ledger", () => {
  it("has every entry once, whatever is repeated, and a place in it means the same for ever", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ([lives, repeated, databases]) => {
        const { entries, delivered } = messagesOf(lives, repeated);
        const ledger = new MemoryLedger(databases);
        const places: { readonly place: TailPlace; readonly before: number }[] = [];
        let before = 0;
        for (const [nowMs, message] of delivered.entries()) {
          places.push({ place: await tailEnd(ledger), before });
          await project(ledger, [message, message], [], nowMs);
          before = ledger.table("ledger").length;
        }
        const start = Array.from({ length: databases }, () => 0);
        const all = await read(ledger, start, 1);
        expect(new Set(all).size).toBe(all.length);
        expect(all).toHaveLength(entries);
        for (const { place, before: count } of places)
          expect(await read(ledger, place)).toEqual(all.slice(count));
      }),
      { numRuns: 25 },
    );
  });

  it("loses and repeats nothing over several databases whose writers' clocks differ, while it is read", async () => {
    const clocks = fc.infiniteStream(fc.integer({ min: 0, max: 50 }));
    await fc.assert(
      fc.asyncProperty(histories, clocks, fc.nat(6), async ([lives, repeated], clock, pause) => {
        const { entries, delivered } = messagesOf(lives, repeated);
        const ledger = new MemoryLedger(4);
        const seen: string[] = [];
        let place: TailPlace = [0, 0, 0, 0];
        const look = async () => {
          const { batches, isIncomplete } = await tailAfter(ledger, place, 5);
          expect(isIncomplete).toBe(false);
          for (const batch of batches) {
            place = parseTailCursor(formatTailCursor(batch.place), 4);
            seen.push(...batch.items.map((item) => `${item.subject}@${item.id}`));
          }
          return batches.length > 0;
        };
        for (const [index, message] of delivered.entries()) {
          await project(ledger, [message], [], clock.next().value);
          if (index % (pause + 1) === 0) await look();
        }
        while (await look());
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toHaveLength(entries);
        for (const sku of fourSkus) {
          const own = seen.filter((entry) => entry.startsWith(`${sku}@`));
          expect(own).toEqual(own.toSorted(byPosition));
        }
      }),
      { numRuns: 25 },
    );
  });

  it("says when what follows a place is no longer kept in order", async () => {
    const db = new MemoryLedger();
    const { recorded } = record(
      "A",
      Array.from({ length: 6 }, () => ({
        waitMs: 1,
        mutation: { type: "count" as const, location: "default", onHand: 3 },
      })),
    );
    expect(recorded.length).toBeGreaterThan(2);
    for (let at = 0; at < recorded.length; at += 1) {
      await project(db, [messageOf(recorded, at, 1, at + 1)], [], at * (limits.tailRetentionMs + 1));
    }
    const end = await tailEnd(db);
    expect((await tailAfter(db, [0], 10)).isIncomplete).toBe(true);
    expect(await tailAfter(db, end, 10)).toEqual({ batches: [], isIncomplete: false });
  });

  it("gives no cursor a second meaning after a restore, and goes on after those of before", async () => {
    const { recorded } = record("A", [
      { waitMs: 1, mutation: { type: "count", location: "default", onHand: 3 } },
      { waitMs: 1, mutation: { type: "count", location: "default", onHand: 4 } },
      { waitMs: 1, mutation: { type: "count", location: "default", onHand: 5 } },
    ]);
    const restored = new MemoryLedger();
    const restoredAtMs = 1_800_000_000_000;
    await project(restored, [messageOf(recorded, 0, 1, 1)], [], restoredAtMs - 1_000);
    const place = await tailEnd(restored);
    // Given out after the backup, for entries that the restored ledger has not.
    const lost = [(place[0] ?? 0) + 2];
    await project(restored, [messageOf(recorded, 1, 1, 2)], [], restoredAtMs, restoredAtMs);
    await project(restored, [messageOf(recorded, 2, 1, 3)], [], restoredAtMs, restoredAtMs);
    expect(await tailEnd(restored)).toEqual([restoredAtMs + 1]);
    const after = (await read(restored, [0])).slice(1);
    expect(after).toHaveLength(2);
    expect(await read(restored, lost)).toEqual(after);
    expect(await read(restored, place)).toEqual(after);
  });

  it("gives cursors that only a ledger of as many databases takes back", () => {
    expect(parseTailCursor(formatTailCursor([42]), 1)).toEqual([42]);
    expect(parseTailCursor(formatTailCursor([4, 0, 2]), 3)).toEqual([4, 0, 2]);
    // What was given out before there could be several databases.
    expect(parseTailCursor(encodeCursor(["tail", 42]), 1)).toEqual([42]);
    for (const cursor of ["", "42", "WzQyXQ", btoa('["tail","42"]'), formatTailCursor([1, 2])]) {
      expect(() => parseTailCursor(cursor, 1)).toThrow(InvalidCursorError);
    }
    expect(() => parseTailCursor(formatTailCursor([1]), 4)).toThrow(InvalidCursorError);
  });
});

/** Entries of one SKU, as `sku@epoch.version`, in the order in which they were recorded. */
function byPosition(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => /@(.*)\.(\d+)$/.exec(text) ?? []);
  return (x?.[1] ?? "").localeCompare(y?.[1] ?? "") || Number(x?.[2]) - Number(y?.[2]);
}
