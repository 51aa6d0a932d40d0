import { afterAll, beforeAll, expect, it } from "vitest";
import { type Answer, eventually, Service } from "./service.ts";

/** What people look at, who have a page before them: counts, holds, and where channels stand. About 4 s. */
let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

const key = () => ({ "idempotency-key": crypto.randomUUID() });

function reserve(quantity: number, ttlSeconds: number): Promise<Answer> {
  const lines = [{ sku: "HELD", quantity }];
  return service.call("POST", "/v1/reservations", { lines, ttlSeconds, reference: `for ${quantity}` }, key());
}

it("counts SKUs by status, of those that a search finds", async () => {
  for (const [sku, onHand] of [
    ["COUNT-A", 3],
    ["COUNT-B", 0],
    ["COUNT-C", 7],
    ["OTHER", 1],
  ] as const) {
    await service.count(sku, onHand);
  }
  const counts = await eventually(async () => {
    const { body } = await service.call("GET", "/v1/skus?query=count-&status=in_stock&counts=true&limit=1");
    return body.counts?.out_of_stock === 1 && body.counts.in_stock === 2 ? body : undefined;
  });
  expect(counts.items).toHaveLength(1);
  expect(counts.counts).toEqual({ in_stock: 2, out_of_stock: 1 });
  expect((await service.call("GET", "/v1/skus")).body.counts).toBeUndefined();
});

it("lists who holds units of a SKU, page by page", async () => {
  await service.count("HELD", 20);
  const late = (await reserve(1, 600)).body;
  const soon = (await reserve(2, 300)).body;
  const gone = (await reserve(3, 400)).body;
  await service.call("DELETE", `/v1/reservations/${gone.id}`, undefined, key());
  const first = (await service.call("GET", "/v1/skus/HELD/reservations?limit=1")).body;
  expect(first.items).toEqual([
    {
      id: soon.id,
      quantity: 2,
      taken: [{ location: "default", quantity: 2 }],
      expiresAt: soon.expiresAt,
      reference: "for 2",
    },
  ]);
  const rest = `/v1/skus/HELD/reservations?cursor=${first.nextCursor}`;
  const second = (await service.call("GET", rest)).body;
  expect(second).toMatchObject({ items: [{ id: late.id }] });
  expect(second.nextCursor).toBeUndefined();
  expect((await service.call("GET", "/v1/skus/HELD/reservations?cursor=nonsense")).status).toBe(400);
  expect((await service.call("GET", "/v1/skus/NOBODY/reservations")).body).toEqual({ items: [] });
});

it("says where each channel stands with a SKU, how it is set up, and how long publications took", async () => {
  const settings = { url: `${service.url}/healthz` };
  const config = { kind: "webhook", settings, listings: "all", rule: { buffer: 1 } };
  await service.call("PUT", "/v1/channels/all", config);
  await service.call("PUT", "/v1/channels/few", { ...config, listings: "listed" });
  await service.count("TOLD", 5);
  const path = "/v1/skus/TOLD/channels";
  const items = await eventually(async () => {
    const { body } = await service.call("GET", path);
    return body.items[0]?.listing?.state === "due" ? undefined : body.items[0]?.listing && body.items;
  });
  expect(items).toMatchObject([
    { channel: "all", kind: "webhook", state: "running", listing: { sku: "TOLD", wanted: { quantity: 4 } } },
    { channel: "few", kind: "webhook", state: "running" },
  ]);
  expect(items[1].listing).toBeUndefined();

  const shown = (await service.call("GET", "/v1/channels/all/settings")).body;
  expect(shown).toMatchObject({ id: "all", ...config, hasCredentials: false });
  expect(shown.signingSecret).toBeUndefined();
  expect((await service.call("GET", "/v1/channels/all")).body.kind).toBe("webhook");
  expect((await service.call("GET", "/v1/channels/none/settings")).status).toBe(404);
  // The address answers GET alone: it refused the number, and what was refused says nothing about how long it takes.
  expect((await service.call("GET", "/v1/channels/all/lag")).body).toEqual({ items: [] });
});

it("tells a key who it is, whatever it may do", async () => {
  expect((await service.call("GET", "/v1/keys/current")).body).toEqual({ id: "admin", scopes: ["admin"] });
  const made = (await service.call("POST", "/v1/keys", { name: "till", scopes: ["stock:write"] })).body;
  const headers = { authorization: `Bearer ${made.key}` };
  const current = await service.call("GET", "/v1/keys/current", undefined, headers);
  expect(current.body).toEqual({ id: made.id, scopes: ["stock:write"] });
});
