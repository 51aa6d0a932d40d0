import { describe, expect, test } from "vitest";
import type { InboundRequest } from "../../../../src/channel/kit/inbound.ts";
import { gid } from "../../../fakes/shopify/items.ts";
import type { HeaderStyle } from "../../../fakes/shopify/webhooks.ts";
import { factsIn, ShopifyWorld } from "./shopify-world.ts";

function withHeader(request: InboundRequest, name: string, value: string | undefined): InboundRequest {
  const { [name]: _, ...headers } = request.headers;
  return { ...request, headers: value === undefined ? headers : { ...headers, [name]: value } };
}

function sale() {
  const world = new ShopifyWorld();
  const item = world.shop.item("TEE-S", 5);
  const order = world.shop.sales.sell({ item, quantity: 2 });
  return { world, item, order, delivery: world.shop.webhooks.last("orders/create") };
}

describe("a webhook of a Shopify shop", () => {
  test.each<HeaderStyle>(["x-shopify-", "shopify-"])("is taken with headers spelt %s...", async (style) => {
    const { world, item } = sale();
    world.shop.webhooks.style = style;
    const order = world.shop.sales.sell({ item, quantity: 1 });
    expect(factsIn(await world.channel.receive(world.shop.webhooks.last("orders/create")))).toEqual([
      { type: "order-hint", orderId: String(order.id) },
    ]);
  });

  test("is forged if its signature is missing, no base64, short, or made with another secret", async () => {
    const { world, delivery } = sale();
    const name = "x-shopify-hmac-sha256";
    for (const signature of [undefined, "", "%%%", "AAAA", delivery.headers[name]?.replace(/^./, "_")]) {
      expect((await world.channel.receive(withHeader(delivery, name, signature))).outcome).toBe("forged");
    }
    world.shop.oauth.app.clientSecret = "another-secret-of-the-app";
    const foreign = world.shop.webhooks.fire("orders/create", { id: 1 });
    expect((await world.channel.receive(foreign)).outcome).toBe("forged");
  });

  test("is forged if a byte of its body was altered", async () => {
    const { world, delivery } = sale();
    const body = delivery.body.slice();
    body[20] = (body[20] ?? 0) ^ 1;
    expect((await world.channel.receive({ ...delivery, body })).outcome).toBe("forged");
  });

  test("cannot be verified without the app's secret, and the reason says what to store", async () => {
    const { world, delivery } = sale();
    world.open({ accessToken: world.shop.oauth.fixedToken() });
    expect(await world.channel.receive(delivery)).toEqual({
      outcome: "forged",
      detail: expect.stringContaining("`clientSecret`"),
    });
  });

  test("of another shop of the same app is not this channel's", async () => {
    const { world, delivery } = sale();
    const other = withHeader(delivery, "x-shopify-shop-domain", "south-tees.myshopify.com");
    expect(await world.channel.receive(other)).toEqual({
      outcome: "malformed",
      detail: expect.stringContaining("south-tees.myshopify.com"),
    });
  });

  test("that comes again hours later is taken, and has the key of the first time", async () => {
    const { world, delivery } = sale();
    const first = await world.channel.receive(delivery);
    world.nowMs += 4 * 3_600_000;
    const again = await world.channel.receive(
      withHeader(delivery, "x-shopify-webhook-id", "another attempt"),
    );
    expect(again).toEqual(first);
    expect(first).toMatchObject({
      dedupeKey: `${delivery.headers["x-shopify-event-id"]}:orders/create`,
    });
  });

  test("of another topic of the same event has another key", async () => {
    const { world, delivery } = sale();
    const body = JSON.parse(new TextDecoder().decode(delivery.body)) as object;
    const eventId = delivery.headers["x-shopify-event-id"] ?? "";
    const keys = ["orders/create", "orders/updated"].map(async (topic) => {
      const received = await world.channel.receive(world.shop.webhooks.fire(topic, body, eventId));
      return received.outcome === "facts" ? received.dedupeKey : undefined;
    });
    expect(await Promise.all(keys)).toEqual([`${eventId}:orders/create`, `${eventId}:orders/updated`]);
  });

  test("about an order points to it until the shop has said which item its variants have, then tells it whole", async () => {
    const { world, item, order, delivery } = sale();
    expect(factsIn(await world.channel.receive(delivery))).toEqual([
      { type: "order-hint", orderId: String(order.id) },
    ]);
    const asked = await world.lookUp(order.id);
    const [told] = factsIn(await world.channel.receive(delivery));
    expect(told).toMatchObject({ type: "order", lines: asked.lines });
    const next = world.shop.sales.sell({ item, quantity: 1 });
    const [another] = factsIn(await world.channel.receive(world.shop.webhooks.last("orders/create")));
    expect(another).toMatchObject({ type: "order", orderId: String(next.id), lines: [{ ordered: 1 }] });
    world.open();
    expect(factsIn(await world.channel.receive(delivery))[0]?.type).toBe("order-hint");
  });

  test("about a part of an order, such as an edit or a refund, points to the order", async () => {
    const { world, order, item } = sale();
    const [line] = order.lines;
    if (line === undefined) throw new Error("an order has a line");
    await world.channel.readPage(undefined);
    world.shop.sales.editQuantity(order, line, 3, true);
    world.shop.sales.refund(order, line, 1, "cancel");
    for (const topic of ["orders/edited", "refunds/create"]) {
      expect(factsIn(await world.channel.receive(world.shop.webhooks.last(topic)))).toEqual([
        { type: "order-hint", orderId: String(order.id) },
      ]);
    }
    const [updated] = factsIn(await world.channel.receive(world.shop.webhooks.last("orders/updated")));
    expect(updated).toMatchObject({ type: "order", lines: [{ ordered: 3, cancelled: 1 }] });
    expect(world.shop.available(item)).toBe(3);
  });

  test("whose fields were left out by the subscription points to the order", async () => {
    const { world, order } = sale();
    const delivery = world.shop.webhooks.fire("orders/updated", { id: order.id, updated_at: "x" });
    expect(factsIn(await world.channel.receive(delivery))).toEqual([
      { type: "order-hint", orderId: String(order.id) },
    ]);
  });

  test("about a level tells the number at the channel's location, and no cause", async () => {
    const { world, item } = sale();
    world.shop.edit(item, 9);
    expect(factsIn(await world.channel.receive(world.shop.webhooks.last("inventory_levels/update")))).toEqual(
      [
        {
          type: "level",
          external: { inventoryItemId: gid("InventoryItem", item.id) },
          quantity: 9,
          updatedAt: "2026-11-23T09:00:00.500Z",
        },
      ],
    );
  });

  test("about another location's level, an item that is not counted, or something else says nothing", async () => {
    const { world, item } = sale();
    const level = {
      inventory_item_id: item.id,
      location_id: 2,
      available: 1,
      updated_at: "2026-11-23T09:00:00Z",
    };
    const { webhooks, locationId } = world.shop;
    const deliveries = [
      webhooks.fire("inventory_levels/update", level),
      webhooks.fire("inventory_levels/update", { ...level, location_id: locationId, available: null }),
      webhooks.fire("products/update", { id: 1 }),
    ];
    for (const delivery of deliveries) {
      expect((await world.channel.receive(delivery)).outcome).toBe("ignored");
    }
  });

  test("that cannot be understood is malformed, not lost in silence", async () => {
    const { world } = sale();
    const { webhooks } = world.shop;
    const deliveries = [
      webhooks.fire("orders/create", { name: "#1001" }),
      webhooks.fire("orders/edited", { order_edit: {} }),
      webhooks.fire("inventory_levels/update", { available: "7" }),
    ];
    for (const delivery of deliveries) {
      expect((await world.channel.receive(delivery)).outcome).toBe("malformed");
    }
  });
});
