import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReportedLine } from "../../../../src/channel/kit/inbound.ts";
import type { FakeOrder } from "../../../fakes/medusa/shop.ts";
import { MedusaWorld } from "./medusa-world.ts";

/** Begins to ask, with the shop as it is. */
async function begun(): Promise<MedusaWorld> {
  const world = new MedusaWorld();
  await world.poll();
  return world;
}

async function lineOf(world: MedusaWorld): Promise<ReportedLine | undefined> {
  world.nowMs += 1_000;
  return (await world.poll()).at(-1)?.lines[0];
}

describe("orders of a Medusa shop", () => {
  test("a placed order is told once, with the item, the SKU and the time", async () => {
    const world = await begun();
    const order = world.shop.sell(world.shop.addVariant("TEE", 10), 2);
    expect(await world.poll()).toEqual([
      {
        type: "order",
        orderId: order.id,
        occurredAt: "2026-11-23T09:00:00.500Z",
        lines: [
          {
            lineId: order.lineId,
            external: { inventoryItemId: "iitem_0001" },
            sku: "TEE",
            title: "Title of TEE",
            ordered: 2,
            cancelled: 0,
            fulfilled: 0,
            restocked: 0,
            writtenOff: 0,
          },
        ],
      },
    ]);
    expect(await world.poll()).toEqual([]);
  });

  test("what was sold before the channel was connected is never told, not even when it changes", async () => {
    const world = new MedusaWorld();
    const variant = world.shop.addVariant("TEE", 10);
    const long = world.shop.sell(variant, 1);
    world.nowMs += 60_000;
    const justNow = world.shop.sell(variant, 1);
    expect(await world.poll()).toEqual([]);
    world.nowMs += 1_000;
    world.shop.cancel(long);
    world.shop.cancel(justNow);
    const ours = world.shop.sell(variant, 1);
    expect((await world.poll()).map(({ orderId }) => orderId)).toEqual([ours.id]);
  });

  test("an order whose checkout fails after all is never told", async () => {
    const world = await begun();
    const variant = world.shop.addVariant("TEE", 10);
    const doomed = world.shop.sell(variant, 1, "not_paid");
    expect(await world.poll()).toEqual([]);
    world.nowMs += 4_000;
    const fine = world.shop.sell(variant, 1);
    expect((await world.poll()).map(({ orderId }) => orderId)).toEqual([fine.id]);
    world.shop.takeBack(doomed);
    world.nowMs += 300_000;
    expect(await world.poll()).toEqual([]);
  });

  test("an order that a failed checkout leaves behind is never told, and does not hold up the others", async () => {
    const world = await begun();
    const variant = world.shop.addVariant("TEE", 10);
    const doomed = world.shop.sell(variant, 1, "not_paid");
    world.shop.leaveBehind(doomed);
    for (let minutes = 0; minutes < 5; minutes += 1) {
      const order = world.shop.sell(variant, 1);
      expect((await world.poll()).map(({ orderId }) => orderId)).toEqual([order.id]);
      world.nowMs += 60_000;
    }
    const before = world.api.calls.length;
    await world.poll();
    expect(world.api.calls.slice(before)).toEqual(["GET /admin/orders"]);
  });

  test("an order is told once its payment is authorised, however long others have been there", async () => {
    const world = await begun();
    const variant = world.shop.addVariant("TEE", 100);
    const slow = world.shop.sell(variant, 1, "not_paid");
    for (let sold = 0; sold < 20; sold += 1) {
      world.nowMs += 3_000;
      world.shop.sell(variant, 1);
      await world.poll();
    }
    slow.paymentStatus = "authorized";
    expect((await world.poll()).map(({ orderId }) => orderId)).toEqual([slow.id]);
  });

  test("an order that is to be paid later is told when its checkout must be over", async () => {
    const world = await begun();
    const order = world.shop.sell(world.shop.addVariant("TEE", 10), 1, "not_paid");
    world.nowMs += 119_000;
    expect(await world.poll()).toEqual([]);
    world.nowMs += 2_000;
    expect((await world.poll()).map(({ orderId }) => orderId)).toEqual([order.id]);
  });

  test("variants that the shop does not count are left out", async () => {
    const world = await begun();
    const variant = world.shop.addVariant("GIFT-CARD", 10);
    variant.manageInventory = false;
    world.shop.sell(variant, 1);
    expect((await world.poll())[0]?.lines).toEqual([]);
  });

  test("a variant of several parts is a line for each part, in its units", async () => {
    const world = await begun();
    const [box, pen] = [world.shop.addItem("BOX", 10), world.shop.addItem("PEN", 100)];
    const parts = [
      { item: box, required: 1 },
      { item: pen, required: 12 },
    ];
    const order = world.shop.sell({ sku: "SET", manageInventory: true, parts }, 2);
    world.shop.fulfil(order, 1);
    expect((await world.poll())[0]?.lines).toMatchObject([
      {
        lineId: `${order.lineId}/${box.id}`,
        external: { inventoryItemId: box.id },
        ordered: 2,
        fulfilled: 1,
      },
      {
        lineId: `${order.lineId}/${pen.id}`,
        external: { inventoryItemId: pen.id },
        ordered: 24,
        fulfilled: 12,
      },
    ]);
    expect((await world.poll())[0]?.lines[0]).toBeUndefined();
  });

  test("hundreds of orders come in pages, each once", async () => {
    const world = await begun();
    const variant = world.shop.addVariant("TEE", 5_000);
    const ids = Array.from({ length: 1_300 }, (_, index) => {
      world.nowMs += index % 3;
      return world.shop.sell(variant, 1).id;
    });
    expect((await world.poll()).map(({ orderId }) => orderId).toSorted()).toEqual(ids.toSorted());
    expect(await world.poll()).toEqual([]);
  });

  test("a cancelled order gives back all that it did not send", async () => {
    const world = await begun();
    const order = world.shop.sell(world.shop.addVariant("TEE", 10), 3);
    world.shop.cancel(order);
    expect(await lineOf(world)).toMatchObject({ ordered: 3, cancelled: 3, fulfilled: 0 });
  });

  test("an edited order counts what it lost and what it got", async () => {
    const world = await begun();
    const order = world.shop.sell(world.shop.addVariant("TEE", 10), 3);
    world.shop.edit(order, 1);
    world.shop.edit(order, 4);
    expect(await lineOf(world)).toMatchObject({ ordered: 6, cancelled: 2 });
  });

  test("an edit that nobody has confirmed changes nothing", async () => {
    const world = await begun();
    const order = world.shop.sell(world.shop.addVariant("TEE", 10), 3);
    world.shop.edit(order, 2);
    world.shop.requestEdit(order, 1);
    expect(await lineOf(world)).toMatchObject({ ordered: 3, cancelled: 1 });
  });

  test("a cancelled parcel is back on the shelf, and the order wants it again", async () => {
    const world = await begun();
    const order = world.shop.sell(world.shop.addVariant("TEE", 10), 2);
    world.shop.fulfil(order, 2);
    world.shop.cancelFulfillment(order, 2);
    expect(await lineOf(world)).toMatchObject({ ordered: 4, cancelled: 0, fulfilled: 2, restocked: 2 });
  });

  test("what comes back is for sale again, unless it is damaged or goes to no location", async () => {
    const world = await begun();
    const order = world.shop.sell(world.shop.addVariant("TEE", 10), 5);
    world.shop.fulfil(order, 5);
    world.shop.takeReturn(order, 2, 1);
    world.shop.takeReturn(order, 1, 0, false);
    expect(await lineOf(world)).toMatchObject({ ordered: 5, fulfilled: 5, restocked: 2, writtenOff: 2 });
  });

  test("the history of an order is asked for once for each of its versions", async () => {
    const world = await begun();
    const order = world.shop.sell(world.shop.addVariant("TEE", 10), 5);
    world.shop.edit(order, 4);
    for (let times = 0; times < 5; times += 1) await world.poll();
    world.shop.edit(order, 3);
    for (let times = 0; times < 5; times += 1) await world.poll();
    expect(world.api.calls.filter((call) => call.endsWith("/changes"))).toHaveLength(2);
  });

  test("counts only grow, and add up to what the shop has, whatever happens to an order", async () => {
    const kinds = fc.constantFrom("edit", "fulfil", "unfulfil", "return", "cancel");
    const step = fc.tuple(kinds, fc.integer({ min: 1, max: 4 }));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(step, { maxLength: 10 }),
        async (sold, steps) => {
          const world = await begun();
          const variant = world.shop.addVariant("TEE", 100);
          const order = world.shop.sell(variant, sold);
          let last = await lineOf(world);
          let returned = 0;
          for (const [what, units] of steps) {
            if (what === "return") {
              const back = Math.min(units, order.fulfilled - returned);
              if (back > 0) world.shop.takeReturn(order, back, 0);
              returned += Math.max(0, back);
            } else happen(world, order, what, units, returned);
            const next = (await lineOf(world)) ?? last;
            for (const count of ["ordered", "cancelled", "fulfilled", "restocked", "writtenOff"] as const) {
              expect(next?.[count]).toBeGreaterThanOrEqual(last?.[count] ?? 0);
            }
            last = next;
            const { ordered = 0, cancelled = 0, restocked = 0, fulfilled = 0 } = last ?? {};
            expect(world.shop.available(variant)).toBe(100 - ordered + cancelled + restocked);
            expect(world.shop.items[0]?.levels.get("sloc_main")?.stocked).toBe(100 - fulfilled + restocked);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

function happen(world: MedusaWorld, order: FakeOrder, what: string, units: number, returned: number): void {
  if (order.status === "canceled") return;
  const open = order.quantity - order.fulfilled;
  if (what === "edit") world.shop.edit(order, Math.max(order.fulfilled, units));
  else if (what === "fulfil" && open > 0) world.shop.fulfil(order, Math.min(units, open));
  // Only what nobody has sent back can still be in a parcel that is cancelled.
  else if (what === "unfulfil" && order.fulfilled > 0 && returned === 0) {
    world.shop.cancelFulfillment(order, Math.min(units, order.fulfilled));
  } else if (what === "cancel" && order.fulfilled === 0) world.shop.cancel(order);
}
