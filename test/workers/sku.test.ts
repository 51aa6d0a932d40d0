import {
  applyD1Migrations,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import type { MutationRequest, MutationResult } from "../../src/sku/contract.ts";
import type { Mutation } from "../../src/stock/mutation.ts";

beforeAll(() => applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS));

let keys = 0;
function request(mutation: Mutation, more: Partial<MutationRequest> = {}): MutationRequest {
  keys += 1;
  return { mutation, key: `test\n${keys}`, fingerprint: JSON.stringify(mutation), ...more };
}

async function mutate(
  sku: string,
  mutation: Mutation,
  more?: Partial<MutationRequest>,
): Promise<MutationResult> {
  const [result] = await env.SKU.getByName(sku).mutate([request(mutation, more)]);
  if (result === undefined) throw new Error("no result");
  return result;
}

const count = (onHand: number): Mutation => ({ type: "count", location: "default", onHand });
const sell = (quantity: number): Mutation => ({
  type: "adjust",
  location: "default",
  delta: -quantity,
  reason: "sold",
});
const reserve = (quantity: number, ttlSeconds = 60): Mutation => ({
  type: "reserve",
  quantity,
  ttlSeconds,
  nonce: "n0123456789abcdefghijk",
});

describe("SkuObject", () => {
  it("writes nothing when an unknown SKU is read or refused", async () => {
    const stub = env.SKU.getByName("never-heard-of");
    expect(await stub.read()).toBeUndefined();
    const result = await mutate("never-heard-of", sell(1));
    expect(result).toMatchObject({ outcome: "refused", refusal: { code: "sku-not-found" } });
    const tables = await runInDurableObject(stub, (_, state) =>
      state.storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .toArray(),
    );
    expect(tables).toEqual([]);
    expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).toBeNull();
  });

  it("answers a repeated key with the first answer and no second effect, also after an eviction", async () => {
    const sku = "repeat";
    await mutate(sku, count(10));
    const first = await mutate(sku, sell(3), { key: "k" });
    const second = await mutate(sku, sell(3), { key: "k" });
    expect(second).toEqual({ ...first, replayed: true });
    await evictDurableObject(env.SKU.getByName(sku));
    expect(await mutate(sku, sell(3), { key: "k" })).toEqual({ ...first, replayed: true });
    expect((await env.SKU.getByName(sku).read())?.available).toBe(7);
  });

  it("refuses a key that comes with another payload", async () => {
    const sku = "reuse";
    await mutate(sku, count(10));
    await mutate(sku, sell(3), { key: "k" });
    const result = await mutate(sku, sell(4), { key: "k" });
    expect(result).toMatchObject({ outcome: "refused", refusal: { code: "idempotency-key-reused" } });
  });

  it("keeps refusing a key it refused, even when there is stock again", async () => {
    const sku = "sticky";
    await mutate(sku, count(1));
    const refused = await mutate(sku, sell(5), { key: "k" });
    expect(refused).toMatchObject({
      outcome: "refused",
      refusal: { code: "insufficient-stock", available: 1 },
    });
    await mutate(sku, count(100));
    await evictDurableObject(env.SKU.getByName(sku));
    const again = await mutate(sku, sell(5), { key: "k" });
    expect(again).toMatchObject({
      outcome: "refused",
      replayed: true,
      refusal: { code: "insufficient-stock" },
    });
    expect((await env.SKU.getByName(sku).read())?.available).toBe(100);
  });

  it("checks a replay before If-Match, and If-Match before the mutation", async () => {
    const sku = "match";
    const created = await mutate(sku, count(10));
    const at = created.position;
    if (at === undefined) throw new Error("no position");
    const sold = await mutate(sku, sell(1), { key: "k", ifMatch: [at] });
    expect(sold.outcome).toBe("done");
    expect(await mutate(sku, sell(1), { key: "k", ifMatch: [at] })).toMatchObject({
      outcome: "done",
      replayed: true,
    });
    const stale = await mutate(sku, sell(1), { ifMatch: [at] });
    expect(stale).toMatchObject({
      outcome: "refused",
      refusal: { code: "version-mismatch" },
      position: { version: 2 },
    });
  });

  it("never sells more than there is to concurrent callers, and numbers versions without a gap", async () => {
    const sku = "last-units";
    await mutate(sku, count(50));
    const results = await Promise.all(Array.from({ length: 200 }, () => mutate(sku, sell(1))));
    expect(results.filter((result) => result.outcome === "done")).toHaveLength(50);
    const versions = await runInDurableObject(env.SKU.getByName(sku), (_, state) =>
      state.storage.sql.exec<{ version: number }>("SELECT version FROM ledger ORDER BY version").toArray(),
    );
    expect(versions.map((row) => row.version)).toEqual(Array.from({ length: 51 }, (_, index) => index + 1));
  });

  it("gives back a reservation once its time is over, with or without the alarm", async () => {
    const sku = "expiring";
    await mutate(sku, count(3));
    const held = await mutate(sku, reserve(2, 1));
    expect(held).toMatchObject({ outcome: "done", stock: { available: 1, reserved: 2 } });
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await env.SKU.getByName(sku).read()).toMatchObject({ available: 3, reserved: 0 });
  });

  it("remembers how a reservation ended beyond checkpoints and evictions", async () => {
    const sku = "remember";
    await mutate(sku, count(1_000));
    const held = await mutate(sku, reserve(2));
    if (held.outcome !== "done" || held.event?.type !== "reserved") throw new Error("not reserved");
    const { reservationId } = held.event;
    const commit: Mutation = { type: "commit", reservationId, channel: "web", orderId: "1", lineId: "1" };
    const committed = await mutate(sku, commit);
    expect(committed).toMatchObject({ outcome: "done", stock: { committed: 2, reserved: 0 } });
    await Promise.all(Array.from({ length: 150 }, () => mutate(sku, sell(1))));
    await evictDurableObject(env.SKU.getByName(sku));
    const again = await mutate(sku, commit);
    expect(again).toMatchObject({ outcome: "done", replayed: true, position: { version: 3 } });
    expect(await mutate(sku, { type: "release", reservationId })).toMatchObject({
      outcome: "refused",
      refusal: { code: "reservation-ended", end: "committed" },
    });
  });

  it("folds to the same stock after an eviction", async () => {
    const sku = "fold";
    await mutate(sku, count(500));
    for (let round = 0; round < 100; round += 1)
      await mutate(sku, round % 3 === 0 ? reserve(1, 3_600) : sell(1));
    const order: Mutation = {
      type: "order",
      channel: "web",
      orderId: "7",
      lines: [{ lineId: "1", quantity: 4 }],
    };
    await mutate(sku, order, { key: undefined });
    const before = await env.SKU.getByName(sku).read();
    await evictDurableObject(env.SKU.getByName(sku));
    const after = await env.SKU.getByName(sku).read();
    expect({ ...after, asOf: "" }).toEqual({ ...before, asOf: "" });
    const fulfil: Mutation = { type: "fulfil", channel: "web", orderId: "7" };
    expect(await mutate(sku, fulfil)).toMatchObject({ outcome: "done", stock: { committed: 0 } });
  });

  it("begins a new epoch when a retired SKU is created again, and closes the old one", async () => {
    const sku = "again";
    const first = await mutate(sku, count(3), { key: "first" });
    expect(await mutate(sku, reserve(1, 60))).toMatchObject({ outcome: "done" });
    expect(await mutate(sku, { type: "retire" })).toMatchObject({
      refusal: { code: "sku-in-use", reserved: 1 },
    });
    const held = await env.SKU.getByName(sku).read();
    expect(held?.version).toBe(2);
    await mutate("other", count(1));
    await mutate("other", {
      type: "order",
      channel: "web",
      orderId: "1",
      lines: [{ lineId: "1", quantity: 1 }],
    });
    await mutate("other", { type: "fulfil", channel: "web", orderId: "1" });
    const retired = await mutate("other", { type: "retire" }, { key: "retire" });
    expect(retired).toMatchObject({ outcome: "done", stock: { retired: true, available: 0 } });
    expect(await env.SKU.getByName("other").read()).toBeUndefined();
    expect(await mutate("other", { type: "retire" }, { key: "retire" })).toEqual({
      ...retired,
      replayed: true,
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const again = await mutate("other", count(7));
    if (again.outcome !== "done" || retired.outcome !== "done" || first.outcome !== "done")
      throw new Error("refused");
    expect(again.position.version).toBe(1);
    expect(again.position.epoch > retired.position.epoch).toBe(true);
    await evictDurableObject(env.SKU.getByName("other"));
    expect(await env.SKU.getByName("other").read()).toMatchObject({ available: 7, version: 1 });
    const order: Mutation = {
      type: "order",
      channel: "web",
      orderId: "1",
      lines: [{ lineId: "1", quantity: 2 }],
    };
    expect(await mutate("other", order)).toMatchObject({ outcome: "done", stock: { committed: 2 } });
    expect(await mutate("other", { type: "retire" }, { key: "retire" })).toEqual({
      ...retired,
      replayed: true,
    });
  });

  it("sends again by alarm what was never confirmed", async () => {
    const sku = "unconfirmed";
    await mutate(sku, count(5));
    const stub = env.SKU.getByName(sku);
    const alarmAt = await runInDurableObject(stub, (_, state) => state.storage.getAlarm());
    expect(alarmAt).not.toBeNull();
    expect(await runDurableObjectAlarm(stub)).toBe(true);
  });

  it("is told what the ledger has if it was quiet, and needs no alarm then", async () => {
    const sku = "quiet";
    const stub = env.SKU.getByName(sku);
    await mutate(sku, count(5));
    await eventually(async () => {
      const [confirmed, alarmAtMs] = await runInDurableObject(stub, async (_, { storage }) => [
        storage.sql.exec("SELECT confirmed_version AS version FROM head WHERE part = 0").one()["version"],
        await storage.getAlarm(),
      ]);
      expect(confirmed).toBe(1);
      expect(alarmAtMs).toBeNull();
    });
    const row = await env.LEDGER.prepare("SELECT count(*) AS n FROM ledger WHERE sku = ?").bind(sku).first();
    expect(row).toEqual({ n: 1 });
  });

  it("is woken for what is to come after any eviction, even if its alarm was lost", async () => {
    const sku = "woken";
    const stub = env.SKU.getByName(sku);
    const alarmAtMs = async () =>
      (await runInDurableObject(stub, (_, state) => state.storage.getAlarm())) ?? Number.POSITIVE_INFINITY;
    const evictAndTouch = async () => {
      await evictDurableObject(stub);
      await stub.read();
    };
    await mutate(sku, count(10));
    const held = await mutate(sku, reserve(1, 600));
    if (held.outcome !== "done" || held.event?.type !== "reserved") throw new Error("not reserved");
    const { reservationId } = held.event;
    const expiresAtMs = Date.parse(held.event.expiresAt);
    expect(await alarmAtMs()).toBeLessThanOrEqual(expiresAtMs);
    await evictAndTouch();
    expect(await alarmAtMs()).toBeLessThanOrEqual(expiresAtMs);
    await runInDurableObject(stub, (_, state) => state.storage.deleteAlarm());
    await evictAndTouch();
    expect(await alarmAtMs()).toBeLessThanOrEqual(expiresAtMs);

    // Shorter than before, so that the stored alarm may be too late; also across the alarm's own runs.
    await mutate(sku, { type: "extend", reservationId, ttlSeconds: 60 });
    await evictAndTouch();
    await runDurableObjectAlarm(stub);
    expect(await alarmAtMs()).toBeLessThanOrEqual(Date.now() + 60_000);
    await evictAndTouch();
    expect(await alarmAtMs()).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  it("sends a kit's news, and wakes again, though a component fails", async () => {
    await mutate("k-part", count(10));
    await mutate("k-kit", { type: "create", components: [{ sku: "k-part", quantity: 1 }] });
    await mutate("k-part", reserve(1, 1));
    // Whoever asks the component now makes it expire what is due, and it cannot.
    await runInDurableObject(env.SKU.getByName("k-part"), (_, state) => {
      state.storage.sql.exec("ALTER TABLE ledger RENAME TO broken");
    });
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    const kit = env.SKU.getByName("k-kit");
    const [result] = await kit.mutate([request({ type: "create", title: "Kit" })]);
    expect(result).toMatchObject({ outcome: "done" });
    await runDurableObjectAlarm(kit);
    expect(await runInDurableObject(kit, (_, state) => state.storage.getAlarm())).not.toBeNull();
    // Nor must it forget to look again once its news are in the ledger.
    if (result?.outcome !== "done") throw new Error("not done");
    await kit.reported({ after: { epoch: "", version: 0 }, last: result.position });
    expect(await runInDurableObject(kit, (_, state) => state.storage.getAlarm())).not.toBeNull();
    await runInDurableObject(env.SKU.getByName("k-part"), (_, state) => {
      state.storage.sql.exec("ALTER TABLE broken RENAME TO ledger");
    });
  });

  it("gets an event into the ledger that is larger than a queue message", async () => {
    const sku = "large";
    await mutate(sku, count(5_000));
    const lines = Array.from({ length: 1_000 }, (_, index) => ({
      lineId: `${index}${"行".repeat(100)}`,
      quantity: 1,
    }));
    const ordered = await mutate(sku, { type: "order", channel: "web", orderId: "1", lines });
    expect(ordered).toMatchObject({ outcome: "done", position: { version: 2 } });
    const newest = async () =>
      env.LEDGER.prepare("SELECT length(event) AS length FROM ledger WHERE sku = ? AND version = 2")
        .bind(sku)
        .first<{ length: number }>();
    for (let round = 0; round < 600 && (await newest()) === null; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await newest())?.length).toBeGreaterThan(128_000);
    const isConfirmed = () =>
      runInDurableObject(env.SKU.getByName(sku), (_, state) => {
        const [row] = state.storage.sql
          .exec<{ version: number }>("SELECT confirmed_version AS version FROM head WHERE part = 0")
          .toArray();
        return row?.version;
      });
    // The ledger is asked 4 to 8 s after the event, and only for what is old enough.
    for (let round = 0; round < 600 && (await isConfirmed()) !== 2; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await runDurableObjectAlarm(env.SKU.getByName(sku));
    }
    expect(await isConfirmed()).toBe(2);
  });
});
