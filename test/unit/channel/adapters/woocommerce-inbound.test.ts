import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { inbound, inboundUrl, webhookSecret, WooWorld } from "./woocommerce-world.ts";

async function delivered(topic = "order.created") {
  const world = new WooWorld();
  await world.hook(topic);
  const mug = world.shop.product("MUG", 10);
  const order = await world.shop.sell([{ id: mug.id, quantity: 1 }]);
  const delivery = world.deliveries.at(-1);
  if (delivery === undefined) throw new Error("nothing was delivered");
  return { world, mug, order, delivery };
}

function sign(secret: string, body: string): string {
  return createHmac("sha256", secret).update(body).digest("base64");
}

describe("a WooCommerce webhook", () => {
  test("that the shop signed is taken, and repeated carries the same key", async () => {
    const { world, delivery } = await delivered();
    const [first, again] = [
      await world.channel.receive(inbound(delivery)),
      await world.channel.receive(inbound(delivery)),
    ];
    expect(first).toMatchObject({ outcome: "facts", facts: [{ type: "order" }] });
    expect(again).toEqual(first);
  });

  test("of another order in the same second has another key, though the shop gives both one delivery id", async () => {
    const { world, mug } = await delivered();
    await world.shop.sell([{ id: mug.id, quantity: 1 }]);
    const [, one, two] = world.deliveries;
    expect(one?.headers["x-wc-webhook-delivery-id"]).toBe(two?.headers["x-wc-webhook-delivery-id"]);
    const keys = world.received.flatMap((received) =>
      received.outcome === "facts" ? [received.dedupeKey] : [],
    );
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(2);
  });

  test.each<[string, (body: string) => string, (signature: string, body: string) => string]>([
    ["with another secret", (body) => body, (_, body) => sign("another-secret-here", body)],
    [
      "with an altered body",
      (body) => body.replace('"quantity":1', '"quantity":9'),
      (signature) => signature,
    ],
    ["with a signature of another length", (body) => body, () => "AAAA"],
  ])("%s is forged", async (_, alter, resign) => {
    const { world, delivery } = await delivered();
    const body = alter(delivery.body);
    const signature = resign(delivery.headers["x-wc-webhook-signature"] ?? "", body);
    const headers = { ...delivery.headers, "x-wc-webhook-signature": signature };
    const received = await world.channel.receive(inbound({ ...delivery, body, headers }));
    expect(received).toMatchObject({ outcome: "forged" });
  });

  test("without a signature is forged, and so is a ping with anything more in it", async () => {
    const { world, delivery } = await delivered();
    const { "x-wc-webhook-signature": _, ...headers } = delivery.headers;
    expect(await world.channel.receive(inbound({ ...delivery, headers }))).toMatchObject({
      outcome: "forged",
    });
    for (const body of ["webhook_id=", "webhook_id=1&x=1", ""]) {
      expect(await world.channel.receive(inbound({ url: inboundUrl, headers: {}, body }))).toMatchObject({
        outcome: "forged",
      });
    }
  });

  test("to a channel without a secret is forged, and says what to store", async () => {
    const { delivery } = await delivered();
    const world = new WooWorld({}, { webhookSecret: "" });
    expect(await world.channel.receive(inbound(delivery))).toEqual({
      outcome: "forged",
      detail: expect.stringContaining("webhookSecret"),
    });
  });

  test("that was just made pings, and is answered in peace", async () => {
    const world = new WooWorld();
    await world.hook("order.created");
    expect(world.received).toEqual([{ outcome: "ignored", detail: "a ping for a new webhook" }]);
  });

  test("under a topic that its body is not of is malformed: topics are not signed", async () => {
    const { world, delivery } = await delivered("order.created");
    const headers = { ...delivery.headers, "x-wc-webhook-topic": "product.updated" };
    const level = await world.channel.receive(inbound({ ...delivery, headers }));
    expect(level.outcome).not.toBe("facts");
  });

  test.each(["not json", "[]", '{"id":1}', '{"order":{"id":1}}'])(
    "signed, but with the body %s, is malformed",
    async (body) => {
      const world = new WooWorld();
      const signature = sign(webhookSecret, body);
      const headers = { "x-wc-webhook-topic": "order.updated", "x-wc-webhook-signature": signature };
      expect(await world.channel.receive(inbound({ url: inboundUrl, headers, body }))).toMatchObject({
        outcome: "malformed",
        detail: expect.stringContaining("order.updated"),
      });
    },
  );

  test("of an order in the bin, or of what has no stock, is taken and says nothing", async () => {
    const world = new WooWorld();
    for (const topic of ["order.deleted", "customer.created", "product.deleted"]) {
      const body = '{"id":727}';
      const signature = sign(webhookSecret, body);
      const headers = { "x-wc-webhook-topic": topic, "x-wc-webhook-signature": signature };
      expect(await world.channel.receive(inbound({ url: inboundUrl, headers, body }))).toMatchObject({
        outcome: "ignored",
      });
    }
    expect(
      await world.channel.receive(inbound({ url: inboundUrl, headers: {}, body: "" }, { method: "GET" })),
    ).toMatchObject({
      outcome: "malformed",
    });
  });

  test("of a product tells the number it shows, and never an order", async () => {
    const world = new WooWorld();
    await world.hook("product.updated");
    const tee = world.shop.product("TEE", 0, { type: "variable", manageStock: false });
    const small = world.shop.product("TEE-S", 5, { parentId: tee.id });
    const mug = world.shop.product("MUG", 5);
    await world.shop.edit(mug, 7);
    await world.shop.edit(small, 3);
    await world.shop.edit(tee, 9);
    const updatedAt = "2026-11-23T09:00:00.000Z";
    expect(world.facts).toEqual([
      { type: "level", external: { productId: String(mug.id) }, quantity: 7, updatedAt },
      {
        type: "level",
        external: { productId: String(tee.id), variationId: String(small.id) },
        quantity: 3,
        updatedAt,
      },
    ]);
    expect(world.received.at(-1)).toMatchObject({ outcome: "ignored" });
  });
});
