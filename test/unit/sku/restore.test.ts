import { describe, expect, it } from "vitest";
import { epochAt } from "../../../src/sku/epoch.ts";
import { isBefore } from "../../../src/sku/restored-life.ts";
import { restoredAtMs } from "../../../src/storage/restored-at.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { StoredSku } from "./stored-sku.ts";

const count = (onHand: number): Mutation => ({ type: "count", location: "default", onHand });
const onOrder = { channel: "web", orderId: "17" };
const order: Mutation = { type: "order", ...onOrder, lines: [{ lineId: "1", quantity: 3 }] };

/** A SKU that sold three units, and was restored since. */
function soldAndRestored() {
  const sku = new StoredSku();
  sku.do(count(20), { key: "count" });
  const ordered = sku.do(order);
  const held = sku.do({ type: "reserve", quantity: 2, ttlSeconds: 60, nonce: "n" });
  if (ordered.outcome !== "done" || held.outcome !== "done" || held.event?.type !== "reserved")
    throw new Error("there was enough");
  const { reservationId } = held.event;
  const commit: Mutation = { type: "commit", reservationId, ...onOrder, lineId: "2" };
  const committed = sku.do(commit);
  const before = sku.view;
  sku.nowMs += 1_000;
  const entries = sku.keeper.restore(sku.nowMs);
  return { sku, before, entries, ordered, commit, committed };
}

describe("a SKU that was restored", () => {
  it("has the same stock at a newer position, and remembers it", () => {
    const { sku, before, entries } = soldAndRestored();
    const epoch = epochAt(sku.nowMs);
    expect(sku.view).toEqual({ ...before, epoch, version: 1 });
    expect(entries).toMatchObject([
      {
        position: { epoch, version: 1 },
        event: { type: "restored", from: { epoch: before.epoch, version: 4 } },
      },
    ]);
    sku.crash();
    expect(sku.view).toEqual({ ...before, epoch, version: 1 });
  });

  it("answers what was answered before as it was", () => {
    const { sku, before, ordered, commit, committed } = soldAndRestored();
    const again = { outcome: "done", replayed: true };
    expect(sku.do(count(20), { key: "count" })).toMatchObject({
      ...again,
      position: { epoch: before.epoch, version: 1 },
    });
    expect(sku.do(order)).toEqual({ ...ordered, replayed: true });
    expect(sku.do(commit)).toEqual({ ...committed, replayed: true });
    sku.crash();
    expect(sku.do(order)).toMatchObject({ ...again, position: { epoch: before.epoch, version: 2 } });
    expect(sku.view.version).toBe(1);
  });

  it("goes on with the orders it had", () => {
    const { sku, before } = soldAndRestored();
    const lines = [{ lineId: "1", ordered: 3, cancelled: 1, fulfilled: 2, restocked: 0, writtenOff: 0 }];
    sku.do({ type: "report", ...onOrder, lines: lines.map((line) => ({ ...line, epoch: before.epoch })) });
    expect(sku.view).toMatchObject({ onHand: 18, committed: 2, available: 16, version: 3 });
    sku.do({ type: "cancel", ...onOrder });
    expect(sku.view).toMatchObject({ onHand: 18, committed: 0, available: 18, version: 4 });
  });

  it("sends all that it still has again", () => {
    const { sku } = soldAndRestored();
    expect(sku.store.load()?.confirmed).toEqual({ epoch: "", version: 0 });
    const entries = sku.store.ledger.entriesAfter({ epoch: "", version: 0 }, 100);
    expect(entries.map(({ event }) => event.type)).toEqual([
      "counted",
      "ordered",
      "reserved",
      "committed",
      "restored",
    ]);
  });

  it("begins anew after it was retired too, and knows no orders of before then", () => {
    const sku = new StoredSku();
    sku.do(count(3));
    sku.do({ type: "retire" });
    sku.nowMs += 1_000;
    sku.keeper.restore(sku.nowMs);
    expect(sku.view).toMatchObject({ retired: true, version: 1 });
    expect(sku.do({ type: "adjust", location: "default", delta: 1, reason: "found" })).toMatchObject({
      refusal: { code: "sku-not-found" },
    });
    sku.nowMs += 1_000;
    sku.do(count(5));
    expect(sku.view).toMatchObject({ epoch: epochAt(sku.nowMs), version: 1, onHand: 5 });
  });
});

describe("the moment of a restore", () => {
  it("is after every life that began before it, and not after those that follow", () => {
    const at = restoredAtMs({ RESTORED_AT: "2026-11-25T09:00:00Z" });
    const sku = new StoredSku();
    sku.nowMs = at - 1;
    sku.do(count(1));
    expect(isBefore(sku.keeper.state, at)).toBe(true);
    sku.keeper.restore(at);
    expect(isBefore(sku.keeper.state, at)).toBe(false);
    expect(isBefore(sku.keeper.state, restoredAtMs({ RESTORED_AT: "" }))).toBe(false);
  });

  it("is refused if it is no time", () => {
    expect(() => restoredAtMs({ RESTORED_AT: "yesterday" })).toThrow(/RESTORED_AT/);
  });
});
