import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, eventually, pool, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

const key = (): Record<string, string> => ({ "idempotency-key": crypto.randomUUID() });
const stock = async (sku: string) => (await service.call("GET", `/v1/skus/${sku}`)).body;
const hold = (sku: string, headers = key(), more: object = {}): Promise<Answer> =>
  service.call(
    "POST",
    "/v1/reservations",
    { lines: [{ sku, quantity: 1, ...more }], ttlSeconds: 600 },
    headers,
  );
const put = (sku: string, settings: object) => service.call("PUT", `/v1/skus/${sku}`, settings, key());

describe("a SKU that four shards sell", () => {
  it("lets 2,000 buyers, each asking twice, have exactly its 500 units", async () => {
    const sku = "RUSH";
    await service.count(sku, 500);
    expect((await put(sku, { shards: 4 })).body.stock).toMatchObject({ shards: 4, available: 500 });
    const buyers = Array.from({ length: 2_000 }, () => key());
    const answers = new Map<number, Answer[]>();
    await pool(buyers.length * 2, 40, async (index) => {
      const buyer = index % buyers.length;
      const answer = await hold(sku, buyers[buyer]);
      answers.set(buyer, [...(answers.get(buyer) ?? []), answer]);
    });
    const statuses = [...answers.values()].map(([first, second]) => {
      expect(second?.status).toBe(first?.status);
      expect(second?.body).toEqual(first?.body);
      return first?.status;
    });
    expect(statuses.filter((status) => status === 201)).toHaveLength(500);
    expect(statuses.filter((status) => status === 409)).toHaveLength(1_500);
    const ids = [...answers.values()].flatMap(([first]) =>
      first?.status === 201 ? [String(first.body.id)] : [],
    );
    expect(new Set(ids).size).toBe(500);
    expect(ids.some((id) => id.startsWith("rse_"))).toBe(true);

    await service.kill();
    await service.start();
    const replayed = await hold(sku, buyers[0]);
    expect(replayed.body).toEqual(answers.get(0)?.[0]?.body);

    // Off: what buyers hold stays theirs, to buy or to give back; all else is the SKU's again.
    await put(sku, { shards: 0 });
    const [bought, ...rest] = ids;
    const committed = await service.call("POST", `/v1/reservations/${bought}/commit`, {}, key());
    expect(committed).toMatchObject({ status: 200, body: { id: bought, status: "committed" } });
    const order = `/v1/orders/direct/${encodeURIComponent(bought ?? "")}/fulfil`;
    expect((await service.call("POST", order, {}, key())).status).toBe(200);
    await pool(100, 40, async (index) => {
      const released = await service.call("DELETE", `/v1/reservations/${rest[index]}`, undefined, key());
      expect(released.status).toBe(200);
    });
    const view = await eventually(async () => {
      const now = await stock(sku);
      return now.reserved === 399 ? now : undefined;
    });
    expect(view).toMatchObject({ available: 100, onHand: 499, committed: 0 });
  });

  it("is asked as any other: read, extended, given back, in bulk, at a place, at a version", async () => {
    const sku = "ASKED";
    await service.count(sku, 1_000);
    await put(sku, { shards: 4 });
    const held = await hold(sku);
    expect(held).toMatchObject({ status: 201, body: { status: "active", lines: [{ sku, quantity: 1 }] } });
    const at = `/v1/reservations/${held.body.id}`;
    expect((await service.call("GET", at)).body).toEqual(held.body);
    expect((await service.call("POST", `${at}/extend`, { ttlSeconds: 900 }, key())).body.status).toBe(
      "active",
    );
    expect(
      (await service.call("POST", `${at}/extend`, { ttlSeconds: 9 }, { ...key(), "if-match": '"a.1"' }))
        .status,
    ).toBe(400);
    const bulk = await service.call("POST", "/v1/mutations", {
      items: [
        { key: crypto.randomUUID(), sku, type: "release", reservationId: held.body.id },
        { key: crypto.randomUUID(), sku, type: "reserve", quantity: 2, ttlSeconds: 60 },
        { key: crypto.randomUUID(), sku, type: "adjust", delta: 1, reason: "found" },
      ],
    });
    expect(bulk.body.items).toMatchObject([{ status: 200 }, { status: 201, event: {} }, { status: 200 }]);
    expect((await service.call("GET", at)).body.status).toBe("released");
    expect((await hold(sku, key(), { location: "default" })).body.event).toBeDefined();
    expect((await hold(sku, { ...key(), "if-match": '"a.1"' })).status).toBe(412);
    const { version, epoch } = await stock(sku);
    expect((await hold(sku, { ...key(), "if-match": `"${epoch}.${version}"` })).status).toBe(201);
  });

  it("is no kit, no part of one, and has no allocations", async () => {
    await service.count("PLAIN", 10);
    await service.count("PART", 10);
    await put("KIT", { components: [{ sku: "PART", quantity: 1 }] });
    const conflict = { status: 409, body: { type: expect.stringContaining("/sku-cannot-be-sharded") } };
    expect(await put("KIT", { shards: 2 })).toMatchObject(conflict);
    expect(await put("PART", { shards: 2 })).toMatchObject(conflict);
    expect((await put("PLAIN", { shards: 2 })).status).toBe(200);
    expect(await put("PLAIN", { allocations: [{ channel: "web", quantity: 1 }] })).toMatchObject(conflict);
    expect((await put("OTHER-KIT", { components: [{ sku: "PLAIN", quantity: 1 }] })).status).toBe(422);
    expect(await put("PLAIN", { shards: 3 })).toMatchObject(conflict);
    expect((await put("PLAIN", { shards: 1 })).body.stock.shards).toBeUndefined();
  });
});
