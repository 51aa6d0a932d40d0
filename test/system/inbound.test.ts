import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeProduct } from "../fakes/woocommerce/catalogue.ts";
import { consumerKey, consumerSecret } from "../fakes/woocommerce/rest.ts";
import { WooShop } from "../fakes/woocommerce/shop.ts";
import type { Delivery } from "../fakes/woocommerce/webhooks.ts";
import { type Answer, eventually, Service } from "./service.ts";

const webhookSecret = "a-secret-of-the-shop";
const inbound = "/v1/channels/woo/inbound";

let service: Service;
let server: Server;
const shop = new WooShop(() => Date.now());
/** What the shop sent, and what it was answered. */
const deliveries: (Delivery & { status: number; answer: unknown })[] = [];

beforeAll(async () => {
  service = await Service.start();
  server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const { method = "GET", url = "/" } = request;
      const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      const answer = await shop.fetch(shop.url + url, {
        method,
        headers,
        ...(text !== "" && { body: text }),
      });
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const connected = await service.call("PUT", "/v1/channels/woo", {
    kind: "woocommerce",
    settings: { url: `http://127.0.0.1:${port}` },
    listings: "listed",
    credentials: { consumerKey, consumerSecret, webhookSecret },
  });
  expect(connected.status).toBe(201);
  shop.webhooks.deliver = async (delivery) => (await send(delivery)).status;
  for (const topic of ["order.created", "order.updated"])
    await shop.webhooks.add(topic, inbound, webhookSecret);
});
afterAll(async () => {
  await service.remove();
  server.closeAllConnections();
  server.close();
});

/** As the shop does: no key of ours, only its own signature. */
async function send({ url, headers, body }: Delivery): Promise<Answer> {
  const response = await fetch(service.url + url, { method: "POST", headers, body });
  const answer: unknown = await response.json();
  deliveries.push({ url, headers, body, status: response.status, answer });
  return { status: response.status, headers: response.headers, body: answer };
}

function lastDelivery(): Delivery {
  const last = deliveries.at(-1);
  if (last === undefined) throw new Error("the shop delivered nothing");
  return last;
}

/** A product of the shop that is listed, with as much on hand here as it shows. */
async function listed(sku: string, units: number): Promise<FakeProduct> {
  const product = shop.product(sku, 0);
  await service.count(sku, units);
  const answer = await service.call("PUT", `/v1/channels/woo/listings/${sku}`, {
    external: String(product.id),
  });
  expect(answer.status).toBe(201);
  await eventually(async () => (product.stock === units ? true : undefined));
  return product;
}

async function stockOf(sku: string) {
  const { onHand, committed, available } = (await service.call("GET", `/v1/skus/${sku}`)).body;
  return { onHand, committed, available };
}

async function becomes(sku: string, expected: { onHand: number; committed: number; available: number }) {
  await eventually(async () =>
    JSON.stringify(await stockOf(sku)) === JSON.stringify(expected) ? true : undefined,
  );
}

/** The shop shows so many, all it told is applied, and nothing is under way to it. */
async function shows(product: FakeProduct, sku: string, units: number) {
  await eventually(async () => {
    const { inbound: told } = (await service.call("GET", "/v1/channels/woo")).body;
    const { items } = (await service.call("GET", "/v1/channels/woo/listings?state=published")).body;
    const listing = items.find((item: { sku: string }) => item.sku === sku);
    const isCalm = told.waiting === 0 && listing?.wanted.quantity === units && listing.withheld === undefined;
    return isCalm && product.stock === units ? true : undefined;
  });
}

describe("a shop's webhooks", () => {
  it("take what was sold, give back what was cancelled, and the shop shows the same", async () => {
    const mug = await listed("MUG", 10);
    const order = await shop.sell([{ id: mug.id, quantity: 3 }]);
    expect(deliveries.at(-1)).toMatchObject({ status: 200, answer: { accepted: 1 } });
    await becomes("MUG", { onHand: 10, committed: 3, available: 7 });
    await shows(mug, "MUG", 7);
    await shop.setStatus(order, "cancelled");
    await becomes("MUG", { onHand: 10, committed: 0, available: 10 });
    await shows(mug, "MUG", 10);
    const again = await shop.sell([{ id: mug.id, quantity: 2 }]);
    await shop.setStatus(again, "completed");
    await becomes("MUG", { onHand: 8, committed: 0, available: 8 });
  });

  it("count once, however often they come", async () => {
    const cup = await listed("CUP", 5);
    await shop.sell([{ id: cup.id, quantity: 1 }]);
    const delivery = lastDelivery();
    expect((await send(delivery)).body).toEqual({ accepted: 0 });
    await becomes("CUP", { onHand: 5, committed: 1, available: 4 });
    const { body } = await service.call("GET", "/v1/channels/woo");
    expect(body.inbound).toMatchObject({ waiting: 0, parked: 0 });
    expect(body.inbound.duplicates).toBeGreaterThan(0);
  });

  it("that somebody else made are refused, and leave nothing", async () => {
    const pot = await listed("POT", 5);
    await shop.sell([{ id: pot.id, quantity: 1 }]);
    const delivery = lastDelivery();
    await becomes("POT", { onHand: 5, committed: 1, available: 4 });
    const forged = await send({ ...delivery, body: delivery.body.replace('"quantity":1', '"quantity":5') });
    expect(forged.status).toBe(401);
    expect(forged.body.type).toMatch(/\/problems\/signature-invalid$/);
    const { body } = await service.call("GET", "/v1/channels/woo");
    expect(body.inbound.forged).toBeGreaterThan(0);
    expect(await stockOf("POT")).toEqual({ onHand: 5, committed: 1, available: 4 });
  });

  it("to nobody, in no form we know, or too large are told what is wrong", async () => {
    const to = (path: string, init: RequestInit) => fetch(service.url + path, init);
    const nobody = await to("/v1/channels/nobody/inbound", { method: "POST", body: "{}" });
    expect(nobody.status).toBe(404);
    expect(await nobody.json()).toEqual({
      type: expect.stringMatching(/\/problems\/channel-not-found$/),
      title: "The channel is unknown",
      status: 404,
    });
    expect((await to("/v1/channels/%00/inbound", { method: "POST", body: "x" })).status).toBe(404);
    const get = await to(inbound, { method: "GET" });
    expect([get.status, ((await get.json()) as { type: string }).type]).toEqual([
      400,
      expect.stringMatching(/\/problems\/malformed-delivery$/),
    ]);
    const large = await to(inbound, { method: "POST", body: "x".repeat(1024 * 1024 + 1) });
    expect(large.status).toBe(413);
    const text = await to(inbound, {
      method: "POST",
      body: "hello",
      headers: { "content-type": "text/plain" },
    });
    expect(text.status).toBe(401);
  });

  it("that were accepted are applied although the process dies in the next moment", async () => {
    const jug = await listed("JUG", 9);
    await Promise.all(Array.from({ length: 5 }, () => shop.sell([{ id: jug.id, quantity: 1 }])));
    await service.kill();
    await service.start();
    await becomes("JUG", { onHand: 9, committed: 5, available: 4 });
  });
});

it("a channel's handshake is answered as the channel wants it", async () => {
  const endpointUrl = "https://stock.example/v1/channels/bay/inbound";
  const verificationToken = "v".repeat(40);
  const connected = await service.call("PUT", "/v1/channels/bay", {
    kind: "ebay",
    // Nobody is there: a handshake needs no call.
    settings: { endpointUrl, apiUrl: "http://127.0.0.1:9" },
    listings: "listed",
    credentials: { clientId: "id", clientSecret: "secret", refreshToken: "refresh", verificationToken },
  });
  expect(connected.body).toMatchObject({ kind: "ebay" });
  const answer = await fetch(`${service.url}/v1/channels/bay/inbound?challenge_code=c-1`);
  const challengeResponse = createHash("sha256")
    .update(`c-1${verificationToken}${endpointUrl}`)
    .digest("hex");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
  expect(await answer.json()).toEqual({ challengeResponse });
});

describe("lines that nobody knows the SKU of", () => {
  it("wait until somebody says which, with all that happens meanwhile, and are remembered", async () => {
    const tea = shop.product("", 10, { name: "Tea, loose" });
    await service.count("TEA", 10);
    const order = await shop.sell([{ id: tea.id, quantity: 4 }]);
    const line = await eventually(async () => {
      const { body } = await service.call("GET", "/v1/unmatched?channel=woo");
      return body.items.find(({ orderId }: { orderId: string }) => orderId === String(order.id));
    });
    expect(line).toMatchObject({ quantity: 4, external: { productId: String(tea.id) } });
    await shop.setStatus(order, "completed");
    const path = `/v1/unmatched/woo/${order.id}/${line.lineId}`;
    const unknown = await service.call("POST", path, { sku: "NO-SUCH-TEA" });
    expect(unknown.body).toMatchObject({
      status: 404,
      detail: expect.stringContaining("PUT /v1/skus/{sku}"),
    });
    await eventually(async () => {
      const { body } = await service.call("GET", "/v1/channels/woo");
      return body.inbound.waiting === 0 ? true : undefined;
    });
    const matched = await service.call("POST", path, { sku: "TEA", remember: true });
    expect(matched.body).toMatchObject({ sku: "TEA", quantity: 4, status: "accepted" });
    expect(await stockOf("TEA")).toEqual({ onHand: 6, committed: 0, available: 6 });
    expect((await service.call("POST", path, { sku: "TEA" })).body).toMatchObject({ sku: "TEA" });
    expect((await service.call("POST", path, { sku: "MUG" })).body.type).toMatch(/\/line-matched$/);
    expect((await service.call("GET", "/v1/unmatched?channel=woo")).body.items).toEqual([]);
    await shop.sell([{ id: tea.id, quantity: 1 }]);
    await becomes("TEA", { onHand: 6, committed: 1, available: 5 });
    await eventually(async () => (tea.stock === 5 ? true : undefined));
  });

  it("are matched when their SKUs have been created since", async () => {
    const one = shop.product("LATE", 10);
    await shop.sell([{ id: one.id, quantity: 2 }]);
    await eventually(async () => {
      const { body } = await service.call("GET", "/v1/unmatched?channel=woo");
      return body.items.length === 1 ? true : undefined;
    });
    const nothing = await service.call("POST", "/v1/unmatched/replay?channel=woo");
    expect(nothing.body).toEqual({ matched: 0, left: 1 });
    await service.count("LATE", 10);
    const found = await service.call("POST", "/v1/unmatched/replay?channel=woo");
    expect(found.body).toEqual({ matched: 1, left: 0 });
    expect(await stockOf("LATE")).toEqual({ onHand: 10, committed: 2, available: 8 });
    expect((await service.call("GET", "/v1/unmatched?channel=woo")).body.items).toEqual([]);
  });

  it("cannot be remembered if the channel did not say which item they are of", async () => {
    const lines = [{ lineId: "1", sku: "WHAT", quantity: 1 }];
    await service.call("POST", "/v1/orders", { channel: "woo", orderId: "api-1", lines });
    const answer = await service.call("POST", "/v1/unmatched/woo/api-1/1", { sku: "MUG", remember: true });
    expect(answer.body).toMatchObject({ status: 400, errors: [{ pointer: "/remember" }] });
    expect((await service.call("POST", "/v1/unmatched/woo/api-1/1", { sku: "MUG" })).status).toBe(200);
    expect((await service.call("POST", "/v1/unmatched/woo/api-1/9", { sku: "MUG" })).body.type).toMatch(
      /\/unmatched-not-found$/,
    );
  });
});
