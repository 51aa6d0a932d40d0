import { afterEach, beforeEach, expect, test } from "vitest";
import { Webhook } from "standardwebhooks";
import { ChannelReceiver } from "../../../src/cli/channel-receiver.ts";

const secret = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
let receiver: ChannelReceiver;

beforeEach(async () => {
  receiver = await ChannelReceiver.start({ id: "market" });
  receiver.useSecret(secret);
});

afterEach(() => receiver.stop());

function stockEvent(version: number, quantity: number) {
  const asOf = "2024-03-04T08:05:00.000Z";
  const data = { channel: "market", sku: "A", quantity, available: quantity, status: "in_stock", epoch: "a" };
  return {
    specversion: "1.0",
    id: `a.${version}`,
    source: "/v1/skus/A",
    type: "stockwire.channel.stock.v1",
    data: { ...data, version, asOf },
  };
}

function deliver(body: unknown, options: { secret?: string; batch?: boolean } = {}): Promise<Response> {
  const text = JSON.stringify(body);
  const at = new Date();
  const mediaType = options.batch === true ? "cloudevents-batch+json" : "cloudevents+json";
  return fetch(receiver.url, {
    method: "POST",
    headers: {
      "content-type": `application/${mediaType}; charset=utf-8`,
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": new Webhook(options.secret ?? secret).sign("msg_1", at, text),
    },
    body: text,
  });
}

test("a signed delivery is shown, alone or in a batch", async () => {
  expect((await deliver(stockEvent(1, 9))).status).toBe(204);
  expect(receiver.shown.quantity("A")).toBe(9);
  const batch = [stockEvent(2, 8), { ...stockEvent(3, 7) }];
  expect((await deliver(batch, { batch: true })).status).toBe(204);
  expect(receiver.shown.quantity("A")).toBe(7);
  expect(receiver.counts).toMatchObject({ requests: 2, changes: 3 });
});

test("a delivery signed by somebody else is refused and not shown", async () => {
  const answer = await deliver(stockEvent(1, 9), {
    secret: `whsec_${btoa("somebody else's secret, 32 bytes")}`,
  });
  expect(answer.status).toBe(401);
  expect(receiver.shown.quantity("A")).toBeUndefined();
  expect(receiver.counts.unverified).toBe(1);
});

test("a delivery that is no stock event is refused and counted", async () => {
  expect((await deliver({ hello: "world" })).status).toBe(400);
  expect(receiver.counts.unreadable).toBe(1);
});

test("a channel that is made to fail says so, shows nothing, and works again afterwards", async () => {
  receiver.failWith({ status: 429, retryAfterSeconds: 2 });
  const refused = await deliver(stockEvent(1, 9));
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "2"]);
  expect(receiver.shown.quantity("A")).toBeUndefined();
  receiver.failWith(undefined);
  expect((await deliver(stockEvent(1, 9))).status).toBe(204);
  expect(receiver.shown.quantity("A")).toBe(9);
});

test("the time of a sale ends when the channel has the delivery in its hands", async () => {
  const sentAtMs = performance.now();
  receiver.propagation.noteSale({ sku: "A", epoch: "a", version: 2, sentAtMs, answeredAtMs: sentAtMs });
  receiver.failWith({ status: 200, delayMs: 50 });
  await deliver(stockEvent(2, 9));
  const { count, maxMs } = receiver.propagation.fromSend();
  expect(count).toBe(1);
  expect(maxMs).toBeGreaterThanOrEqual(0);
});
