import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

const key = () => ({ "idempotency-key": crypto.randomUUID() });
const post = (path: string, body: object, headers = key()) => service.call("POST", path, body, headers);
const read = (sku: string) => service.call("GET", `/v1/skus/${sku}`);
const put = (sku: string, body: object, headers: Record<string, string> = key()) =>
  service.call("PUT", `/v1/skus/${sku}`, body, headers);
const countAt = (sku: string, location: string, onHand: number) =>
  service.call("PUT", `/v1/skus/${sku}/levels/${location}`, { onHand }, { ...key(), "if-match": "*" });
const reserve = (sku: string, quantity: number, more: object = {}) =>
  post("/v1/reservations", { lines: [{ sku, quantity, ...more }], ttlSeconds: 600 });

function expectProblem(answer: Answer, status: number, slug: string): void {
  expect(answer.body).toMatchObject({
    status,
    type: expect.stringMatching(new RegExp(`/problems/${slug}$`)),
  });
  expect(answer.status).toBe(status);
}

/** Available is what the other numbers say, at every location and in all. */
function expectToAddUp({ body: { stock } }: Answer): void {
  const free = (level: Record<string, number>) =>
    (level["onHand"] ?? 0) -
    (level["committed"] ?? 0) -
    (level["reserved"] ?? 0) -
    (level["unavailable"] ?? 0);
  expect(stock.available).toBe(free(stock) - stock.safetyStock);
  for (const level of stock.locations) expect(level.available).toBe(free(level));
  for (const counter of ["onHand", "committed", "reserved", "unavailable", "incoming"]) {
    const total = stock.locations.reduce(
      (sum: number, level: Record<string, number>) => sum + (level[counter] ?? 0),
      0,
    );
    expect(stock[counter]).toBe(total);
  }
}

/** Sends a change twice: it happens once, and is answered the same. */
async function expectOnce(path: string, body: object): Promise<Answer> {
  const headers = key();
  const first = await post(path, body, headers);
  expect(first.status).toBe(200);
  expectToAddUp(first);
  const again = await post(path, body, headers);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.body).toEqual(first.body);
  expectProblem(await post(path, { ...body, note: "another" }, headers), 422, "idempotency-key-reused");
  return first;
}

describe("units move between places and states and are never lost on the way", () => {
  it("moves units from one location to another, both at once", async () => {
    await countAt("MOVE", "back", 10);
    const moved = await expectOnce("/v1/skus/MOVE/transfers", { from: "back", to: "shop", quantity: 4 });
    expect(moved.body).toMatchObject({
      event: { type: "stockwire.stock.transferred.v1", data: { from: "back", to: "shop", quantity: 4 } },
      stock: {
        onHand: 10,
        available: 10,
        locations: [
          { location: "back", onHand: 6 },
          { location: "shop", onHand: 4 },
        ],
      },
    });
  });

  it("moves nothing that was promised, and nothing to where it is already", async () => {
    await countAt("HELD", "back", 5);
    await reserve("HELD", 3, { location: "back" });
    const transfer = { from: "back", to: "shop", quantity: 3 };
    expectProblem(await post("/v1/skus/HELD/transfers", transfer), 409, "insufficient-stock");
    const nowhere = await post("/v1/skus/HELD/transfers", { from: "back", to: "back", quantity: 1 });
    expectProblem(nowhere, 400, "invalid-request");
    expect(nowhere.body.errors).toMatchObject([{ pointer: "/to" }]);
    expectProblem(await post("/v1/skus/NOBODY/transfers", transfer), 404, "sku-not-found");
  });

  it("takes units out of what can be sold, and puts them back", async () => {
    await service.count("DAMAGE", 10);
    const marked = await expectOnce("/v1/skus/DAMAGE/unavailable", { delta: 3, reason: "damaged" });
    expect(marked.body.stock).toMatchObject({ onHand: 10, unavailable: 3, available: 7 });
    const tooMany = { delta: 8, reason: "quality_control" };
    expectProblem(await post("/v1/skus/DAMAGE/unavailable", tooMany), 409, "insufficient-stock");
    const more = await post("/v1/skus/DAMAGE/unavailable", { delta: -4, reason: "found" });
    expectProblem(more, 409, "insufficient-unavailable");
    expect(more.body.unavailable).toBe(3);
    const back = await post("/v1/skus/DAMAGE/unavailable", { delta: -3, reason: "found" });
    expect(back.body.stock).toMatchObject({ unavailable: 0, available: 10 });
  });

  it("keeps incoming units out of available until they arrive", async () => {
    await service.count("SUPPLY", 1);
    const path = "/v1/skus/SUPPLY";
    const expected = await expectOnce(`${path}/incoming`, { delta: 10, reference: "PO-1" });
    expect(expected.body.stock).toMatchObject({ incoming: 10, available: 1 });
    expectProblem(await post(`${path}/incoming`, { delta: -11 }), 409, "insufficient-incoming");
    const some = await expectOnce(`${path}/receipts`, { quantity: 4, reference: "PO-1" });
    expect(some.body).toMatchObject({
      event: { data: { fromIncoming: 4 } },
      stock: { incoming: 6, onHand: 5, available: 5 },
    });
    // More came than was ordered.
    const rest = await post(`${path}/receipts`, { quantity: 8 });
    expect(rest.body).toMatchObject({
      event: { data: { fromIncoming: 6 } },
      stock: { incoming: 0, onHand: 13 },
    });
    expectToAddUp(rest);
  });

  it.each(["transfers", "unavailable", "incoming", "receipts"])(
    "%s honour If-Match and need a key",
    async (route) => {
      const sku = `GUARD-${route}`;
      await service.count(sku, 9);
      const bodies: Record<string, object> = {
        transfers: { from: "default", to: "shop", quantity: 1 },
        unavailable: { delta: 1, reason: "damaged" },
        incoming: { delta: 1 },
        receipts: { quantity: 1 },
      };
      const path = `/v1/skus/${sku}/${route}`;
      const body = bodies[route] ?? {};
      const stale = { ...key(), "if-match": '"00000000.1"' };
      expectProblem(await service.call("POST", path, body, stale), 412, "version-mismatch");
      expectProblem(await service.call("POST", path, body), 400, "idempotency-key-missing");
      const etag = (await read(sku)).headers.get("etag") ?? "";
      expect((await service.call("POST", path, body, { ...key(), "if-match": etag })).status).toBe(200);
    },
  );
});

describe("a SKU that is retired", () => {
  it("is gone, and begins a new life when it is created again", async () => {
    const first = await put("PHOENIX", { title: "first" });
    const headers = key();
    const retired = await service.call("DELETE", "/v1/skus/PHOENIX", undefined, headers);
    expect(retired.status).toBe(200);
    expect(retired.body).toMatchObject({
      event: { type: "stockwire.stock.retired.v1" },
      stock: { retired: true },
    });
    expectProblem(await read("PHOENIX"), 404, "sku-not-found");
    const again = await service.call("DELETE", "/v1/skus/PHOENIX", undefined, headers);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body).toEqual(retired.body);
    const second = await put("PHOENIX", {});
    expect(second.status).toBe(201);
    expect(second.body.stock.version).toBe(1);
    expect(second.body.stock.epoch > first.body.stock.epoch).toBe(true);
  });

  it("is not retired while somebody was promised units of it, nor without being known", async () => {
    await service.count("WANTED", 2);
    const held = await reserve("WANTED", 1);
    const refused = await service.call("DELETE", "/v1/skus/WANTED", undefined, key());
    expectProblem(refused, 409, "sku-in-use");
    await service.call("DELETE", `/v1/reservations/${held.body.id}`, undefined, key());
    const stale = { ...key(), "if-match": '"00000000.1"' };
    expectProblem(await service.call("DELETE", "/v1/skus/WANTED", undefined, stale), 412, "version-mismatch");
    expect((await service.call("DELETE", "/v1/skus/WANTED", undefined, key())).status).toBe(200);
    expectProblem(await service.call("DELETE", "/v1/skus/NEVER", undefined, key()), 404, "sku-not-found");
  });
});

describe("units that belong to one channel", () => {
  it("are promised to no other channel and to no direct buyer, but to their channel", async () => {
    await service.count("SHARE", 10);
    const allocated = await put("SHARE", { allocations: [{ channel: "x", quantity: 4 }] });
    expect(allocated.body.stock).toMatchObject({
      available: 10,
      allocations: [{ channel: "x", quantity: 4 }],
    });
    const hold = (quantity: number, channel?: string) =>
      post("/v1/reservations", {
        lines: [{ sku: "SHARE", quantity }],
        ttlSeconds: 600,
        ...(channel && { channel }),
      });

    expectProblem(await hold(7), 409, "insufficient-stock");
    expectProblem(await hold(7, "y"), 409, "insufficient-stock");
    expect((await hold(6, "y")).status).toBe(201);
    expectProblem(await hold(1), 409, "insufficient-stock");
    const taken = await hold(4, "x");
    expect(taken.status).toBe(201);
    expectToAddUp(taken);
    expect(taken.body.stock).toMatchObject({ available: 0, allocations: [{ channel: "x", quantity: 0 }] });
    const given = await service.call("DELETE", `/v1/reservations/${taken.body.id}`, undefined, key());
    expect(given.body.stock).toMatchObject({ available: 4, allocations: [{ channel: "x", quantity: 4 }] });
    expectProblem(await hold(1, "y"), 409, "insufficient-stock");
    const freed = await put("SHARE", { allocations: [] });
    expect(freed.body.stock.allocations).toBeUndefined();
    expect((await hold(1, "y")).status).toBe(201);
  });

  it("are named once per channel, and are at least one", async () => {
    const twice = [
      { channel: "x", quantity: 1 },
      { channel: "x", quantity: 2 },
    ];
    const repeated = await put("SHARE", { allocations: twice });
    expectProblem(repeated, 400, "invalid-request");
    expect(repeated.body.errors).toMatchObject([{ pointer: "/allocations/1/channel" }]);
    const none = await put("SHARE", { allocations: [{ channel: "x", quantity: 0 }] });
    expect(none.body.errors).toMatchObject([{ pointer: "/allocations/0/quantity" }]);
  });
});

describe("a kit", () => {
  it("is made of known SKUs that are no kits, each once, and not of itself", async () => {
    await service.count("PART-A", 4);
    await service.count("PART-B", 9);
    const components = [
      { sku: "PART-A", quantity: 2 },
      { sku: "PART-B", quantity: 1 },
    ];
    const headers = key();
    const made = await put("KIT", { components }, headers);
    expect(made.status).toBe(201);
    expect(made.body.stock.components).toEqual(components);

    const mixed = ["PART-A", "KIT", "GHOST", "KIT-2"].map((sku) => ({ sku, quantity: 1 }));
    const unsound = await put("KIT-2", { components: mixed });
    expectProblem(unsound, 422, "kit-invalid");
    const pointers = unsound.body.errors.map((error: { pointer: string }) => error.pointer);
    expect(pointers).toEqual(["/components/1/sku", "/components/2/sku", "/components/3/sku"]);
    expectProblem(await read("KIT-2"), 404, "sku-not-found");
    const twice = await put("KIT-2", { components: [components[0], components[0]] });
    expect(twice.body.errors).toMatchObject([{ pointer: "/components/1/sku" }]);

    // A retry is answered as the first time, whatever became of the components since.
    await service.call("DELETE", "/v1/skus/PART-B", undefined, key());
    const again = await put("KIT", { components }, headers);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body).toEqual(made.body);
    expectProblem(await put("KIT", { title: "more", components }), 422, "kit-invalid");
  });

  it("has no stock of its own, and becomes a plain SKU again", async () => {
    await service.count("PLAIN", 3);
    expectProblem(await put("PLAIN", { components: [{ sku: "PART-A", quantity: 1 }] }), 409, "sku-has-stock");
    expectProblem(await post("/v1/skus/KIT/receipts", { quantity: 1 }), 409, "sku-is-kit");
    const plain = await put("KIT", { components: [] });
    expect(plain.body.stock.components).toBeUndefined();
    expect((await post("/v1/skus/KIT/receipts", { quantity: 1 })).status).toBe(200);
  });
});

describe("the locations of a line", () => {
  const taken = (answer: Answer) => answer.body.lines[0].taken;

  it("are chosen as the line says", async () => {
    await countAt("PLACES", "a", 2);
    await countAt("PLACES", "b", 5);
    await countAt("PLACES", "c", 3);
    expect(taken(await reserve("PLACES", 1))).toEqual([{ location: "a", quantity: 1 }]);
    expect(taken(await reserve("PLACES", 1, { strategy: "most-stock" }))).toEqual([
      { location: "b", quantity: 1 },
    ]);
    const inOrder = await reserve("PLACES", 4, { strategy: "priority", locations: ["c", "b"] });
    expect(taken(inOrder)).toEqual([
      { location: "c", quantity: 3 },
      { location: "b", quantity: 1 },
    ]);
    expectToAddUp(inOrder);
    expectProblem(await reserve("PLACES", 4, { split: false }), 409, "insufficient-stock");
    const order = {
      channel: "web",
      orderId: "P-1",
      lines: [{ sku: "PLACES", quantity: 2, locations: ["b"] }],
    };
    expect(taken(await post("/v1/orders", order))).toEqual([{ location: "b", quantity: 2 }]);
  });

  it.each([{ strategy: "most-stock" }, { locations: ["a"] }, { split: false }])(
    "are named or chosen, not both: %j",
    async (choice) => {
      const line = { sku: "PLACES", quantity: 1, location: "a", ...choice };
      const held = await post("/v1/reservations", { lines: [line], ttlSeconds: 60 });
      expectProblem(held, 400, "invalid-request");
      expect(held.body.errors).toMatchObject([{ pointer: "/lines/0/location" }]);
      const ordered = await post("/v1/orders", { channel: "web", orderId: "P-2", lines: [line] });
      expect(ordered.body.errors).toMatchObject([{ pointer: "/lines/0/location" }]);
    },
  );
});

describe("goods that come back", () => {
  const order = (orderId: string, sku: string, quantity: number) =>
    post("/v1/orders", { channel: "web", orderId, lines: [{ lineId: "1", sku, quantity }] });
  const change = (orderId: string, what: string, body: object, headers = key()) =>
    post(`/v1/orders/web/${orderId}/${what}`, body, headers);

  it("are on hand again, or written off, and no more of them than were sold", async () => {
    await service.count("BACK", 10);
    await order("R-1", "BACK", 4);
    await change("R-1", "fulfil", {});
    const headers = key();
    const restocked = await change("R-1", "return", { lines: [{ lineId: "1", quantity: 1 }] }, headers);
    expect(restocked.status).toBe(200);
    expect(restocked.body.skus).toMatchObject([
      { sku: "BACK", status: "returned", lines: [{ lineId: "1", quantity: 1 }] },
    ]);
    const again = await change("R-1", "return", { lines: [{ lineId: "1", quantity: 1 }] }, headers);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body).toEqual(restocked.body);
    expect((await read("BACK")).body).toMatchObject({ onHand: 7, available: 7 });

    await change("R-1", "return", { lines: [{ lineId: "1", quantity: 1 }], location: "returns" });
    expect((await read("BACK")).body.locations).toMatchObject([
      { onHand: 7 },
      { location: "returns", onHand: 1 },
    ]);
    const writtenOff = await change("R-1", "return", { restock: false });
    expect(writtenOff.body.skus).toMatchObject([{ status: "returned", lines: [{ quantity: 2 }] }]);
    const now = await read("BACK");
    expect(now.body).toMatchObject({ onHand: 8, available: 8 });
    expectToAddUp({ ...now, body: { stock: now.body } });
    expectProblem(
      await change("R-1", "return", { lines: [{ lineId: "1", quantity: 1 }] }),
      409,
      "quantity-not-open",
    );
    expectProblem(await change("R-1", "return", { lines: [{ lineId: "9" }] }), 404, "order-not-found");
  });

  it("wait for their order if they are told before it", async () => {
    await service.count("EARLY", 5);
    const early = await change("R-2", "cancel", {});
    expect(early.status).toBe(202);
    expect(early.body).toEqual({ channel: "web", orderId: "R-2", status: "waiting" });
    await order("R-2", "EARLY", 2);
    expect((await read("EARLY")).body).toMatchObject({ committed: 0, available: 5 });
  });
});
