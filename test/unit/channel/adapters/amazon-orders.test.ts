import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { amazon } from "../../../../src/channel/adapters/amazon/index.ts";
import { readNotification } from "../../../../src/channel/adapters/amazon/notification.ts";
import { AmazonSettings } from "../../../../src/channel/adapters/amazon/settings.ts";
import type { OrderReport } from "../../../../src/channel/kit/inbound.ts";
import { noCounts } from "../../../../src/order/counts.ts";
import { grownCounts } from "../../../../src/order/state-report.ts";
import { deviations, loadModel } from "../../../fakes/amazon/model.ts";
import { AmazonWorld } from "./amazon-world.ts";

let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
  vi.spyOn(console, "warn").mockImplementation((line: string) => warnings.push(line));
});
afterEach(() => vi.restoreAllMocks());

/** What the queue brings now, kept and acknowledged. */
async function heard(world: AmazonWorld): Promise<OrderReport[]> {
  const channel = world.open();
  const { facts, receipts = [] } = await channel.poll(undefined);
  await channel.acknowledge(receipts);
  return facts.filter((fact) => fact.type === "order");
}

describe("orders from Amazon's queue", () => {
  test("a sale is heard of with its line, and is gone from the queue once it is kept", async () => {
    const world = new AmazonWorld();
    world.fake.listings.add("A", 10);
    const order = world.fake.sell("A", 2);
    expect(world.fake.listings.quantityOf("A")).toBe(8);
    expect(await heard(world)).toEqual([
      {
        type: "order",
        orderId: order.orderId,
        occurredAt: "2026-11-24T09:00:00.000Z",
        stateAsOf: "2026-11-24T09:00:00.000Z",
        lines: [
          {
            lineId: "item-1",
            external: "A",
            sku: "A",
            ordered: 2,
            cancelled: 0,
            fulfilled: 0,
            restocked: 0,
            writtenOff: 0,
          },
        ],
      },
    ]);
    expect(world.fake.queue.size).toBe(0);
  });

  test("what was not acknowledged comes again, with the same content", async () => {
    const world = new AmazonWorld();
    world.fake.sell("A", 2);
    const channel = world.open();
    const first = await channel.poll(undefined);
    expect((await channel.poll(undefined)).facts).toEqual([]);
    world.nowMs += world.fake.queue.visibilityMs;
    const again = await channel.poll(undefined);
    expect(again.facts).toEqual(first.facts);
    // The receipt of the first time still does.
    await channel.acknowledge(first.receipts ?? []);
    expect(world.fake.queue.size).toBe(0);
  });

  test.each([
    ["Pending", 0, { ordered: 3, cancelled: 0, fulfilled: 0 }],
    ["PendingAvailability", 0, { ordered: 3, cancelled: 0, fulfilled: 0 }],
    ["Unshipped", 0, { ordered: 3, cancelled: 0, fulfilled: 0 }],
    ["InvoiceUnconfirmed", 0, { ordered: 3, cancelled: 0, fulfilled: 0 }],
    ["PartiallyShipped", 1, { ordered: 3, cancelled: 0, fulfilled: 1 }],
    ["Shipped", 3, { ordered: 3, cancelled: 0, fulfilled: 3 }],
    ["Canceled", 0, { ordered: 3, cancelled: 3, fulfilled: 0 }],
    ["Canceled", 1, { ordered: 3, cancelled: 2, fulfilled: 1 }],
  ])("%s with %i shipped", async (status, shipped, counts) => {
    const world = new AmazonWorld();
    const order = world.fake.sell("A", 3);
    await heard(world);
    order.status = status;
    for (const item of order.items) item.shipped = shipped;
    world.fake.tell(order);
    expect((await heard(world))[0]?.lines).toMatchObject([counts]);
  });

  test("a quantity that falls, to 1 or to 0, is told as a cancellation of the rest", async () => {
    const world = new AmazonWorld();
    const order = world.fake.sell("A", 3);
    const counts = [await heard(world)];
    for (const quantity of [1, 0]) {
      world.nowMs += 1_000;
      for (const item of order.items) item.quantity = quantity;
      order.status = quantity === 0 ? "Canceled" : "Unshipped";
      world.fake.tell(order);
      counts.push(await heard(world));
    }
    const lines = counts.map(([report]) => report?.lines[0] ?? { lineId: "", ...noCounts });
    const folded = lines.map((_, index) =>
      lines.slice(0, index + 1).reduce<typeof noCounts>(grownCounts, noCounts),
    );
    expect(folded.map(({ ordered, cancelled }) => [ordered, cancelled])).toEqual([
      [3, 0],
      [3, 2],
      [3, 3],
    ]);
  });

  test("a notification of one item never passes for the whole order", async () => {
    const world = new AmazonWorld();
    const order = world.fake.sell("A", 3);
    const notification = world.fake.notification(order);
    notification.Payload.OrderChangeNotification.NotificationLevel = "OrderItemLevel";
    await heard(world);
    world.fake.queue.send(JSON.stringify(notification));
    expect((await heard(world))[0]).not.toHaveProperty("stateAsOf");
  });

  test("what Amazon ships from its own warehouses is taken off the queue and says nothing", async () => {
    const world = new AmazonWorld();
    world.fake.sell("A", 2, "AFN");
    expect(await heard(world)).toEqual([]);
    expect(world.fake.queue.size).toBe(0);
  });

  test("a hundred messages are brought in tens, asked for at once, and all are acknowledged", async () => {
    const world = new AmazonWorld();
    for (let count = 0; count < 100; count += 1) world.fake.sell("A", 1);
    const channel = world.open();
    const receipts: string[] = [];
    let isMore = true;
    let polls = 0;
    while (isMore) {
      const polled = await channel.poll(undefined);
      receipts.push(...(polled.receipts ?? []));
      isMore = polled.hasMore;
      polls += 1;
    }
    expect(polls).toBe(11);
    await channel.acknowledge(receipts);
    expect(world.fake.queue.size).toBe(0);
  });

  test("the request waits for a message as long as the settings say", async () => {
    const world = new AmazonWorld();
    await world.open().poll(undefined);
    world.settings = { ...world.settings, waitSeconds: 20, pollEverySeconds: 30 };
    await world.open().poll(undefined);
    expect(world.fake.queue.waits).toEqual([10, 20]);
    expect(amazon.connect(world.settings).abilities.pollEveryMs).toBe(30_000);
  });

  test("without a queue nothing is asked, and hardly ever", async () => {
    const world = new AmazonWorld();
    delete world.settings["queueUrl"];
    expect(await world.open().poll(undefined)).toEqual({ facts: [], cursor: "", hasMore: false });
    expect(world.fake.requests).toEqual([]);
    expect(amazon.connect(world.settings).abilities.pollEveryMs).toBe(86_400_000);
  });

  test("a queue that refuses is told as unreadable", async () => {
    const world = new AmazonWorld();
    world.fake.queue.forbidden.add("ReceiveMessage");
    await expect(world.open().poll(undefined)).rejects.toMatchObject({
      name: "ChannelUnreadableError",
      message: expect.stringContaining("AccessDeniedException"),
    });
  });

  test("messages that could not be deleted are an error, and the others are gone", async () => {
    const world = new AmazonWorld();
    world.fake.sell("A", 1);
    const channel = world.open();
    const { receipts = [] } = await channel.poll(undefined);
    await expect(channel.acknowledge(["unknown", ...receipts])).rejects.toThrow(
      /1 messages were not deleted/,
    );
    expect(world.fake.queue.size).toBe(0);
  });
});

describe("messages that are no orders of this seller", () => {
  const wrapped = (world: AmazonWorld, wrap: (text: string, notification: object) => unknown) => {
    const notification = world.fake.notification(world.fake.sell("A", 2));
    return JSON.stringify(wrap(JSON.stringify(notification), notification));
  };

  test("a message wrapped by a topic or an event bus is unwrapped", async () => {
    const world = new AmazonWorld();
    world.fake.queue.send(
      wrapped(world, (text) => ({ Type: "Notification", MessageId: "x", TopicArn: "arn", Message: text })),
    );
    world.fake.queue.send(
      wrapped(world, (_, detail) => ({ version: "0", "detail-type": "ORDER_CHANGE", source: "sp", detail })),
    );
    const reports = await heard(world);
    expect(reports.map(({ orderId }) => orderId.slice(-1))).toEqual(["1", "1", "2", "2"].sort());
  });

  test.each<[string, (world: AmazonWorld) => string]>([
    ["no JSON", () => "hello"],
    [
      "another type",
      () => JSON.stringify({ NotificationType: "FEED_DONE", EventTime: "2026-11-24T09:00:00Z", Payload: {} }),
    ],
    [
      "another seller",
      (world) => wrapped(world, (text) => JSON.parse(text.replaceAll(world.fake.sellerId, "AOTHER1"))),
    ],
    [
      "an unknown status",
      (world) => wrapped(world, (text) => JSON.parse(text.replace('"Pending"', '"Lost"'))),
    ],
    [
      "a missing quantity",
      (world) => wrapped(world, (text) => JSON.parse(text.replace('"Quantity":2,', ""))),
    ],
    [
      "a number that is none",
      (world) => wrapped(world, (text) => JSON.parse(text.replace('"Quantity":2', '"Quantity":-2'))),
    ],
    ["a wrapping of something else", () => JSON.stringify({ Type: "Notification", Message: "hello" })],
  ])("%s is left for the dead-letter queue, said, and does not hold up the others", async (_, bodyOf) => {
    const world = new AmazonWorld();
    const body = bodyOf(world);
    // The sale that some of these bodies were made from.
    await heard(world);
    const messageId = world.fake.queue.send(body);
    const channel = world.open();
    const polled = await channel.poll(undefined);
    expect(polled).toMatchObject({ facts: [], hasMore: false, receipts: [] });
    expect(warnings).toHaveLength(1);
    expect(JSON.parse(warnings[0] ?? "")).toMatchObject({ channel: "amazon-de", messageId });
    for (let round = 0; round < 4; round += 1) {
      world.nowMs += world.fake.queue.visibilityMs;
      world.fake.sell("B", 1);
      expect(await heard(world)).toHaveLength(1);
    }
    expect(world.fake.queue.deadLetters).toEqual([body]);
    expect(world.fake.queue.size).toBe(0);
  });

  test("a changed quantity is told as what Amazon shows", () => {
    const world = new AmazonWorld();
    const settings = AmazonSettings.parse(world.settings);
    const told = (code: string) =>
      readNotification(
        JSON.stringify({
          NotificationType: "LISTINGS_ITEM_MFN_QUANTITY_CHANGE",
          EventTime: "2026-11-24T09:00:00.5Z",
          Payload: { SellerId: world.fake.sellerId, FulfillmentChannelCode: code, Sku: "A", Quantity: 99 },
        }),
        settings,
      );
    expect(told("DEFAULT")).toEqual({
      outcome: "facts",
      facts: [{ type: "level", external: "A", quantity: 99, updatedAt: "2026-11-24T09:00:00.500Z" }],
    });
    expect(told("OTHER")).toEqual({ outcome: "facts", facts: [] });
  });
});

const file = join(process.env["STOCKWIRE_CONTRACTS"] ?? "contracts", "amazon-order-change-notification.json");
const schema = loadModel(file);

test.skipIf(schema === undefined)(
  `notifications are as Amazon's own schema has them (needs ${file}; STOCKWIRE_CONTRACTS names its folder)`,
  () => {
    const world = new AmazonWorld();
    const ours = world.fake.notification(world.fake.sell("A", 2));
    expect(deviations(schema ?? {}, schema ?? {}, ours)).toEqual([]);
    const examples =
      (schema as { examples?: { Payload: { OrderChangeNotification: { SellerId: string } } }[] }).examples ??
      [];
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const { SellerId: sellerId } = example.Payload.OrderChangeNotification;
      const settings = AmazonSettings.parse({ ...world.settings, sellerId });
      expect(readNotification(JSON.stringify(example), settings)).toMatchObject({
        outcome: "facts",
        facts: [{ type: "order", lines: [{ ordered: 10 }] }],
      });
    }
  },
);
