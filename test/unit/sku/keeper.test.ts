import { describe, expect, it } from "vitest";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { StoredSku } from "./stored-sku.ts";

const dayMs = 86_400_000;
const count = (onHand: number): Mutation => ({ type: "count", location: "default", onHand });
const add = (delta: number): Mutation => ({ type: "adjust", location: "default", delta, reason: "found" });
const settings = (title: string): Mutation => ({ type: "create", title });

/** Enough events for a checkpoint. */
function fill(sku: StoredSku): void {
  for (let index = 0; index < 70; index += 1) sku.do(add(1));
}

describe("what is in memory", () => {
  it("is not ahead of the disk when the first write of a SKU fails", () => {
    const sku = new StoredSku();
    sku.sql.beforeEach = (query) => {
      if (query.includes("INSERT INTO head")) throw new Error("disk full");
    };
    expect(() => sku.do(count(5), { key: "k" })).toThrow("disk full");
    sku.sql.beforeEach = () => undefined;
    expect(sku.do(count(5), { key: "k" })).toMatchObject({ outcome: "done", position: { version: 1 } });
  });

  it("writes the checkpoint again that failed, and forgets nothing that it lacks", () => {
    const sku = new StoredSku();
    sku.do(count(5));
    sku.sql.beforeEach = (query) => {
      if (query.includes("DELETE FROM ledger")) throw new Error("disk full");
    };
    expect(() => fill(sku)).toThrow("disk full");
    sku.sql.beforeEach = () => undefined;
    let checkpoints = 0;
    sku.sql.beforeEach = (query) => {
      if (query.includes("INSERT INTO head")) checkpoints += 1;
    };
    sku.do(add(1));
    expect(checkpoints).toBe(1);
    const before = sku.view;
    sku.crash();
    expect(sku.view).toEqual(before);
  });

  it("gives a cancelled line's units back to its channel alone after a crash too", () => {
    const sku = new StoredSku();
    sku.do({ type: "create", allocations: [{ channel: "web", quantity: 5 }] });
    sku.do(count(20));
    const order = { channel: "web", orderId: "1" };
    sku.do({ type: "order", ...order, lines: [{ lineId: "1", quantity: 3 }] });
    fill(sku);
    sku.do({ type: "cancel", ...order, lines: [{ lineId: "1", quantity: 2 }] });
    const before = sku.view;
    expect(before.allocations).toEqual([{ channel: "web", quantity: 4 }]);
    sku.crash();
    expect(sku.view).toEqual(before);
  });
});

describe("an idempotency key", () => {
  it("of a change that changed nothing answers the same for ever, and no other payload", () => {
    const sku = new StoredSku();
    sku.do(settings("Tee"));
    const first = sku.do(settings("Tee"), { key: "k" });
    expect(first).toMatchObject({ outcome: "done", position: { version: 1 } });
    sku.do(settings("Shirt"));
    sku.crash();
    // The late repetition of an answered request must not undo what came after it.
    expect(sku.do(settings("Tee"), { key: "k" })).toEqual({ ...first, replayed: true });
    expect(sku.view.title).toBe("Shirt");
    expect(sku.do(settings("Coat"), { key: "k" })).toMatchObject({
      refusal: { code: "idempotency-key-reused" },
    });
  });

  it("of a commit that was made before under another key is known too", () => {
    const sku = new StoredSku();
    sku.do(count(5));
    const held = sku.do({ type: "reserve", quantity: 2, ttlSeconds: 60, nonce: "n" });
    if (held.outcome !== "done" || held.event?.type !== "reserved") throw new Error("not held");
    const { reservationId } = held.event;
    const commit: Mutation = { type: "commit", reservationId, channel: "web", orderId: "1", lineId: "1" };
    const first = sku.do(commit, { key: "k1" });
    const second = sku.do(commit, { key: "k2" });
    expect(second).toEqual({ ...first, replayed: true });
    expect(sku.do({ ...commit, orderId: "2" }, { key: "k2" })).toMatchObject({
      refusal: { code: "idempotency-key-reused" },
    });
  });

  it("is kept for 7 days, refused or done, and as long as its event is unconfirmed", () => {
    const sku = new StoredSku();
    sku.do(count(5));
    sku.do(add(-1), { key: "done" });
    sku.do(add(-100), { key: "refused" });
    sku.do(settings("Tee"), { key: "titled" });
    sku.do(settings("Tee"), { key: "same" });
    sku.nowMs += 7 * dayMs - 1_000;
    sku.confirmed = { epoch: sku.view.epoch, version: sku.view.version };
    fill(sku);
    for (const key of ["done", "refused", "titled", "same"]) {
      expect(sku.do(add(7), { key })).toMatchObject({ refusal: { code: "idempotency-key-reused" } });
    }
    sku.nowMs += 2 * dayMs;
    fill(sku);
    expect(sku.do(add(7), { key: "done" })).toMatchObject({ outcome: "done", replayed: false });
    expect(sku.do(add(7), { key: "same" })).toMatchObject({ outcome: "done", replayed: false });
    // Recorded after what is confirmed: it has not reached the ledger yet.
    sku.nowMs += 9 * dayMs;
    fill(sku);
    expect(sku.do(add(8), { key: "done" })).toMatchObject({ refusal: { code: "idempotency-key-reused" } });
  });

  it("of a retired SKU is known in its next life, in which nothing is looked for that is old", () => {
    const sku = new StoredSku();
    const first = sku.do(count(0), { key: "k" });
    sku.do({ type: "retire" });
    const queries: string[] = [];
    sku.sql.beforeEach = (query) => queries.push(query);
    expect(sku.do(count(3))).toMatchObject({ outcome: "done", position: { version: 1 } });
    expect(queries.filter((query) => query.includes("DELETE FROM ledger"))).toEqual([]);
    sku.crash();
    expect(sku.do(count(0), { key: "k" })).toEqual({ ...first, replayed: true });
  });
});
