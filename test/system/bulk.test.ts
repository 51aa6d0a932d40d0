import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, eventually, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

interface Item {
  readonly key: string;
  readonly sku: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

const send = (items: readonly Item[]) => service.call("POST", "/v1/mutations", { items });
const read = (sku: string) => service.call("GET", `/v1/skus/${sku}`);
const item = (sku: string, type: string, fields: object = {}): Item => ({
  key: crypto.randomUUID(),
  sku,
  type,
  ...fields,
});
const adjust = (sku: string, delta: number) => item(sku, "adjust", { delta, reason: "correction" });
const count = (sku: string, onHand: number) => item(sku, "count", { onHand, ifMatch: "*" });
const statuses = (answer: Answer) => answer.body.items.map((result: { status: number }) => result.status);

describe("many mutations in one request", () => {
  it("1,000 over 100 SKUs are all done, in order within a SKU, and a retry of the whole is answered the same", async () => {
    const skus = Array.from({ length: 100 }, (_, index) => `BULK-${index}`);
    const rounds = Array.from({ length: 9 }, (_, index) => index + 1);
    // The SKUs take turns, so that their order is not that of the request.
    const items = [
      ...skus.map((sku) => count(sku, 100)),
      ...rounds.flatMap((n) => skus.map((sku) => adjust(sku, -n))),
    ];
    expect(items).toHaveLength(1_000);

    const first = await send(items);
    expect(first.status).toBe(200);
    expect(first.body.items.map(({ key, sku }: Item) => [key, sku])).toEqual(
      items.map(({ key, sku }) => [key, sku]),
    );
    expect(new Set(statuses(first))).toEqual(new Set([200]));
    for (const [at, sku] of skus.entries()) {
      const mine = first.body.items.filter((result: Item) => result.sku === sku);
      expect(mine.map((result: Answer["body"]) => result.stock.version)).toEqual([
        1,
        ...rounds.map((n) => n + 1),
      ]);
      expect(mine.at(-1).stock.available).toBe(100 - 45);
      expect(first.body.items[at].event.type).toBe("stockwire.stock.counted.v1");
    }

    const again = await send(items);
    expect(again.body.items).toEqual(
      first.body.items.map((result: object) => ({ ...result, replayed: true })),
    );
    expect((await read("BULK-42")).body).toMatchObject({ available: 55, version: 10 });
    // The news of all of them are told at once, not when somebody asks what became of them.
    await eventually(async () => {
      const { body } = await service.call("GET", "/v1/skus?query=BULK-&limit=100");
      const isTold =
        body.items.length === 100 && body.items.every(({ version }: { version: number }) => version === 10);
      return isTold ? true : undefined;
    }, 5_000);
  });

  it("leave others their turn while they are done", async () => {
    await service.count("BUSY", 1);
    let isDone = false;
    const bulk = send(Array.from({ length: 600 }, (_, index) => count(`NEW-${index}`, 1))).finally(() => {
      isDone = true;
    });
    let answered = 0;
    while (!isDone) {
      expect((await read("BUSY")).status).toBe(200);
      answered += 1;
    }
    expect(new Set(statuses(await bulk))).toEqual(new Set([200]));
    // Without turns it is two: one that came before the request, and one that is answered at its end.
    expect(answered).toBeGreaterThan(10);
  });

  it("are each answered as they would be alone: some done, others refused, and refused again on a retry", async () => {
    await service.count("MIX", 3);
    const items = [
      adjust("MIX", -2),
      adjust("MIX", -2),
      adjust("UNKNOWN", 1),
      item("MIX", "create", { title: "Mixed" }),
      item("MIX-NEW", "create", { title: "New" }),
      item("MIX", "transfer", { from: "default", to: "shop", quantity: 1 }),
      item("MIX", "unavailable", { location: "shop", delta: 1, reason: "damaged" }),
      item("MIX", "incoming", { delta: 5 }),
      item("MIX", "receive", { quantity: 2 }),
      { ...adjust("MIX", 1), ifMatch: "00000000.1" },
      item("MIX-NEW", "retire"),
    ];
    const first = await send(items);
    expect(statuses(first)).toEqual([200, 409, 404, 200, 201, 200, 200, 200, 200, 412, 200]);
    expect(first.body.items[1].problem).toMatchObject({
      type: expect.stringMatching(/\/problems\/insufficient-stock$/),
      requested: 2,
      available: 1,
    });
    expect((await read("MIX")).body).toMatchObject({
      title: "Mixed",
      onHand: 3,
      incoming: 3,
      unavailable: 1,
      available: 2,
    });

    await service.count("MIX", 50);
    const again = await send(items);
    const replayed = again.body.items.map((result: { replayed?: boolean }) => result.replayed === true);
    // An unknown SKU and a stale version are looked at again; everything else keeps its answer.
    expect(replayed).toEqual([true, true, false, true, true, true, true, true, true, false, true]);
    expect(statuses(again)).toEqual(statuses(first));
  });

  it("may all be of one SKU", async () => {
    const items = [count("ONE", 999), ...Array.from({ length: 999 }, () => adjust("ONE", -1))];
    const answer = await send(items);
    expect(answer.body.items.map((result: Answer["body"]) => result.stock.available)).toEqual(
      items.map((_, at) => 999 - at),
    );
    await eventually(async () => {
      const { body } = await service.call("GET", "/v1/skus?query=ONE");
      return body.items.some(({ sku, version }: Answer["body"]) => sku === "ONE" && version === 1_000)
        ? true
        : undefined;
    }, 5_000);
  });

  it("hold, extend, release and commit reservations, and the order can be cancelled by its number", async () => {
    await service.count("HOLD", 10);
    const made = await send([
      item("HOLD", "reserve", { quantity: 2, ttlSeconds: 600, channel: "web" }),
      item("HOLD", "reserve", { quantity: 3, ttlSeconds: 600 }),
      item("HOLD", "reserve", { quantity: 6, ttlSeconds: 600 }),
    ]);
    expect(statuses(made)).toEqual([201, 201, 409]);
    const [sold, left] = made.body.items.map((result: Answer["body"]) => result.event?.data.reservationId);
    const ended = await send([
      item("HOLD", "extend", { reservationId: sold, ttlSeconds: 900 }),
      item("HOLD", "commit", {
        reservationId: sold,
        channel: "web",
        orderId: "B-1",
        lineId: "1",
        quantity: 1,
      }),
      item("HOLD", "release", { reservationId: left }),
      item("HOLD", "release", { reservationId: "rsv_none" }),
    ]);
    expect(statuses(ended)).toEqual([200, 200, 200, 404]);
    expect((await read("HOLD")).body).toMatchObject({ committed: 1, reserved: 0, available: 9 });
    const headers = { "idempotency-key": crypto.randomUUID() };
    const cancelled = await service.call("POST", "/v1/orders/web/B-1/cancel", {}, headers);
    expect(cancelled.body.skus).toMatchObject([
      { sku: "HOLD", status: "cancelled", lines: [{ lineId: "1" }] },
    ]);
    expect((await read("HOLD")).body.available).toBe(10);
  });

  it("may create a kit and what it is made of together, and refuse an unsound kit alone", async () => {
    const part = { sku: "BULK-PART", quantity: 2 };
    const items = [
      item("BULK-KIT", "create", { components: [part] }),
      count("BULK-PART", 6),
      item("BULK-UNSOUND", "create", { components: [part, { sku: "BULK-GHOST", quantity: 1 }] }),
    ];
    const first = await send(items);
    expect(statuses(first)).toEqual([201, 200, 422]);
    expect(first.body.items[2].problem.errors).toMatchObject([{ pointer: "/components/1/sku" }]);
    const again = await send(items);
    expect(statuses(again)).toEqual([201, 200, 422]);
    expect(again.body.items[0]).toEqual({ ...first.body.items[0], replayed: true });
  });

  it("share the scope of keys with single requests: one key is one mutation of a SKU", async () => {
    await service.count("SCOPE-A", 5);
    await service.count("SCOPE-B", 5);
    const key = crypto.randomUUID();
    const body = { delta: -1, reason: "correction" };
    await service.call("POST", "/v1/skus/SCOPE-A/adjustments", body, { "idempotency-key": key });
    const items = ["SCOPE-A", "SCOPE-B"].map((sku) => ({ ...adjust(sku, -1), key }));
    const answer = await send(items);
    // A SKU that saw the key with another request refuses it; the other one never saw it.
    expect(statuses(answer)).toEqual([422, 200]);
    const twice = await send(
      [items[1], { ...adjust("SCOPE-B", -2), key }].filter((entry) => entry !== undefined),
    );
    expect(statuses(twice)).toEqual([200, 422]);
    expect((await read("SCOPE-B")).body.available).toBe(4);
  });
});

describe("a bulk request with a fault in it is refused whole, and nothing of it happens", () => {
  const good = adjust("WHOLE", 1);
  const cases: [string, readonly Item[], string | undefined][] = [
    ["a wrong field", [good, { ...good, delta: 0 }], "/items/1/delta"],
    ["an unknown field", [good, { ...good, qty: 1 }], "/items/1/qty"],
    ["an unknown type", [{ ...good, type: "magic" }], "/items/0/type"],
    ["a key that is no key", [{ ...good, key: "with space" }], "/items/0/key"],
    ["a count without ifMatch", [item("WHOLE", "count", { onHand: 1 })], "/items/0/ifMatch"],
    ["an ifMatch that is no position", [{ ...good, ifMatch: "banana" }], "/items/0/ifMatch"],
    [
      "a transfer to where it is",
      [item("WHOLE", "transfer", { from: "a", to: "a", quantity: 1 })],
      "/items/0/to",
    ],
    ["no items", [], "/items"],
    ["more than 1,000 items", Array.from({ length: 1_001 }, () => good), "/items"],
  ];

  it.each(cases)("%s", async (_, items, pointer) => {
    const before = await service.count("WHOLE", 5);
    const answer = await send(items);
    expect(answer.status).toBe(400);
    expect(answer.body.type).toMatch(/\/problems\/invalid-request$/);
    expect(answer.body.errors[0].pointer).toBe(pointer);
    expect((await read("WHOLE")).headers.get("etag")).toBe(before.headers.get("etag"));
  });
});
