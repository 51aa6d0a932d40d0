import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Fate, shards, World } from "./world.ts";

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Fate>("ok") },
  { weight: 3, arbitrary: fc.constantFrom<Fate>("lost", "unanswered", "late") },
);
const shard = fc.nat(shards - 1);
const which = fc.nat(100);

type Step = (world: World) => Promise<void> | void;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 30 }), fc.boolean(), fate)
      .map(
        ([quantity, ttlSeconds, hasHeard, fateOfCall]): Step =>
          (world) =>
            world.buy(world.newBuyer(quantity, ttlSeconds), hasHeard, fateOfCall),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(which, fc.boolean(), fate)
      .map(([index, hasHeard, fateOfCall]): Step => async (world) => {
        const buyer = world.buyers[index % Math.max(1, world.buyers.length)];
        if (buyer !== undefined) await world.buy(buyer, hasHeard, fateOfCall);
      }),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(shard, fate).map(
      ([index, fateOfCall]): Step =>
        (world) =>
          world.ask(index, fateOfCall),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(shard, fate, fc.boolean()).map(
      ([index, fateOfCall, isRecall]): Step =>
        (world) =>
          world.give(index, fateOfCall, isRecall),
    ),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({
        at: which,
        type: fc.constantFrom("commit", "release", "extend"),
        part: fc.boolean(),
        key: which,
        fateOfCall: fate,
      })
      .map(({ at, type, part, key, fateOfCall }): Step => async (world) => {
        const id = world.holds[at % Math.max(1, world.holds.length)];
        if (id === undefined) return;
        const keyed = { id, key: `c${key}${id}${type}`, fingerprint: `${part}` };
        if (type === "release") await world.change({ type, ...keyed }, fateOfCall);
        else if (type === "extend") await world.change({ type, ...keyed, ttlSeconds: 20 }, fateOfCall);
        else {
          const order = { channel: "web", orderId: part ? id : "same", lineId: part ? id : "1", actor: "a" };
          await world.change(
            { type: "commit", ...keyed, ...order, quantity: part ? 1 : undefined },
            fateOfCall,
          );
        }
      }),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(which, fate).map(([at, fateOfCall]): Step => async (world) => {
      const committing = world.openHolds().filter(({ hold }) => hold.status === "committing");
      const open = committing[at % Math.max(1, committing.length)];
      if (open !== undefined) await world.settle(open.index, open.hold, fateOfCall);
    }),
  },
  {
    weight: 3,
    arbitrary: which.map(
      (at): Step =>
        (world) =>
          world.arrive(at),
    ),
  },
  {
    weight: 2,
    arbitrary: shard.map(
      (index): Step =>
        (world) =>
          world.crashShard(index),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((world) => world.crashSku()) },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 8_000 }).map((ms): Step => (world) => {
      world.sku.nowMs += ms;
    }),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 200 }).map((delta): Step => (world) => {
      world.sku.do({ type: "adjust", location: "default", delta, reason: "received" });
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, shards).map((number): Step => (world) => {
      world.sku.do({ type: "create", shards: number });
    }),
  },
);

describe("a SKU that is sold by shards", () => {
  it("never promises a unit twice, answers each key once, and accounts for all in the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 60, max: 400 }),
        fc.array(step, { maxLength: 80, size: "max" }),
        fc.option(fc.nat(80), { nil: undefined }),
        async (units, steps, leaseEndsAt) => {
          const world = new World();
          world.sku.do({ type: "count", location: "default", onHand: units });
          await world.buy(world.newBuyer(1, 30), false, "ok");
          world.sku.do({ type: "create", shards });
          for (const [index, run] of steps.entries()) {
            // Once, every shard is away for longer than its lease.
            if (index === leaseEndsAt) world.sku.nowMs += 5 * 86_400_000;
            await run(world);
            world.check();
          }

          await world.settleAll();
          const held = () => world.openHolds().reduce((sum, { hold }) => sum + hold.quantity, 0);
          expect(world.sku.view.inShards ?? 0).toBe(held());
          world.sku.nowMs += 60_000;
          await world.settleAll();
          expect(held()).toBe(0);
          expect(world.sku.view).toMatchObject({ reserved: 0 });
          expect(world.sku.view.inShards).toBeUndefined();
          expect(world.sku.view.available + world.sku.view.committed).toBe(world.sku.view.onHand);
        },
      ),
      { numRuns: 250 },
    );
  });

  it("tells again what it keeps if a commit that it did not know of yet was counted in", async () => {
    const world = new World();
    world.sku.do({ type: "count", location: "default", onHand: 400 });
    world.sku.do({ type: "create", shards });
    for (let index = 0; index < shards; index += 1) await world.ask(index, "ok");
    await world.buy(world.newBuyer(3, 600), true, "ok");
    await world.buy(world.newBuyer(2, 600), true, "ok");
    const [id = ""] = world.holds;
    const keyed = { id, key: "c1", fingerprint: "" };
    const order = { channel: "web", orderId: "1", lineId: "1", actor: "a" };
    // The SKU has recorded it, and the shard, which does not know, keeps all that is held.
    await world.change({ type: "commit", ...keyed, ...order }, "unanswered");
    for (const isRecall of [true, false]) {
      for (let index = 0; index < shards; index += 1) await world.give(index, "ok", isRecall);
    }
    await world.settleAll();
    expect(world.sku.view).toMatchObject({ committed: 3, reserved: 2, inShards: 2 });
  });

  it("sells nothing of what it was granted before a restore, and gives back what nobody holds", async () => {
    const world = new World();
    world.sku.do({ type: "count", location: "default", onHand: 400 });
    world.sku.do({ type: "create", shards });
    for (let index = 0; index < shards; index += 1) await world.ask(index, "ok");
    await world.buy(world.newBuyer(3, 600), true, "ok");
    expect(world.holds).toHaveLength(1);
    world.restore();
    await world.buy(world.newBuyer(2, 600), true, "ok");
    expect(world.holds).toHaveLength(1);
    for (let index = 0; index < shards; index += 1) await world.give(index, "ok", false);
    expect(world.sku.view).toMatchObject({ available: 395, reserved: 5, inShards: 3 });
    for (let index = 0; index < shards; index += 1) await world.ask(index, "ok");
    await world.buy(world.newBuyer(2, 600), true, "ok");
    expect(world.holds).toHaveLength(2);
    world.check();
  });
});
