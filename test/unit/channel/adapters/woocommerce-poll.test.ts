import { describe, expect, test } from "vitest";
import type { OrderReport, Polled } from "../../../../src/channel/kit/inbound.ts";
import { inboundUrl, webhookSecret, WooWorld } from "./woocommerce-world.ts";

/** Asks until there is no more; answers the reports and the cursor to go on with. */
async function pollAll(
  world: WooWorld,
  cursor?: string,
): Promise<{ reports: OrderReport[]; cursor: string }> {
  const reports: OrderReport[] = [];
  let polled: Polled = { facts: [], cursor: cursor ?? "", hasMore: true };
  let next = cursor;
  while (polled.hasMore) {
    polled = await world.channel.poll(next);
    next = polled.cursor;
    reports.push(...polled.facts.filter((fact) => fact.type === "order"));
  }
  return { reports, cursor: polled.cursor };
}

describe("asking WooCommerce for orders", () => {
  test("begins with now: what the shop sold before is in its numbers already", async () => {
    const world = new WooWorld();
    const mug = world.shop.product("MUG", 100);
    await world.shop.sell([{ id: mug.id, quantity: 1 }]);
    world.nowMs += 3_600_000;
    const last = await world.shop.sell([{ id: mug.id, quantity: 1 }]);
    const first = await pollAll(world);
    expect(first.reports).toEqual([]);
    world.nowMs += 1_000;
    await world.shop.setStatus(last, "completed");
    expect((await pollAll(world, first.cursor)).reports.map(({ orderId }) => orderId)).toEqual([
      String(last.id),
    ]);
  });

  test("brings every change once, with its refunds", async () => {
    const world = new WooWorld();
    const mug = world.shop.product("MUG", 100);
    let { cursor } = await pollAll(world);
    const order = await world.shop.sell([{ id: mug.id, quantity: 3 }]);
    const first = await pollAll(world, cursor);
    expect(first.reports).toHaveLength(1);
    expect((await pollAll(world, first.cursor)).reports).toEqual([]);
    // In the same second as the order itself.
    await world.shop.refund(order, new Map([[order.lines[0]?.id ?? 0, 1]]), false);
    const second = await pollAll(world, first.cursor);
    expect(second.reports[0]?.lines[0]).toMatchObject({ ordered: 3, fulfilled: 1 });
    ({ cursor } = second);
    world.nowMs += 60_000;
    await world.shop.setStatus(order, "cancelled");
    expect((await pollAll(world, cursor)).reports[0]?.lines[0]).toMatchObject({ cancelled: 3 });
  });

  test("goes by the shop's clock, however wrong it is", async () => {
    const world = new WooWorld();
    const mug = world.shop.product("MUG", 100);
    const trueMs = world.nowMs;
    const shopMs = trueMs - 7_200_000;
    world.nowMs = shopMs;
    await world.shop.sell([{ id: mug.id, quantity: 1 }]);
    world.nowMs = trueMs;
    const { cursor } = await pollAll(world);
    world.nowMs = shopMs + 300_000;
    const order = await world.shop.sell([{ id: mug.id, quantity: 1 }]);
    world.nowMs = trueMs + 300_000;
    expect((await pollAll(world, cursor)).reports.map(({ orderId }) => orderId)).toEqual([String(order.id)]);
  });

  test("pages through a backlog, even of one second, and is at the end when it says so", async () => {
    const world = new WooWorld();
    const mug = world.shop.product("MUG", 1_000);
    const { cursor } = await pollAll(world);
    for (let n = 0; n < 350; n += 1) await world.shop.sell([{ id: mug.id, quantity: 1 }]);
    const { reports, cursor: end } = await pollAll(world, cursor);
    expect(new Set(reports.map(({ orderId }) => orderId)).size).toBe(350);
    const again = await pollAll(world, end);
    expect(again.reports).toEqual([]);
  });

  test("misses no order although others change their places while it pages", async () => {
    const world = new WooWorld();
    const mug = world.shop.product("MUG", 1_000);
    const { cursor } = await pollAll(world);
    const orders = [];
    for (let n = 0; n < 250; n += 1) {
      world.nowMs += 1_000;
      orders.push(await world.shop.sell([{ id: mug.id, quantity: 1 }]));
    }
    const reports: OrderReport[] = [];
    let polled: Polled = { facts: [], cursor, hasMore: true };
    while (polled.hasMore) {
      polled = await world.channel.poll(polled.cursor);
      reports.push(...polled.facts.filter((fact) => fact.type === "order"));
      for (const order of orders.splice(0, 15)) {
        world.nowMs += 1_000;
        await world.shop.setStatus(order, "completed");
      }
    }
    const rest = await pollAll(world, polled.cursor);
    expect(new Set([...reports, ...rest.reports].map(({ orderId }) => orderId)).size).toBe(250);
  });

  test("is told of its failures in the shop's words", async () => {
    const world = new WooWorld();
    world.shop.rest.inFront = () => new Response("busy", { status: 503, headers: { "retry-after": "30" } });
    await expect(world.channel.poll(undefined)).rejects.toMatchObject({
      name: "ChannelUnreadableError",
      message: "HTTP 503: busy",
      retryAfterMs: 30_000,
    });
  });
});

test("a webhook that the shop has turned off loses nothing, and is turned on again", async () => {
  const world = new WooWorld();
  await world.hook("order.created");
  const elsewhere = await world.shop.webhooks.add(
    "order.created",
    "https://other.example/hook",
    webhookSecret,
  );
  const paused = await world.shop.webhooks.add("order.updated", inboundUrl, webhookSecret);
  elsewhere.status = "disabled";
  paused.status = "paused";
  const mug = world.shop.product("MUG", 100);
  let { cursor } = await pollAll(world);
  const { deliver } = world.shop.webhooks;
  world.shop.webhooks.deliver = async () => 500;
  const sold: string[] = [];
  for (let n = 0; n < 9; n += 1) sold.push(String((await world.shop.sell([{ id: mug.id, quantity: 1 }])).id));
  expect(world.shop.webhooks.all[0]?.status).toBe("disabled");
  world.shop.webhooks.deliver = deliver;
  world.nowMs += 60_000;
  const polled = await pollAll(world, cursor);
  expect(polled.reports.map(({ orderId }) => orderId)).toEqual(sold);
  // Looked after every 10 minutes.
  expect(world.shop.webhooks.all[0]?.status).toBe("disabled");
  world.nowMs += 600_000;
  ({ cursor } = await pollAll(world, polled.cursor));
  expect(world.shop.webhooks.all.map(({ status }) => status)).toEqual(["active", "disabled", "paused"]);
  await world.shop.sell([{ id: mug.id, quantity: 1 }]);
  expect(world.reports).toHaveLength(1);
});
