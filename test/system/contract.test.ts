import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

const key = (): Record<string, string> => ({ "idempotency-key": crypto.randomUUID() });
const slugOf = (answer: { body: { type?: string } }) => answer.body.type?.split("/").at(-1);
const at = (sku: string) => `/v1/skus/${encodeURIComponent(sku)}`;

describe("If-Match", () => {
  it("is refused rather than ignored where no single SKU is meant", async () => {
    await service.count("IM-A", 5);
    const headers = { ...key(), "if-match": '"k3v9.1"' };
    const order = { channel: "web", orderId: "IM-1", lines: [{ sku: "IM-A", quantity: 1 }] };
    const items = [{ key: "1", sku: "IM-A", type: "adjust", delta: 1, reason: "found" }];
    for (const [path, body] of [
      ["/v1/orders", order],
      ["/v1/orders/web/IM-1/cancel", {}],
      ["/v1/mutations", { items }],
    ] as const) {
      const answer = await service.call("POST", path, body, headers);
      expect([answer.status, slugOf(answer)]).toEqual([400, "precondition-invalid"]);
    }
    expect((await service.call("GET", at("IM-A"))).body.available).toBe(5);
    const any = await service.call("POST", "/v1/orders", order, { "if-match": "*" });
    expect(any.status).toBe(201);
  });
});

describe("an order", () => {
  it("that has nothing open says so, whatever is asked of it", async () => {
    await service.count("NO-A", 5);
    await service.call("POST", "/v1/orders", {
      channel: "web",
      orderId: "NO-1",
      lines: [{ sku: "NO-A", quantity: 2 }],
    });
    expect((await service.call("POST", "/v1/orders/web/NO-1/fulfil", {}, key())).status).toBe(200);
    for (const change of ["cancel", "fulfil"]) {
      const answer = await service.call("POST", `/v1/orders/web/NO-1/${change}`, {}, key());
      expect([answer.status, slugOf(answer)]).toEqual([409, "quantity-not-open"]);
      expect(answer.body).toMatchObject({ sku: "NO-A", lineId: "1", open: 0 });
    }
    const back = await service.call("POST", "/v1/orders/web/NO-1/return", {}, key());
    expect(back.status).toBe(200);
    const again = await service.call("POST", "/v1/orders/web/NO-1/return", {}, key());
    expect([again.status, slugOf(again)]).toEqual([409, "quantity-not-open"]);
  });

  it("of which less is open than is asked for says how much, and a refused key stays refused", async () => {
    await service.count("NO-B", 5);
    await service.call("POST", "/v1/orders", {
      channel: "web",
      orderId: "NO-2",
      lines: [{ sku: "NO-B", quantity: 2 }],
    });
    const change = (what: string, body: object, headers = key()) =>
      service.call("POST", `/v1/orders/web/NO-2/${what}`, body, headers);
    for (const what of ["cancel", "fulfil", "return"]) {
      const answer = await change(what, { lines: [{ lineId: "1", quantity: 3 }] });
      expect([answer.status, slugOf(answer)]).toEqual([409, "quantity-not-open"]);
      expect(answer.body).toMatchObject({ sku: "NO-B", lineId: "1", requested: 3, open: 2 });
      expect(answer.body.detail).toMatch(/3 of line 1 requested, 2 can be/);
    }
    const headers = key();
    const early = await change("return", {}, headers);
    expect([early.status, slugOf(early)]).toEqual([409, "quantity-not-open"]);
    expect(early.body).toMatchObject({ lineId: "1", open: 2 });
    expect(early.body.detail).toContain("at most 2");
    expect((await change("fulfil", {})).status).toBe(200);
    const late = await change("return", {}, headers);
    expect([late.status, late.body]).toEqual([409, early.body]);
    expect(late.headers.get("idempotent-replayed")).toBe("true");
    expect((await change("return", {})).status).toBe(200);
  });

  it("that is called what its reservation is called can be cancelled, however long the SKU", async () => {
    const sku = "長".repeat(128);
    await service.count(sku, 5);
    const held = await service.call(
      "POST",
      "/v1/reservations",
      { lines: [{ sku, quantity: 2 }], ttlSeconds: 60 },
      key(),
    );
    const { id } = held.body;
    expect((await service.call("POST", `/v1/reservations/${id}/commit`, {}, key())).status).toBe(200);
    const lines = [{ lineId: id, quantity: 1 }];
    const cancelled = await service.call("POST", `/v1/orders/direct/${id}/cancel`, { lines }, key());
    expect(cancelled.status).toBe(200);
    expect((await service.call("GET", at(sku))).body).toMatchObject({ committed: 1, available: 4 });
  });
});

describe("a setting", () => {
  it("that is so already is answered once for its key", async () => {
    const put = (body: object, headers: Record<string, string>) =>
      service.call("PUT", at("PUT-A"), body, headers);
    await put({ title: "Tee" }, key());
    const headers = key();
    const first = await put({ title: "Tee" }, headers);
    expect(first.status).toBe(200);
    expect(first.body.event).toBeUndefined();
    await put({ title: "Shirt" }, key());
    const late = await put({ title: "Tee" }, headers);
    expect(late.body).toEqual(first.body);
    expect(late.headers.get("idempotent-replayed")).toBe("true");
    expect((await service.call("GET", at("PUT-A"))).body.title).toBe("Shirt");
    expect(slugOf(await put({ title: "Coat" }, headers))).toBe("idempotency-key-reused");
  });
});

describe("a list of SKUs", () => {
  it("has the retired ones if asked for them, and not otherwise", async () => {
    await service.count("GONE-A", 0);
    await service.count("GONE-B", 0);
    await service.call("DELETE", at("GONE-A"), undefined, key());
    const listed = async (query: string) =>
      (await service.call("GET", `/v1/skus?query=GONE&${query}`)).body.items.map(
        (item: { sku: string }) => item.sku,
      );
    await eventually(async () => ((await listed("retired=true")).length === 1 ? true : undefined));
    expect(await listed("retired=true")).toEqual(["GONE-A"]);
    expect(await listed("retired=false")).toEqual(["GONE-B"]);
    expect(await listed("")).toEqual(["GONE-B"]);
    expect((await service.call("GET", "/v1/skus?retired=1")).status).toBe(400);
  });
});

describe("a kit", () => {
  it("is not made of a kit, nor does what it is made of become one", async () => {
    await service.count("PART-A", 5);
    await service.call("PUT", at("PART-B"), {}, key());
    const components = (sku: string) => ({ components: [{ sku, quantity: 1 }] });
    expect((await service.call("PUT", at("KIT-1"), components("PART-B"), key())).status).toBe(201);
    const nested = await service.call("PUT", at("PART-B"), components("PART-A"), key());
    expect([nested.status, slugOf(nested)]).toEqual([422, "kit-invalid"]);
    expect(nested.body.detail).toMatch(/KIT-1/);
    await service.call("PUT", at("KIT-1"), { components: [] }, key());
    expect((await service.call("PUT", at("PART-B"), components("PART-A"), key())).status).toBe(200);
  });

  it("is not built of units that belong to one channel alone", async () => {
    await service.count("OWN-A", 5);
    await service.call("PUT", at("OWN-A"), { allocations: [{ channel: "web", quantity: 4 }] }, key());
    await service.call("PUT", at("OWN-KIT"), { components: [{ sku: "OWN-A", quantity: 1 }] }, key());
    expect((await service.call("GET", at("OWN-KIT"))).body.available).toBe(1);
    const hold = (quantity: number) =>
      service.call(
        "POST",
        "/v1/reservations",
        { lines: [{ sku: "OWN-KIT", quantity }], ttlSeconds: 60 },
        key(),
      );
    expect((await hold(2)).status).toBe(409);
    expect((await hold(1)).status).toBe(201);
  });
});

describe("a cart", () => {
  it("that names a line its order has already is refused, and says what to do", async () => {
    await service.count("CL-A", 5);
    await service.count("CL-B", 5);
    const hold = async () => {
      const lines = ["CL-A", "CL-B"].map((sku) => ({ sku, quantity: 1 }));
      return (await service.call("POST", "/v1/reservations", { lines, ttlSeconds: 60 }, key())).body.id;
    };
    const commit = async (id: string, body: object) =>
      service.call(
        "POST",
        `/v1/reservations/${id}/commit`,
        { channel: "web", orderId: "CL-1", ...body },
        key(),
      );
    const [first, second] = [await hold(), await hold()];
    expect((await commit(first, {})).status).toBe(200);
    const refused = await commit(second, {});
    expect([refused.status, slugOf(refused)]).toEqual([409, "order-line-conflict"]);
    expect(refused.body.detail).toMatch(/name other line ids/);
    const lines = ["CL-A", "CL-B"].map((sku) => ({ sku, quantity: 1, lineId: `2-${sku}` }));
    expect((await commit(second, { lines })).status).toBe(200);
    expect((await service.call("GET", at("CL-A"))).body).toMatchObject({ committed: 2, reserved: 0 });
  });
});
