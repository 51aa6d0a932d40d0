import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditSku, compare } from "../../../src/ledger/audit.ts";
import { project } from "../../../src/ledger/projection.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { MemoryLedger } from "./d1.ts";
import { messageOf, type Recorded, record, steps } from "./histories.ts";

const counts = [5, 6, 7, 8].map((onHand) => ({
  waitMs: 10,
  mutation: { type: "count" as const, location: "default", onHand },
}));
const { recorded: counted } = record("A", counts);

/** An audit in virtual time; `meanwhile` happens while it waits. */
async function audit(
  db: MemoryLedger,
  live: StockView | undefined,
  meanwhile: (nowMs: number) => Promise<void> = async () => {},
) {
  let nowMs = 0;
  const answer = await auditSku("A", {
    ledger: db,
    readLive: async () => live,
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
      await meanwhile(nowMs);
    },
  });
  return { answer, nowMs };
}

async function ledgerOf(
  recorded: readonly Recorded[],
  from = 0,
  count = recorded.length,
): Promise<MemoryLedger> {
  const db = new MemoryLedger();
  for (let at = from; at < from + count; at += 1) await project(db, [messageOf(recorded, at, 1, at + 1)], []);
  return db;
}

describe("an audit", () => {
  it("matches whatever happened to the SKU", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { recorded } = record("A", history);
        const last = recorded.at(-1)?.view;
        // The live object no longer shows a SKU that was retired.
        const live = last?.retired ? undefined : last;
        const { answer } = await audit(await ledgerOf(recorded), live);
        expect(answer).toMatchObject({
          matches: true,
          isDense: true,
          behind: 0,
          differences: [],
          epoch: last?.epoch,
          ledgerVersion: last?.version,
          entries: last?.version,
        });
      }),
      { numRuns: 100 },
    );
  });

  it("names each field that differs", async () => {
    const live = counted[3]?.view;
    const [counted8] = live?.locations ?? [];
    if (live === undefined || counted8 === undefined) throw new Error("nothing was recorded");
    const level = { ...counted8, onHand: 7, available: 7 };
    const wrong = { ...live, onHand: 7, available: 7, locations: [level] };
    const { answer } = await audit(await ledgerOf(counted), wrong);
    expect(answer).toMatchObject({ matches: false, behind: 0 });
    expect(answer?.differences).toEqual([
      { field: "available", ledger: 8, live: 7 },
      { field: "onHand", ledger: 8, live: 7 },
      { field: "locations/default", ledger: counted8, live: level },
    ]);
    const { title: _title, ...untitled } = { ...live, title: "Tee" };
    expect(compare(untitled, { ...untitled, title: "Tee" })).toEqual([
      { field: "title", ledger: null, live: "Tee" },
    ]);
  });

  it("waits for a ledger that lags, and compares at the live object's version though the ledger goes on", async () => {
    const db = await ledgerOf(counted, 0, 2);
    const { answer, nowMs } = await audit(db, counted[2]?.view, async (atMs) => {
      if (atMs === 200) await project(db, [messageOf(counted, 2, 2, 4)], []);
    });
    expect(answer).toMatchObject({ matches: true, ledgerVersion: 3, liveVersion: 3, entries: 3 });
    expect(nowMs).toBe(200);
  });

  it("waits for an entry that comes in after a later one", async () => {
    const deltas = [1, 2, 4, 8].map((delta) => ({
      waitMs: 10,
      mutation: { type: "adjust" as const, location: "default", delta, reason: "found" as const },
    }));
    const { recorded } = record("A", [{ waitMs: 1, mutation: { type: "create" as const } }, ...deltas]);
    for (const late of [1, 2, 3]) {
      const db = await ledgerOf(recorded, 0, late);
      await project(db, [messageOf(recorded, late + 1, 4 - late, 9)], []);
      const { answer, nowMs } = await audit(db, recorded[4]?.view, async (atMs) => {
        if (atMs === 200) await project(db, [messageOf(recorded, late, 1, 10)], []);
      });
      expect(answer).toMatchObject({ matches: true, isDense: true, ledgerVersion: 5, differences: [] });
      expect(nowMs).toBe(200);
    }
  });

  it("says how far a ledger is behind that does not catch up in 2 s", async () => {
    const { answer, nowMs } = await audit(await ledgerOf(counted, 0, 2), counted[3]?.view);
    expect(answer).toMatchObject({
      matches: false,
      behind: 2,
      ledgerVersion: 2,
      liveVersion: 4,
      differences: [],
    });
    expect(nowMs).toBe(2_000);
    const nothing = await audit(new MemoryLedger(), counted[0]?.view);
    expect(nothing.answer).toMatchObject({ matches: false, behind: 1, ledgerVersion: 0 });
    expect(nothing.answer).not.toHaveProperty("ledger");
  });

  it("finds a gap", async () => {
    const db = await ledgerOf(counted, 0, 2);
    await project(db, [messageOf(counted, 3, 1, 4)], []);
    const { answer } = await audit(db, counted[3]?.view);
    expect(answer).toMatchObject({ matches: false, isDense: false, entries: 3, ledgerVersion: 4 });
  });

  it("finds a gap that makes no difference to the sum", async () => {
    const titles = ["Tee", "T-shirt", "Shirt"].map((title) => ({
      waitMs: 1,
      mutation: { type: "create" as const, title },
    }));
    const { recorded } = record("A", titles);
    const db = await ledgerOf(recorded, 0, 1);
    await project(db, [messageOf(recorded, 2, 1, 3)], []);
    const { answer } = await audit(db, recorded[2]?.view);
    expect(answer).toMatchObject({ matches: false, isDense: false, differences: [] });
  });

  it("knows when the live object has lost a SKU that was not retired", async () => {
    const { answer } = await audit(await ledgerOf(counted), undefined);
    expect(answer).toMatchObject({ matches: false, behind: 1 });
  });

  it("has nothing to say of a SKU that nobody knows", async () => {
    expect((await audit(new MemoryLedger(), undefined)).answer).toBeUndefined();
  });
});
