import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consumerKey, consumerSecret } from "../fakes/woocommerce/rest.ts";
import { WooShop } from "../fakes/woocommerce/shop.ts";
import { eventually, Service } from "./service.ts";

let service: Service;
let server: Server;
let shop: WooShop;
let settings: { url: string };
/** How long the shop takes to answer. */
let latencyMs = 0;
const credentials = { consumerKey, consumerSecret };

beforeAll(async () => {
  service = await Service.start();
  shop = new WooShop(() => Date.now());
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
      await new Promise((resolve) => setTimeout(resolve, latencyMs));
      const answer = await shop.fetch(shop.url + url, {
        method,
        headers,
        ...(text !== "" && { body: text }),
      });
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  settings = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
});

afterAll(async () => {
  await service.remove();
  server.closeAllConnections();
  server.close();
});

async function connect(id: string, more: object = {}): Promise<void> {
  const config = { kind: "woocommerce", settings, listings: "listed", credentials, ...more };
  expect((await service.call("PUT", `/v1/channels/${id}`, config)).status).toBe(201);
}

/** D1 follows the SKU in the background. */
async function known(sku: string): Promise<void> {
  await eventually(async () => {
    const { items } = (await service.call("GET", `/v1/skus?query=${sku}`)).body;
    return items.length > 0 ? true : undefined;
  });
}

describe("testing a connection", () => {
  it("finds nothing wrong with a shop that works, and says what to do about one that does not", async () => {
    await connect("tested");
    const good = await service.call("POST", "/v1/channels/tested/test");
    expect(good.status).toBe(200);
    const reached = { isOk: true, check: "The shop's REST API takes the key" };
    expect(good.body.findings).toContainEqual(reached);
    const wrong = { ...credentials, consumerSecret: `cs_${"c".repeat(40)}` };
    await service.call("PUT", "/v1/channels/tested", {
      kind: "woocommerce",
      settings,
      listings: "listed",
      credentials: wrong,
    });
    const bad = (await service.call("POST", "/v1/channels/tested/test")).body;
    expect(bad.ok).toBe(false);
    expect(bad.findings[0]).toMatchObject({ isOk: false, advice: expect.stringMatching(/REST API/) });
  });

  it("of a channel that is not there is 404", async () => {
    const answer = await service.call("POST", "/v1/channels/nowhere/test");
    expect(answer).toMatchObject({
      status: 404,
      body: { type: expect.stringMatching(/channel-not-found$/) },
    });
  });
});

describe("importing listings", () => {
  it("is looked at first, and then lists and tells the shop within one request", async () => {
    await connect("shop");
    const product = shop.product("IMPORT-A", 0);
    shop.product("IMPORT-UNKNOWN", 0);
    await service.count("IMPORT-A", 7);
    await known("IMPORT-A");
    const dry = await service.call("POST", "/v1/channels/shop/listings/import", { dryRun: true });
    expect(dry).toMatchObject({ status: 200, body: { state: "done", dryRun: true, counts: { matched: 1 } } });
    expect(product.stock).toBe(0);
    const answer = await service.call("POST", "/v1/channels/shop/listings/import");
    expect(answer).toMatchObject({
      status: 200,
      body: {
        state: "done",
        matched: [{ sku: "IMPORT-A", external: { productId: String(product.id) } }],
        unknownSku: [{ sku: "IMPORT-UNKNOWN" }],
      },
    });
    await eventually(async () => (product.stock === 7 ? true : undefined));
    expect((await service.call("GET", "/v1/channels/shop/import")).body).toEqual(answer.body);
  });

  it("of a slow shop goes on after the answer, and after a power cut", async () => {
    await connect("slow");
    for (let n = 0; n < 210; n += 1) shop.product(`SLOW-${n}`, 0);
    await service.count("SLOW-100", 3);
    await known("SLOW-100");
    latencyMs = 3_000;
    const begun = await service.call("POST", "/v1/channels/slow/listings/import");
    expect(begun).toMatchObject({ status: 202, body: { state: "running" } });
    const other = await service.call("POST", "/v1/channels/slow/listings/import", { dryRun: true });
    expect(other).toMatchObject({ status: 409, body: { type: expect.stringMatching(/import-running$/) } });
    await service.kill();
    latencyMs = 0;
    await service.start();
    const done = await eventually(async () => {
      const { body } = await service.call("GET", "/v1/channels/slow/import");
      return body.state === "done" ? body : undefined;
    });
    expect(done).toMatchObject({ id: begun.body.id, items: shop.catalogue.products.size });
    expect(done.matched).toContainEqual(expect.objectContaining({ sku: "SLOW-100" }));
  });
});

describe("comparing", () => {
  it("is accepted at once, and its report says in words what was found", async () => {
    await connect("compared", { drift: "alert" });
    const uncounted = shop.product("COMPARE-A", 0);
    const external = String(uncounted.id);
    await service.count("COMPARE-A", 4);
    await service.call("PUT", "/v1/channels/compared/listings/COMPARE-A", { external });
    await eventually(async () => (uncounted.stock === 4 ? true : undefined));
    uncounted.manageStock = false;
    const begun = await service.call("POST", "/v1/channels/compared/reconcile");
    expect(begun).toMatchObject({ status: 202, body: { startedBy: "hand" } });
    const drift = await eventually(async () => {
      const { body } = await service.call("GET", "/v1/channels/compared/drift");
      return body.runs[0]?.state === "done" ? body : undefined;
    });
    expect(drift).toMatchObject({ policy: "alert", openCount: 1, runs: [{ id: begun.body.id }] });
    expect(drift.open).toMatchObject([
      {
        sku: "COMPARE-A",
        class: "uncounted",
        ours: 4,
        action: "none",
        reason: expect.stringMatching(/stock tracking/),
      },
    ]);
    const report = (await service.call("GET", `/v1/channels/compared/reconcile/${begun.body.id}`)).body;
    expect(report).toEqual(drift.report);
    expect(report.counts.unlisted).toBe(shop.catalogue.products.size - 1);
    const status = (await service.call("GET", "/v1/channels/compared")).body;
    expect(status).toMatchObject({
      drift: { policy: "alert", open: 1 },
      lastReconciliation: { id: begun.body.id, state: "done" },
      abilities: { canRead: true, canReceive: true },
    });
  });

  it("and importing are refused where a channel cannot say what it shows", async () => {
    const config = { kind: "webhook", settings: { url: "http://127.0.0.1:1/" }, listings: "listed" };
    await service.call("PUT", "/v1/channels/mute", config);
    for (const path of ["reconcile", "listings/import"]) {
      const answer = await service.call("POST", `/v1/channels/mute/${path}`);
      expect(answer).toMatchObject({
        status: 422,
        body: {
          type: expect.stringMatching(/channel-cannot-be-read$/),
          detail: expect.stringMatching(/PUT \/v1\/channels/),
        },
      });
    }
  });

  it("knows no report of a run that never was", async () => {
    for (const path of ["reconcile/unknown", "import"]) {
      const answer = await service.call("GET", `/v1/channels/mute/${path}`);
      expect(answer).toMatchObject({ status: 404, body: { type: expect.stringMatching(/run-not-found$/) } });
    }
  });
});
