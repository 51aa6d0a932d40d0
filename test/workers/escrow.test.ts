import {
  applyD1Migrations,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { eventually } from "./eventually.ts";
import { homeOf, shardName } from "../../src/escrow/address.ts";
import type { ChangeAsk, HoldAsk, ShardAnswer } from "../../src/escrow/contract.ts";
import type { MutationRequest, MutationResult } from "../../src/sku/contract.ts";
import type { Mutation } from "../../src/stock/mutation.ts";

beforeAll(() => applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS));

const shards = 2;
let keys = 0;
const nextKey = () => {
  keys += 1;
  return `test\n${keys}`;
};

async function mutate(
  sku: string,
  mutation: Mutation,
  more: Partial<MutationRequest> = {},
): Promise<MutationResult> {
  const [result] = await env.SKU.getByName(sku).mutate([
    { mutation, key: nextKey(), fingerprint: JSON.stringify(mutation), ...more },
  ]);
  if (result === undefined) throw new Error("no result");
  return result;
}

async function sharded(sku: string, onHand: number): Promise<void> {
  await mutate(sku, { type: "count", location: "default", onHand });
  await mutate(sku, { type: "create", shards });
}

const shardAt = (sku: string, shard: number) => env.SHARD.getByName(shardName({ sku, shard }));

/** A key of which a shard is the home. */
function keyOf(shard: number): string {
  let key = nextKey();
  while (homeOf(key, shards) !== shard) key = nextKey();
  return key;
}

function holdAsk(key: string, quantity = 1, ttlSeconds = 600): HoldAsk {
  const mutation = { type: "reserve" as const, quantity, ttlSeconds, nonce: "n0123456789abcdefghijk" };
  return { type: "hold", request: { mutation, key, fingerprint: `${quantity}` }, isForSku: false };
}

async function hold(sku: string, shard: number, ask: HoldAsk): Promise<ShardAnswer> {
  const [answer] = await shardAt(sku, shard).hold([ask]);
  if (answer === undefined) throw new Error("no answer");
  return answer;
}

async function change(sku: string, shard: number, ask: ChangeAsk): Promise<ShardAnswer> {
  const [answer] = await shardAt(sku, shard).change([ask]);
  if (answer === undefined) throw new Error("no answer");
  return answer;
}

function idOf(answer: ShardAnswer): string {
  if (answer.outcome !== "done") throw new Error(`not held by the shard: ${JSON.stringify(answer)}`);
  return answer.hold.id;
}

const view = (sku: string) => env.SKU.getByName(sku).read();

const commitOf = (id: string, orderId = "o1"): ChangeAsk => ({
  type: "commit",
  id,
  key: nextKey(),
  fingerprint: "commit",
  channel: "web",
  orderId,
  lineId: "1",
  actor: "test",
});

describe("a SKU that is sold by shards", () => {
  it("sends buyers to the shard of their key, and sells there what the shard was granted", async () => {
    const sku = "sent";
    await sharded(sku, 1_000);
    const key = keyOf(1);
    const { mutation, fingerprint } = holdAsk(key).request;
    const sent = await mutate(sku, mutation, { key, fingerprint });
    expect(sent).toMatchObject({ outcome: "refused", refusal: { code: "ask-shard", shards } });
    const answer = await hold(sku, 1, holdAsk(key));
    expect(answer).toMatchObject({
      outcome: "done",
      replayed: false,
      hold: { shard: 1, sequence: 1, quantity: 1 },
    });
    const granted = 1_000 / (4 * shards);
    expect(await view(sku)).toMatchObject({
      available: 1_000 - granted,
      reserved: granted,
      inShards: granted,
    });
  });

  it("answers a key the same after an eviction, also one that it passed on", async () => {
    const sku = "evicted";
    await sharded(sku, 100);
    const [small, large] = [holdAsk(keyOf(0)), holdAsk(keyOf(0), 60)];
    const [first, second] = [await hold(sku, 0, small), await hold(sku, 0, large)];
    expect(second).toMatchObject({ outcome: "of-sku", result: { outcome: "done", event: { quantity: 60 } } });
    await evictDurableObject(shardAt(sku, 0));
    await evictDurableObject(env.SKU.getByName(sku));
    expect(await hold(sku, 0, small)).toEqual({ ...first, replayed: true });
    const again = await hold(sku, 0, large);
    expect(again).toMatchObject({ outcome: "of-sku", result: { replayed: true } });
    const other = await hold(sku, 0, holdAsk(small.request.key, 2));
    expect(other).toMatchObject({ outcome: "refused", refusal: { code: "idempotency-key-reused" } });
    expect(await shardAt(sku, 0).reservation(idOf(first))).toMatchObject({ status: "active", quantity: 1 });
  });

  it("replays what the SKU had answered before it had shards", async () => {
    const sku = "before";
    await mutate(sku, { type: "count", location: "default", onHand: 1_000 });
    const ask = holdAsk(keyOf(0), 5);
    const { mutation, key, fingerprint } = ask.request;
    const first = await mutate(sku, mutation, { key, fingerprint });
    await mutate(sku, { type: "create", shards });
    expect(await hold(sku, 0, ask)).toEqual({ outcome: "of-sku", result: { ...first, replayed: true } });
    // The shard sells nothing of its own for it, though it has units by now.
    const { reserved = 0, inShards = 0 } = (await view(sku)) ?? {};
    expect(inShards).toBeGreaterThan(0);
    expect(reserved - inShards).toBe(5);
  });

  it("turns a hold into a line of the SKU's ledger once, and frees one that is released or over", async () => {
    const sku = "ends";
    await sharded(sku, 1_000);
    const [sold, released, over] = [
      idOf(await hold(sku, 0, holdAsk(keyOf(0), 3))),
      idOf(await hold(sku, 0, holdAsk(keyOf(0), 2))),
      idOf(await hold(sku, 0, holdAsk(keyOf(0), 1, 5))),
    ];
    const commit = commitOf(sold);
    const done = await change(sku, 0, commit);
    expect(done).toMatchObject({
      outcome: "of-sku",
      result: { outcome: "done", replayed: false, event: { type: "committed", quantity: 3, orderId: "o1" } },
    });
    await evictDurableObject(shardAt(sku, 0));
    expect(await change(sku, 0, commit)).toMatchObject({ result: { replayed: true } });
    expect(await change(sku, 0, commitOf(sold))).toMatchObject({ result: { replayed: true } });
    expect(await change(sku, 0, commitOf(sold, "o2"))).toMatchObject({
      refusal: { code: "reservation-ended" },
    });
    expect(await env.SKU.getByName(sku).orderLines("web", "o1")).toMatchObject([{ ordered: 3 }]);
    expect(await view(sku)).toMatchObject({ committed: 3, onHand: 1_000 });

    const release: ChangeAsk = { type: "release", id: released, key: nextKey(), fingerprint: "" };
    expect(await change(sku, 0, release)).toMatchObject({ hold: { status: "released" } });
    vi.useFakeTimers({ now: Date.now() + 6_000, toFake: ["Date"] });
    try {
      expect(await shardAt(sku, 0).reservation(over)).toMatchObject({ status: "expired" });
      expect(await change(sku, 0, commitOf(over))).toMatchObject({
        refusal: { code: "reservation-expired" },
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it("keeps a line that the order has already from being sold twice, and the hold as it was", async () => {
    const sku = "conflict";
    await sharded(sku, 1_000);
    const first = idOf(await hold(sku, 0, holdAsk(keyOf(0))));
    const second = idOf(await hold(sku, 0, holdAsk(keyOf(0))));
    await change(sku, 0, commitOf(first));
    const refused = commitOf(second);
    for (const replayed of [false, true]) {
      expect(await change(sku, 0, refused)).toMatchObject(
        replayed
          ? { outcome: "refused", replayed, refusal: { code: "order-line-conflict" } }
          : { result: { outcome: "refused", refusal: { code: "order-line-conflict" } } },
      );
    }
    expect(await shardAt(sku, 0).reservation(second)).toMatchObject({ status: "active" });
    expect(await change(sku, 0, commitOf(second, "o2"))).toMatchObject({ result: { outcome: "done" } });
  });

  it("calls its shards back before it refuses anybody, and when a fact takes more than it has itself", async () => {
    const sku = "recalled";
    await sharded(sku, 200);
    await hold(sku, 0, holdAsk(keyOf(0), 5));
    await hold(sku, 1, holdAsk(keyOf(1), 5));
    // Each shard has 25 and 21, of which 5 are held: 154 are left to the SKU, and 36 free in shards.
    const whole = await hold(sku, 0, holdAsk(keyOf(0), 190));
    expect(whole).toMatchObject({ result: { outcome: "done", event: { quantity: 190 } } });
    expect(await view(sku)).toMatchObject({ available: 0, reserved: 200, inShards: 10 });
    const none = await hold(sku, 1, holdAsk(keyOf(1)));
    expect(none).toMatchObject({
      result: { outcome: "refused", refusal: { code: "insufficient-stock", available: 0 } },
    });

    const told = "told";
    await sharded(told, 200);
    await hold(told, 0, holdAsk(keyOf(0), 5));
    const order = {
      type: "order" as const,
      channel: "web",
      orderId: "x",
      lines: [{ lineId: "1", quantity: 195 }],
    };
    const fact = await mutate(told, order, { key: undefined });
    expect(fact).toMatchObject({ event: { lines: [{ oversold: 0 }] }, stock: { available: 0, inShards: 5 } });
  });

  it("leaves a grant to its shard: nobody else releases, extends or commits it, or sees it as a buyer's", async () => {
    const sku = "private";
    await sharded(sku, 1_000);
    await hold(sku, 0, holdAsk(keyOf(0)));
    const grant = await runInDurableObject(shardAt(sku, 0), (_, { storage: { sql } }) => {
      const { state } = sql.exec<{ state: string }>("SELECT state FROM head").one();
      return (JSON.parse(state) as { grants: { id: string }[] }).grants[0]?.id ?? "";
    });
    const refusal = { code: "reservation-not-found" };
    expect(await mutate(sku, { type: "release", reservationId: grant })).toMatchObject({ refusal });
    expect(await mutate(sku, { type: "extend", reservationId: grant, ttlSeconds: 1 })).toMatchObject({
      refusal,
    });
    expect(await env.SKU.getByName(sku).reservation(grant)).toBeUndefined();
    expect(await env.SKU.getByName(sku).reservations({ limit: 10 })).toEqual([]);
  });

  it("has everything itself again once shards are switched off and their holds are over", async () => {
    const sku = "off";
    await sharded(sku, 1_000);
    const id = idOf(await hold(sku, 0, holdAsk(keyOf(0), 7)));
    await hold(sku, 1, holdAsk(keyOf(1), 5));
    await mutate(sku, { type: "create", shards: 0 });
    await eventually(async () => expect(await view(sku)).toMatchObject({ available: 988, inShards: 12 }));
    expect(await change(sku, 0, commitOf(id))).toMatchObject({ result: { outcome: "done" } });
    vi.useFakeTimers({ now: Date.now() + 601_000, toFake: ["Date"] });
    try {
      for (const shard of [0, 1]) {
        await evictDurableObject(shardAt(sku, shard));
        await runDurableObjectAlarm(shardAt(sku, shard));
      }
    } finally {
      vi.useRealTimers();
    }
    const after = await view(sku);
    expect(after).toMatchObject({ available: 993, committed: 7, reserved: 0 });
    expect(after?.inShards).toBeUndefined();
    expect(after?.shards).toBeUndefined();
    // Keys are still asked for where they may be known; the SKU itself decides.
    expect(await hold(sku, 0, holdAsk(keyOf(0)))).toMatchObject({
      outcome: "of-sku",
      result: { outcome: "done" },
    });
    const other = await mutate(sku, { type: "create", shards: 3 });
    expect(other).toMatchObject({ refusal: { code: "sku-cannot-be-sharded", because: "other-shards" } });
    expect(await mutate(sku, { type: "create", shards })).toMatchObject({ outcome: "done" });
  });

  it("writes two rows for a hold, and none for a repetition", async () => {
    const sku = "rows";
    await sharded(sku, 100_000);
    await hold(sku, 0, holdAsk(keyOf(0)));
    const rows = await runInDurableObject(shardAt(sku, 0), async (instance, { storage: { sql } }) => {
      let written = 0;
      const exec = sql.exec.bind(sql);
      const counting = (query: string, ...bindings: (string | number | null)[]) => {
        const cursor = exec(query, ...bindings);
        const result = cursor.toArray();
        written += cursor.rowsWritten;
        return { toArray: () => result, rowsWritten: cursor.rowsWritten };
      };
      Object.defineProperty(sql, "exec", { value: counting, configurable: true });
      const ask = holdAsk(keyOf(0));
      await instance.hold([ask]);
      const first = written;
      await instance.hold([ask]);
      Reflect.deleteProperty(sql, "exec");
      return { first, again: written - first };
    });
    expect(rows).toEqual({ first: 2, again: 0 });
  });

  it("rests before it tries again what it could not store", async () => {
    const sku = "cannot-store";
    await sharded(sku, 100);
    const id = idOf(await hold(sku, 0, holdAsk(keyOf(0), 1, 600)));
    const shard = shardAt(sku, 0);
    const rename = (from: string, to: string) =>
      runInDurableObject(shard, (_, { storage }) => {
        storage.sql.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
      });
    await rename("ended_holds", "elsewhere");
    vi.useFakeTimers({ now: Date.now() + 601_000, toFake: ["Date"] });
    try {
      await runDurableObjectAlarm(shard);
      const nextMs = await runInDurableObject(shard, (_, { storage }) => storage.getAlarm());
      expect(nextMs).toBeGreaterThanOrEqual(Date.now() + 5_000);
      await rename("elsewhere", "ended_holds");
      await runDurableObjectAlarm(shard);
      expect(await shard.reservation(id)).toMatchObject({ status: "expired" });
    } finally {
      vi.useRealTimers();
    }
  });
});
