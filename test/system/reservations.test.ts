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
const hold = (lines: object[], headers = key(), ttlSeconds = 600): Promise<Answer> =>
  service.call("POST", "/v1/reservations", { lines, ttlSeconds }, headers);
const line = (sku: string, quantity = 1) => ({ sku, quantity });
const makeKit = (sku: string, components: object[]) =>
  service.call("PUT", `/v1/skus/${sku}`, { components }, key());

describe("a reservation of several SKUs", () => {
  it("is all lines or none, and names each short line", async () => {
    await service.count("ALL-A", 5);
    await service.count("ALL-B", 1);
    await service.count("ALL-C", 0);
    const refused = await hold([line("ALL-A", 2), line("ALL-B", 2), line("ALL-C")]);
    expect(refused.status).toBe(409);
    expect(refused.body.lines).toEqual([
      { sku: "ALL-B", requested: 2, available: 1 },
      { sku: "ALL-C", requested: 1, available: 0 },
    ]);
    expect(await stock("ALL-A")).toMatchObject({ available: 5, reserved: 0 });
    const held = await hold([line("ALL-B"), line("ALL-A", 2)]);
    expect(held.status).toBe(201);
    expect(held.body.lines).toMatchObject([
      { sku: "ALL-B", quantity: 1, taken: [{ location: "default", quantity: 1 }] },
      { sku: "ALL-A", quantity: 2 },
    ]);
    expect(await stock("ALL-A")).toMatchObject({ available: 3, reserved: 2 });
  });

  it("has one result for ever: commits answer the same, and nothing else comes after", async () => {
    await service.count("ONE-A", 5);
    await service.count("ONE-B", 5);
    const headers = key();
    const held = await hold([line("ONE-A", 2), line("ONE-B", 3)], headers);
    const again = await hold([line("ONE-A", 2), line("ONE-B", 3)], headers);
    expect(again.body).toEqual(held.body);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await hold([line("ONE-A", 1), line("ONE-B", 3)], headers)).status).toBe(422);

    const at = `/v1/reservations/${held.body.id}`;
    const commit = { channel: "web", orderId: "ONE-1", lines: [{ sku: "ONE-B", quantity: 1 }] };
    const committed = await service.call("POST", `${at}/commit`, commit, key());
    expect(committed.body).toMatchObject({ status: "committed", orderId: "ONE-1" });
    const repeated = await service.call("POST", `${at}/commit`, commit, key());
    expect(repeated.body).toEqual(committed.body);
    expect((await service.call("DELETE", at, undefined, key())).status).toBe(409);
    expect(await stock("ONE-A")).toMatchObject({ available: 5, reserved: 0, committed: 0 });
    expect(await stock("ONE-B")).toMatchObject({ available: 4, reserved: 0, committed: 1 });
    const cancelled = await service.call("POST", "/v1/orders/web/ONE-1/cancel", {}, key());
    expect(cancelled.body.skus).toMatchObject([{ sku: "ONE-B", status: "cancelled" }]);
    expect(await stock("ONE-B")).toMatchObject({ available: 5, committed: 0 });
  });

  it("can be extended and released, and ends by itself", async () => {
    await service.count("END-A", 5);
    await service.count("END-B", 5);
    const held = await hold([line("END-A"), line("END-B")], key(), 3);
    const at = `/v1/reservations/${held.body.id}`;
    const extend = async (ttlSeconds: number) =>
      Date.parse((await service.call("POST", `${at}/extend`, { ttlSeconds }, key())).body.expiresAt);
    const firstEndMs = Date.parse(held.body.expiresAt);
    expect(await extend(600)).toBeGreaterThan(firstEndMs);
    await eventually(async () => (Date.now() > firstEndMs + 200 ? true : undefined));
    expect((await service.call("GET", at)).body.status).toBe("active");
    expect((await stock("END-A")).reserved).toBe(1);
    const endMs = await extend(1);
    await eventually(async () => ((await stock("END-A")).reserved === 0 ? true : undefined));
    expect(Date.now()).toBeGreaterThanOrEqual(endMs);
    expect((await service.call("GET", at)).body.status).toBe("expired");
    expect((await service.call("POST", `${at}/commit`, {}, key())).status).toBe(410);
    expect(await stock("END-B")).toMatchObject({ available: 5, reserved: 0 });

    const other = await hold([line("END-A"), line("END-B")]);
    const released = await service.call("DELETE", `/v1/reservations/${other.body.id}`, undefined, key());
    expect(released.body.status).toBe("released");
    expect(await stock("END-A")).toMatchObject({ available: 5, reserved: 0 });
  });

  it("gives 100 of 200 carts each, whatever order their lines are in, and never half a cart", async () => {
    await service.count("CART-A", 100);
    await service.count("CART-B", 100);
    const statuses: number[] = [];
    const startedAt = performance.now();
    await pool(400, 200, async (index) => {
      const lines = [line("CART-A"), line("CART-B")];
      const answer = await hold(index % 2 === 0 ? lines : lines.toReversed());
      statuses.push(answer.status);
    });
    const perSecond = 400 / ((performance.now() - startedAt) / 1_000);
    console.log(`two-SKU carts, 200 at a time: ${perSecond.toFixed(0)} per second`);
    expect(statuses.filter((status) => status === 201)).toHaveLength(100);
    expect(statuses.filter((status) => status === 409)).toHaveLength(300);
    for (const sku of ["CART-A", "CART-B"]) {
      expect(await stock(sku)).toMatchObject({ available: 0, reserved: 100 });
    }
  });

  it("leaves nothing half-held when the power goes while carts are being held", async () => {
    await service.count("HALF-A", 10_000);
    await service.count("HALF-B", 10_000);
    const keys: string[] = [];
    let isOver = false;
    const carts = pool(40, 40, async () => {
      while (!isOver) {
        const headers = key();
        keys.push(headers["idempotency-key"] ?? "");
        await hold([line("HALF-A"), line("HALF-B")], headers, 3_600).catch(() => undefined);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    isOver = true;
    await service.kill();
    await carts;
    await service.start();
    // What was only half held ends by itself after 10 s. What is held then was decided, and a caller who asks again is told so.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    await eventually(async () => {
      const [a, b] = [await stock("HALF-A"), await stock("HALF-B")];
      return a.reserved === b.reserved ? true : undefined;
    });
    const held = new Set<string>();
    await pool(keys.length, 16, async (index) => {
      const headers = { "idempotency-key": keys[index] ?? "" };
      const answer = await hold([line("HALF-A"), line("HALF-B")], headers, 3_600);
      expect([201, 410]).toContain(answer.status);
      if (answer.status === 201) held.add(answer.body.id);
    });
    for (const sku of ["HALF-A", "HALF-B"]) {
      expect(await stock(sku)).toMatchObject({ reserved: held.size, available: 10_000 - held.size });
    }
  });
});

describe("a kit", () => {
  it("has as many as its components allow, live", async () => {
    await service.count("BOLT", 10);
    await service.count("NUT", 7);
    expect((await makeKit("KIT", [line("BOLT", 2), line("NUT")])).status).toBe(201);
    expect(await stock("KIT")).toMatchObject({ available: 5, components: [line("BOLT", 2), line("NUT")] });
    await service.count("NUT", 3);
    expect((await stock("KIT")).available).toBe(3);
    const listed = await eventually(async () => {
      const { body } = await service.call("GET", "/v1/skus?query=KIT");
      return body.items[0]?.available === 3 ? body.items[0] : undefined;
    });
    expect(listed.status).toBe("in_stock");
    // Told by the queue alone, with nobody reading the kit.
    await service.count("NUT", 1);
    await eventually(async () => {
      const { body } = await service.call("GET", "/v1/skus?query=KIT");
      return body.items[0]?.available === 1 ? true : undefined;
    });
  });

  it("takes all components or none, and two kits that share one never oversell it", async () => {
    await service.count("FRAME", 10);
    await service.count("RED", 10);
    await service.count("BLUE", 10);
    await makeKit("BIKE-RED", [line("FRAME"), line("RED")]);
    await makeKit("BIKE-BLUE", [line("FRAME"), line("BLUE")]);
    const both = await hold([line("BIKE-RED", 6), line("BIKE-BLUE", 6)]);
    expect(both.status).toBe(409);
    expect(both.body.lines).toEqual([{ sku: "FRAME", requested: 12, available: 10 }]);
    expect(await stock("FRAME")).toMatchObject({ reserved: 0 });

    const statuses: number[] = [];
    await pool(30, 30, async (index) => {
      statuses.push((await hold([line(index % 2 === 0 ? "BIKE-RED" : "BIKE-BLUE")])).status);
    });
    expect(statuses.filter((status) => status === 201)).toHaveLength(10);
    expect(await stock("FRAME")).toMatchObject({ reserved: 10, available: 0 });
    const [red, blue] = [await stock("RED"), await stock("BLUE")];
    expect(red.reserved + blue.reserved).toBe(10);
  });

  it("is sold on a channel by its components, and cancelled with them", async () => {
    await service.count("CUP", 4);
    await service.count("PLATE", 1);
    await makeKit("SET", [line("CUP", 2), line("PLATE")]);
    const order = { channel: "web", orderId: "SET-1", lines: [{ lineId: "1", sku: "SET", quantity: 2 }] };
    const sold = await service.call("POST", "/v1/orders", order);
    expect(sold.body).toMatchObject({
      oversold: true,
      lines: [{ sku: "SET", status: "oversold", oversold: 1 }],
    });
    expect(await stock("CUP")).toMatchObject({ committed: 4, available: 0 });
    expect(await stock("PLATE")).toMatchObject({ committed: 2, available: -1 });
    const cancelled = await service.call(
      "POST",
      "/v1/orders/web/SET-1/cancel",
      { lines: [{ lineId: "1", quantity: 1 }] },
      key(),
    );
    expect(cancelled.status).toBe(200);
    expect(await stock("CUP")).toMatchObject({ committed: 2, available: 2 });
    expect(await stock("PLATE")).toMatchObject({ committed: 1, available: 0 });
  });

  it("has no stock of its own to adjust", async () => {
    await service.count("PART", 2);
    await makeKit("WHOLE", [line("PART")]);
    const answer = await service.call(
      "POST",
      "/v1/skus/WHOLE/adjustments",
      { delta: 1, reason: "found" },
      key(),
    );
    expect(answer.status).toBe(409);
    expect(answer.body.type).toMatch(/sku-is-kit$/);
  });
});

describe("a hold of a kit that is asked for again when the kit is gone", () => {
  it("is answered as at first, also if the SKU has become a plain one", async () => {
    await service.count("LID", 3);
    await makeKit("BOX", [line("LID")]);
    const headers = key();
    const askAgain = () => hold([line("BOX")], headers);
    const first = await askAgain();
    expect(first.status).toBe(201);
    expect((await service.call("DELETE", "/v1/skus/BOX", undefined, key())).status).toBe(200);
    expect(await askAgain()).toMatchObject({ status: 201, body: { id: first.body.id } });
    await service.count("BOX", 5);
    expect(await askAgain()).toMatchObject({ status: 201, body: { id: first.body.id } });
    expect(await stock("BOX")).toMatchObject({ reserved: 0 });
    expect(await stock("LID")).toMatchObject({ reserved: 1 });
  });
});

describe("an order whose facts come in the wrong order", () => {
  it("is netted out by the cancellation that came before it", async () => {
    await service.count("EARLY", 5);
    const early = await service.call("POST", "/v1/orders/web/EARLY-1/cancel", {}, key());
    expect(early.status).toBe(202);
    expect(early.body).toMatchObject({ status: "waiting" });
    const order = { channel: "web", orderId: "EARLY-1", lines: [{ lineId: "1", sku: "EARLY", quantity: 2 }] };
    expect((await service.call("POST", "/v1/orders", order)).status).toBe(201);
    expect(await stock("EARLY")).toMatchObject({ committed: 0, available: 5 });
  });

  it("takes goods back before it hears that they left", async () => {
    await service.count("BACK", 5);
    const order = { channel: "web", orderId: "BACK-1", lines: [{ lineId: "1", sku: "BACK", quantity: 2 }] };
    await service.call("POST", "/v1/orders", order);
    const at = "/v1/orders/web/BACK-1";
    const lines = [{ lineId: "1", quantity: 1 }];
    expect((await service.call("POST", `${at}/return`, { lines, restock: true }, key())).status).toBe(200);
    expect((await service.call("POST", `${at}/fulfil`, {}, key())).status).toBe(200);
    expect(await stock("BACK")).toMatchObject({ onHand: 4, committed: 0, available: 4 });
    const tooMany = await service.call(
      "POST",
      `${at}/return`,
      { lines: [{ lineId: "1", quantity: 2 }] },
      key(),
    );
    expect(tooMany.status).toBe(409);
  });
});
