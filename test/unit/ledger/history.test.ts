import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stockAt } from "../../../src/ledger/history.ts";
import { project } from "../../../src/ledger/projection.ts";
import { MemoryLedger } from "./d1.ts";
import { messageOf, type Recorded, record, startMs, steps } from "./histories.ts";

async function ledgerOf(recorded: readonly Recorded[], without = -1): Promise<MemoryLedger> {
  const db = new MemoryLedger();
  const messages = recorded.map((_, index) => messageOf(recorded, index, 1, index + 1));
  await project(
    db,
    messages.filter((_, index) => index !== without),
    [],
  );
  return db;
}

function position({ entry }: Recorded): { epoch: string; version: number } {
  return entry.position;
}

const twoLives = record("A", [
  { waitMs: 0, mutation: { type: "count", location: "default", onHand: 4 } },
  { waitMs: 100, mutation: { type: "retire" } },
  { waitMs: 100, mutation: { type: "count", location: "default", onHand: 9 } },
]).recorded;

describe("the stock at a past version", () => {
  it("is what was answered then, in every life", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { recorded } = record("A", history);
        const db = await ledgerOf(recorded);
        for (const each of recorded) {
          const past = await stockAt(db, "A", position(each));
          const asOf = new Date(each.entry.event.atMs).toISOString();
          expect(past).toEqual({ outcome: "found", stock: { ...each.view, asOf } });
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is one of the newest life unless an epoch is named", async () => {
    const db = await ledgerOf(twoLives);
    expect(await stockAt(db, "A", { version: 1 })).toMatchObject({ stock: { epoch: "e2", onHand: 9 } });
    expect(await stockAt(db, "A", { version: 1, epoch: "e1" })).toMatchObject({
      stock: { epoch: "e1", onHand: 4 },
    });
    expect(await stockAt(db, "A", { version: 2, epoch: "e1" })).toMatchObject({ stock: { retired: true } });
  });

  it("is unknown for a SKU, an epoch or a version there never was", async () => {
    const db = await ledgerOf(twoLives);
    expect(await stockAt(db, "B", { version: 1 })).toEqual({ outcome: "unknown" });
    expect(await stockAt(db, "A", { version: 1, epoch: "e9" })).toEqual({ outcome: "unknown" });
    expect(await stockAt(db, "A", { version: 2 })).toEqual({ outcome: "no-such-version", newest: 1 });
  });

  it("reads no entry after that version", async () => {
    const { recorded } = record(
      "A",
      Array.from({ length: 1_200 }, () => ({
        waitMs: 1,
        mutation: { type: "count" as const, location: "default", onHand: 1 },
      })),
    );
    const db = await ledgerOf(recorded);
    const reads = async (version: number) => {
      db.plans.length = 0;
      expect(await stockAt(db, "A", { version })).toMatchObject({ stock: { version } });
      return db.plans.filter((plan) => plan.includes("version>? AND version<?")).length;
    };
    expect([await reads(10), await reads(499), await reads(1_100)]).toEqual([1, 1, 3]);
  });
});

describe("the stock at a past time", () => {
  it("is what the newest entry by then left", async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(60_000), async (history, after) => {
        const { recorded } = record("A", history);
        const atMs = startMs + after;
        const newest = recorded.findLast(({ entry }) => entry.event.atMs <= atMs);
        const past = await stockAt(await ledgerOf(recorded), "A", { atMs });
        expect(past).toMatchObject({ outcome: "found", stock: newest && position(newest) });
      }),
      { numRuns: 100 },
    );
  });

  it("says when the SKU begins if it was unknown then", async () => {
    const db = await ledgerOf(twoLives);
    expect(await stockAt(db, "A", { atMs: startMs - 1 })).toEqual({ outcome: "not-yet", firstAtMs: startMs });
    expect(await stockAt(db, "B", { atMs: startMs })).toEqual({ outcome: "unknown" });
  });

  it("is that of the life of that time", async () => {
    const db = await ledgerOf(twoLives);
    expect(await stockAt(db, "A", { atMs: startMs + 99 })).toMatchObject({
      stock: { epoch: "e1", onHand: 4 },
    });
    expect(await stockAt(db, "A", { atMs: startMs + 150 })).toMatchObject({
      stock: { epoch: "e1", retired: true },
    });
    expect(await stockAt(db, "A", { atMs: startMs + 200 })).toMatchObject({
      stock: { epoch: "e2", onHand: 9 },
    });
  });
});

describe("a ledger with a gap", () => {
  const counts = [1, 2, 3, 4].map((onHand) => ({
    waitMs: 100,
    mutation: { type: "count" as const, location: "default", onHand },
  }));
  const { recorded } = record("A", counts);

  it("answers nothing that could be wrong, and all that is certain", async () => {
    const db = await ledgerOf(recorded, 2);
    expect(await stockAt(db, "A", { version: 1 })).toMatchObject({ stock: { onHand: 1 } });
    expect(await stockAt(db, "A", { version: 4 })).toEqual({ outcome: "incomplete" });
    expect(await stockAt(db, "A", { atMs: startMs + 250 })).toEqual({ outcome: "incomplete" });
    expect(await stockAt(db, "A", { atMs: startMs + 150 })).toMatchObject({ stock: { onHand: 1 } });
  });
});
