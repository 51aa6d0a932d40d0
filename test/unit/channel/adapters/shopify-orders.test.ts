import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderIn } from "../../../../src/channel/adapters/shopify/order-payload.ts";
import { toReport } from "../../../../src/channel/adapters/shopify/orders.ts";
import type { ReportedLine } from "../../../../src/channel/kit/inbound.ts";
import { contradictionOf, greatest, noCounts } from "../../../../src/order/counts.ts";
import { gid } from "../../../fakes/shopify/items.ts";
import type { FakeOrder, RestockType } from "../../../fakes/shopify/orders.ts";
import { ShopifyWorld } from "./shopify-world.ts";

function counts({ ordered, cancelled, fulfilled, restocked, writtenOff }: ReportedLine) {
  return { ordered, cancelled, fulfilled, restocked, writtenOff };
}

/** What the order is by both of Shopify's APIs, which must agree. */
async function lineOf(world: ShopifyWorld, order: FakeOrder, place = 0) {
  const lineId = String(order.lines[place]?.id);
  const asked = await world.lookUp(order.id);
  const payload = orderIn(world.shop.orders.payload(order), (variantId) => itemOf(world, variantId));
  expect(payload && counted(toReport(payload).lines)).toEqual(counted(asked.lines));
  const line = asked.lines.find((one) => one.lineId === lineId);
  if (line === undefined) throw new Error("the line is not reported");
  return counts(line);
}

const counted = (lines: readonly ReportedLine[]) => lines.map((line) => [line.lineId, counts(line)]);

/** As the fake makes ids. */
const itemOf = (_: ShopifyWorld, variantId: string) => String(Number(variantId) - 3_000_000_000_000);

function sold(quantity: number) {
  const world = new ShopifyWorld();
  const item = world.shop.item("TEE-S", 50);
  const order = world.shop.sales.sell({ item, quantity });
  const [line] = order.lines;
  if (line === undefined) throw new Error("an order has a line");
  return { world, item, order, line, sales: world.shop.sales };
}

describe("a Shopify order as counts", () => {
  test("an order is told whole: when, which line, which item, what the shop calls it", async () => {
    const { world, item, order, line } = sold(2);
    expect(await world.lookUp(order.id)).toEqual({
      type: "order",
      orderId: String(order.id),
      occurredAt: "2026-11-23T09:00:00.500Z",
      lines: [
        {
          lineId: String(line.id),
          external: {
            inventoryItemId: gid("InventoryItem", item.id),
            variantId: gid("ProductVariant", item.variantId),
          },
          sku: "TEE-S",
          title: "Tee - TEE-S",
          ordered: 2,
          cancelled: 0,
          fulfilled: 0,
          restocked: 0,
          writtenOff: 0,
        },
      ],
    });
  });

  test("units are fulfilled in parts; a fulfilment that is not sent yet, or never was, counts for nothing", async () => {
    const { world, order, line, sales } = sold(5);
    sales.fulfil(order, line, 2);
    sales.fulfil(order, line, 1, "pending");
    sales.fulfil(order, line, 1, "cancelled");
    expect(await lineOf(world, order)).toEqual({ ...noCounts, ordered: 5, fulfilled: 2 });
  });

  test.each<[RestockType, number, object]>([
    ["cancel", 0, { cancelled: 2 }],
    ["return", 5, { fulfilled: 5, restocked: 2 }],
    ["no_restock", 5, { fulfilled: 5, writtenOff: 2 }],
    ["no_restock", 0, { fulfilled: 2, writtenOff: 2 }],
    ["no_restock", 1, { fulfilled: 2, writtenOff: 2 }],
    ["legacy_restock", 0, { cancelled: 2 }],
    ["legacy_restock", 5, { fulfilled: 5, restocked: 2 }],
    // Against the rules of Shopify's admin, though apps can do it: the units say what they were.
    ["return", 0, { cancelled: 2 }],
    ["cancel", 5, { fulfilled: 5, restocked: 2 }],
  ])("a refund of two of five by %s, %i of them shipped", async (restockType, shipped, expected) => {
    const { world, order, line, sales } = sold(5);
    if (shipped > 0) sales.fulfil(order, line, shipped);
    sales.refund(order, line, 2, restockType);
    expect(await lineOf(world, order)).toEqual({ ...noCounts, ordered: 5, ...expected });
  });

  test("partial refunds add up", async () => {
    const { world, order, line, sales } = sold(6);
    sales.refund(order, line, 1, "cancel");
    sales.fulfil(order, line, 4);
    sales.refund(order, line, 2, "return");
    sales.refund(order, line, 1, "no_restock");
    expect(await lineOf(world, order)).toEqual({
      ordered: 6,
      cancelled: 1,
      fulfilled: 4,
      restocked: 2,
      writtenOff: 1,
    });
  });

  test("money back without goods back changes no count of what is for sale", async () => {
    const { world, order, line, sales } = sold(2);
    sales.fulfil(order, line, 2);
    sales.refund(order, line, 1, "no_restock");
    const { cancelled, restocked } = await lineOf(world, order);
    expect(cancelled + restocked).toBe(0);
  });

  test("an order that is cancelled before it leaves is for sale again", async () => {
    const { world, order, sales } = sold(3);
    sales.cancel(order, true);
    expect(await lineOf(world, order)).toEqual({ ...noCounts, ordered: 3, cancelled: 3 });
  });

  test("cancelled without restock, it is not", async () => {
    const { world, order, sales } = sold(3);
    sales.cancel(order, false);
    expect(await lineOf(world, order)).toEqual({ ...noCounts, ordered: 3, fulfilled: 3, writtenOff: 3 });
  });

  test("cancelled after a part of it left, only the rest comes back", async () => {
    const { world, order, line, sales } = sold(3);
    sales.fulfil(order, line, 2);
    sales.cancel(order, true);
    expect(await lineOf(world, order)).toEqual({ ...noCounts, ordered: 3, cancelled: 1, fulfilled: 2 });
  });

  test("edits: more units, fewer units with and without restock, another line", async () => {
    const { world, order, line, sales } = sold(2);
    sales.editQuantity(order, line, 5, true);
    expect(await lineOf(world, order)).toEqual({ ...noCounts, ordered: 5 });
    sales.editQuantity(order, line, 3, true);
    expect(await lineOf(world, order)).toEqual({ ...noCounts, ordered: 5, cancelled: 2 });
    sales.editQuantity(order, line, 2, false);
    expect(await lineOf(world, order)).toEqual({
      ordered: 5,
      cancelled: 2,
      fulfilled: 1,
      restocked: 0,
      writtenOff: 1,
    });
    sales.addLine(order, { item: world.shop.item("MUG", 9), quantity: 4 });
    expect(await lineOf(world, order, 1)).toEqual({ ...noCounts, ordered: 4 });
  });

  test("units taken off an order without any record are on the shelf", async () => {
    const { world, order, line } = sold(5);
    line.removed = 2;
    line.open = 3;
    expect(await lineOf(world, order)).toEqual({ ...noCounts, ordered: 5, cancelled: 2 });
  });

  test("gift cards, services and what somebody else ships are left out; our own fulfilment service is not", async () => {
    const world = new ShopifyWorld();
    const { shop } = world;
    const stranger = { id: 2, name: "post", isActive: true };
    shop.items.locations.set(stranger.id, stranger);
    const [tee, service] = [
      shop.item("TEE-S", 5),
      shop.item("WRAP", 5, { isTracked: false, requiresShipping: false }),
    ];
    const posted = shop.item("POSTER", 5, { fulfillmentService: "post" });
    const order = shop.sales.sell(
      { item: tee, quantity: 1 },
      { item: service, quantity: 1 },
      { item: posted, quantity: 1 },
      { quantity: 1, isGiftCard: true, title: "Gift card", sku: "GIFT" },
      { quantity: 1, title: "Tip" },
    );
    const skus = async () => (await world.lookUp(order.id)).lines.map(({ sku }) => sku);
    expect(await skus()).toEqual(["TEE-S"]);
    shop.items.locations.set(shop.locationId, { id: shop.locationId, name: "post", isActive: true });
    shop.items.locations.delete(stranger.id);
    expect(await skus()).toEqual(["TEE-S", "POSTER"]);
  });

  test("a line whose product is gone is told by its SKU", async () => {
    const { world, order, line, sales } = sold(2);
    line.item = undefined;
    sales.cancel(order, true);
    const [told] = (await world.lookUp(order.id)).lines;
    expect(told).toMatchObject({ sku: "TEE-S", cancelled: 2 });
    expect(told?.external).toBeUndefined();
  });

  test("a long order with many fulfilments and refunds is read to its end", async () => {
    const world = new ShopifyWorld();
    const { shop } = world;
    shop.admin.maximumAvailable = 1e6;
    shop.admin.drainTo(1e6);
    const items = Array.from({ length: 180 }, (_, number) => shop.item(`SKU-${number}`, 50));
    const order = shop.sales.sell(...items.map((item) => ({ item, quantity: 5 })));
    const [first] = order.lines;
    if (first === undefined) throw new Error("an order has a line");
    const all = order.lines.map((line) => ({ line, quantity: 1 }));
    order.fulfilments.push({ id: shop.orders.id(), status: "success", units: all });
    for (let round = 0; round < 12; round += 1) {
      order.refunds.push({
        id: shop.orders.id(),
        units: order.lines
          .slice(0, 15)
          .map((line) => ({ line, quantity: round < 2 ? 1 : 0, restockType: "cancel" })),
      });
    }
    const { lines } = await world.lookUp(order.id);
    expect(lines).toHaveLength(180);
    expect(lines.every(({ fulfilled }) => fulfilled === 1)).toBe(true);
    expect(lines.map(({ cancelled }) => cancelled)).toEqual(lines.map((_, place) => (place < 15 ? 2 : 0)));
  });

  test("an order that the shop does not show is left out, the others are told", async () => {
    const { world, order } = sold(1);
    const facts = await world.channel.lookUp(["1", String(order.id), String(order.id)]);
    expect(facts.map((fact) => fact.type === "order" && fact.orderId)).toEqual([String(order.id)]);
  });

  test("a shop out of points is looked up later, after as long as it needs", async () => {
    const { world, order } = sold(1);
    world.shop.admin.drainTo(0);
    await expect(world.channel.lookUp([String(order.id)])).rejects.toMatchObject({
      name: "ChannelUnreadableError",
      retryAfterMs: expect.any(Number),
    });
  });

  test("a scope that is missing for orders does not silence the channel", async () => {
    const { world, order } = sold(1);
    world.shop.admin.scopes.delete("read_orders");
    await expect(world.channel.lookUp([String(order.id)])).rejects.toMatchObject({
      message: expect.stringContaining("`read_orders`"),
      retryAfterMs: undefined,
    });
  });
});

describe("any history of a Shopify order", () => {
  const step = fc.oneof(
    fc.record({ does: fc.constant("fulfil" as const), units: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      does: fc.constant("refund" as const),
      units: fc.integer({ min: 1, max: 3 }),
      restockType: fc.constantFrom<RestockType>("cancel", "return", "no_restock"),
    }),
    fc.record({
      does: fc.constant("edit" as const),
      units: fc.integer({ min: 0, max: 9 }),
      isRestocked: fc.boolean(),
    }),
    fc.record({ does: fc.constant("cancel" as const), isRestocked: fc.boolean() }),
  );

  test("gives counts that add up, never fall, and say what is for sale again; webhooks in any order end there", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.integer(), async (steps, seed) => {
        const { world, item, order, line, sales } = sold(6);
        world.shop.admin.maximumAvailable = 1e6;
        world.shop.admin.drainTo(1e6);
        let known = await lineOf(world, order);
        for (const one of steps) {
          world.nowMs += 1_000;
          const isOpen = order.cancelledAtMs === undefined;
          if (one.does === "fulfil" && isOpen && line.open >= one.units) sales.fulfil(order, line, one.units);
          if (one.does === "edit" && isOpen && one.units >= line.quantity - line.removed - line.open) {
            sales.editQuantity(order, line, one.units, one.isRestocked);
          }
          if (one.does === "cancel" && isOpen) sales.cancel(order, one.isRestocked);
          if (one.does === "refund" && canRefund(line, one))
            sales.refund(order, line, one.units, one.restockType);
          const told = await lineOf(world, order);
          expect(contradictionOf(told)).toBeUndefined();
          expect(greatest(known, told)).toEqual(told);
          known = told;
        }
        // All that was not restocked is gone from what the shop offers.
        const taken = known.ordered - known.cancelled - known.restocked;
        expect(world.shop.available(item)).toBe(50 - taken);
        const shuffled = shuffle(world.shop.webhooks.sent, seed);
        const facts = await world.hear([...shuffled, ...shuffled.slice(0, 3)]);
        const reports = facts.flatMap((fact) => (fact.type === "order" ? fact.lines : []));
        const heard = reports.map(counts).reduce(greatest, noCounts);
        expect(heard).toEqual(known);
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});

function canRefund(
  line: { shipped: number; open: number },
  { units, restockType }: { units: number; restockType: RestockType },
): boolean {
  if (restockType === "cancel") return units <= line.open;
  return units <= (restockType === "return" ? line.shipped : line.shipped + line.open);
}

function shuffle<Item>(items: readonly Item[], seed: number): Item[] {
  const keyed = items.map((item, place) => ({ item, key: Math.sin(seed + place * 7.3) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

test("a payload without everything that counts is not taken for the whole order", () => {
  const { world, order } = sold(1);
  const whole = world.shop.orders.payload(order);
  for (const name of ["id", "line_items", "fulfillments", "refunds"]) {
    const part = Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name));
    expect(orderIn(part, () => "1")).toBeUndefined();
  }
  expect(orderIn(whole, () => "1")).toBeDefined();
  expect(orderIn(whole, () => undefined)).toBeUndefined();
});
