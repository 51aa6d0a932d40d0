import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidCursorError } from "../../../src/ledger/page.ts";
import { project } from "../../../src/ledger/projection.ts";
import { formatTailCursor, parseTailCursor, tailAfter, tailEnd } from "../../../src/ledger/tail.ts";
import { limits } from "../../../src/protocol/limits.ts";
import { MemoryD1 } from "./d1.ts";
import { messageOf, record, steps } from "./histories.ts";

/** Everything after a batch, as `sku@epoch.version`, read in pages of so many batches. */
async function read(db: MemoryD1, from: number, batchesMax = 100): Promise<string[]> {
  const seen: string[] = [];
  for (let seq = from; ;) {
    const { batches } = await tailAfter(db, seq, batchesMax);
    if (batches.length === 0) return seen;
    for (const batch of batches) {
      seq = batch.seq;
      seen.push(...batch.items.map((item) => `${item.subject}@${item.id}`));
    }
  }
}

describe("the tail of the ledger", () => {
  it("has every entry once, whatever is repeated, and a place in it means the same for ever", async () => {
    const histories = fc.tuple(steps, steps, fc.array(fc.nat(), { maxLength: 10 }));
    await fc.assert(
      fc.asyncProperty(histories, async ([a, b, repeated]) => {
        const recorded = [record("A", a).recorded, record("B", b).recorded];
        const messages = recorded.flatMap((list) => list.map((_, at) => messageOf(list, at, 1, at + 1)));
        const again = repeated.flatMap((index) => messages[index % Math.max(1, messages.length)] ?? []);
        const db = new MemoryD1();
        const places: { readonly seq: number; readonly before: number }[] = [];
        for (const message of [...messages, ...again]) {
          places.push({ seq: await tailEnd(db), before: (await read(db, 0)).length });
          await project(db, [message, message], 0);
        }
        const all = await read(db, 0, 1);
        expect(new Set(all).size).toBe(all.length);
        expect(all).toHaveLength(recorded.flat().length);
        for (const { seq, before } of places) expect(await read(db, seq)).toEqual(all.slice(before));
      }),
      { numRuns: 40 },
    );
  });

  it("says when what follows a place is no longer kept in order", async () => {
    const db = new MemoryD1();
    const { recorded } = record(
      "A",
      Array.from({ length: 6 }, () => ({
        waitMs: 1,
        mutation: { type: "count" as const, location: "default", onHand: 3 },
      })),
    );
    expect(recorded.length).toBeGreaterThan(2);
    for (let at = 0; at < recorded.length; at += 1) {
      await project(db, [messageOf(recorded, at, 1, at + 1)], at * (limits.tailRetentionMs + 1));
    }
    const end = await tailEnd(db);
    expect((await tailAfter(db, 0, 10)).isIncomplete).toBe(true);
    expect(await tailAfter(db, end, 10)).toEqual({ batches: [], isIncomplete: false });
  });

  it("gives no cursor a second meaning after a restore, and goes on after those of before", async () => {
    const { recorded } = record("A", [
      { waitMs: 1, mutation: { type: "count", location: "default", onHand: 3 } },
      { waitMs: 1, mutation: { type: "count", location: "default", onHand: 4 } },
      { waitMs: 1, mutation: { type: "count", location: "default", onHand: 5 } },
    ]);
    const restored = new MemoryD1();
    const restoredAtMs = 1_800_000_000_000;
    await project(restored, [messageOf(recorded, 0, 1, 1)], restoredAtMs - 1_000);
    const place = await tailEnd(restored);
    // Given out after the backup, for entries that the restored ledger has not.
    const lost = place + 2;
    await project(restored, [messageOf(recorded, 1, 1, 2)], restoredAtMs, restoredAtMs);
    await project(restored, [messageOf(recorded, 2, 1, 3)], restoredAtMs, restoredAtMs);
    expect(await tailEnd(restored)).toBe(restoredAtMs + 1);
    const after = (await read(restored, 0)).slice(1);
    expect(after).toHaveLength(2);
    expect(await read(restored, lost)).toEqual(after);
    expect(await read(restored, place)).toEqual(after);
  });

  it("gives cursors that only it takes back", () => {
    expect(parseTailCursor(formatTailCursor(42))).toBe(42);
    for (const cursor of ["", "42", "WzQyXQ", btoa('["tail","42"]')]) {
      expect(() => parseTailCursor(cursor)).toThrow(InvalidCursorError);
    }
  });
});
