import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminKey, type Answer, Service } from "./service.ts";

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

const key = () => ({ "idempotency-key": crypto.randomUUID() });

function expectProblem(answer: Answer, status: number, slug: string): void {
  expect(answer.body).toMatchObject({
    status,
    type: expect.stringMatching(new RegExp(`/problems/${slug}$`)),
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
}

describe("a bad request is answered with the right problem and changes nothing", () => {
  const sku = "BAD/INPUT ü";
  const path = `/v1/skus/${encodeURIComponent(sku)}`;
  let etag: string;

  beforeAll(async () => {
    await service.count(sku, 5);
    etag = (await service.call("GET", path)).headers.get("etag") ?? "";
  });

  const adjust = { delta: 1, reason: "received" };
  const reserve = { lines: [{ sku, quantity: 1 }], ttlSeconds: 60 };
  const cases: [string, () => Promise<Answer>, number, string][] = [
    [
      "a wrong type",
      () => service.call("POST", `${path}/adjustments`, { ...adjust, delta: "1" }, key()),
      400,
      "invalid-request",
    ],
    [
      "a fraction",
      () => service.call("POST", `${path}/adjustments`, { ...adjust, delta: 1.5 }, key()),
      400,
      "invalid-request",
    ],
    [
      "a delta of 0",
      () => service.call("POST", `${path}/adjustments`, { ...adjust, delta: 0 }, key()),
      400,
      "invalid-request",
    ],
    [
      "a quantity beyond the range",
      () => service.call("POST", `${path}/adjustments`, { ...adjust, delta: 1e9 + 1 }, key()),
      400,
      "invalid-request",
    ],
    [
      "an unknown field",
      () => service.call("POST", `${path}/adjustments`, { ...adjust, qty: 1 }, key()),
      400,
      "invalid-request",
    ],
    [
      "an unknown reason",
      () => service.call("POST", `${path}/adjustments`, { ...adjust, reason: "magic" }, key()),
      400,
      "invalid-request",
    ],
    [
      "a negative quantity",
      () => service.call("POST", "/v1/reservations", { ...reserve, lines: [{ sku, quantity: -1 }] }, key()),
      400,
      "invalid-request",
    ],
    [
      "a ttl beyond a day",
      () => service.call("POST", "/v1/reservations", { ...reserve, ttlSeconds: 86_401 }, key()),
      400,
      "invalid-request",
    ],
    [
      "a negative count",
      () => service.call("PUT", `${path}/levels/default`, { onHand: -1 }, { ...key(), "if-match": "*" }),
      400,
      "invalid-request",
    ],
    [
      "a SKU that is too long",
      () => service.call("GET", `/v1/skus/${"x".repeat(129)}`),
      400,
      "invalid-request",
    ],
    ["a SKU with a control character", () => service.call("GET", "/v1/skus/a%00b"), 400, "invalid-request"],
    ["a SKU with an outer space", () => service.call("GET", "/v1/skus/%20a"), 400, "invalid-request"],
    [
      "a SKU that is not NFC",
      () => service.call("GET", `/v1/skus/${encodeURIComponent("e\u0301")}`),
      400,
      "invalid-request",
    ],
    ["a path that is no UTF-8", () => service.call("GET", "/v1/skus/%ff"), 400, "invalid-request"],
    [
      "a missing key",
      () => service.call("POST", `${path}/adjustments`, adjust),
      400,
      "idempotency-key-missing",
    ],
    [
      "a key that is too long",
      () => service.call("POST", `${path}/adjustments`, adjust, { "idempotency-key": "k".repeat(256) }),
      400,
      "idempotency-key-invalid",
    ],
    [
      "a count without If-Match",
      () => service.call("PUT", `${path}/levels/default`, { onHand: 1 }, key()),
      428,
      "precondition-required",
    ],
    [
      "a stale If-Match",
      () => service.call("POST", `${path}/adjustments`, adjust, { ...key(), "if-match": '"00000000.1"' }),
      412,
      "version-mismatch",
    ],
    [
      "an If-Match that is no ETag",
      () => service.call("POST", `${path}/adjustments`, adjust, { ...key(), "if-match": "banana" }),
      400,
      "precondition-invalid",
    ],
    [
      "more than there is",
      () => service.call("POST", "/v1/reservations", { ...reserve, lines: [{ sku, quantity: 6 }] }, key()),
      409,
      "insufficient-stock",
    ],
    [
      "an unknown SKU",
      () => service.call("POST", "/v1/skus/NOBODY/adjustments", adjust, key()),
      404,
      "sku-not-found",
    ],
    [
      "an unknown reservation",
      () => service.call("POST", "/v1/reservations/nope/commit", {}, key()),
      404,
      "reservation-not-found",
    ],
    ["an unknown path", () => service.call("GET", "/v1/nothing"), 404, "not-found"],
    ["a wrong method", () => service.call("DELETE", "/v1/availability"), 405, "method-not-allowed"],
    [
      "a cursor of ours that is not",
      () => service.call("GET", "/v1/ledger?cursor=zzz"),
      400,
      "invalid-cursor",
    ],
    [
      "a wrong key",
      () => service.call("GET", path, undefined, { authorization: "Bearer swk_wrong" }),
      401,
      "unauthorized",
    ],
    ["no key", () => service.call("GET", path, undefined, { authorization: "" }), 401, "unauthorized"],
    [
      "a huge body",
      () => service.call("POST", `${path}/adjustments`, { ...adjust, note: "x".repeat(1_100_000) }, key()),
      413,
      "payload-too-large",
    ],
    ["broken JSON", () => raw(`${path}/adjustments`, "{", "application/json"), 400, "malformed-json"],
    [
      "a body that is not JSON",
      () => raw(`${path}/adjustments`, "delta=1", "text/plain"),
      415,
      "unsupported-media-type",
    ],
    [
      "a read as a socket without an upgrade",
      () => service.call("GET", `${path}/live`),
      426,
      "upgrade-required",
    ],
  ];

  async function raw(target: string, body: string, type: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${adminKey}`, "content-type": type, ...key() };
    const response = await fetch(service.url + target, { method: "POST", headers, body });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  it.each(cases)("%s", async (_, send, status, slug) => {
    expectProblem(await send(), status, slug);
    const after = await service.call("GET", path);
    expect(after.headers.get("etag")).toBe(etag);
    expect(after.body.available).toBe(5);
  });

  it("says where the fault is", async () => {
    const answer = await service.call(
      "POST",
      "/v1/reservations",
      { ...reserve, lines: [{ sku, quantity: 0 }] },
      key(),
    );
    expect(answer.body.errors).toEqual([{ pointer: "/lines/0/quantity", detail: expect.any(String) }]);
  });

  it("names the methods that are allowed", async () => {
    const answer = await service.call("PATCH", path);
    expect(answer.headers.get("allow")).toBe("DELETE, GET, PUT");
  });

  it("refuses a key that was used for another body, and keeps the first answer", async () => {
    const headers = key();
    const first = await service.call("POST", "/v1/reservations", reserve, headers);
    expect(first.status).toBe(201);
    const other = { ...reserve, ttlSeconds: 61 };
    expectProblem(
      await service.call("POST", "/v1/reservations", other, headers),
      422,
      "idempotency-key-reused",
    );
    const again = await service.call("POST", "/v1/reservations", reserve, headers);
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body).toEqual(first.body);
    const release = await service.call("DELETE", `/v1/reservations/${first.body.id}`, undefined, key());
    expect(release.body.status).toBe("released");
    etag = release.headers.get("etag") ?? "";
  });

  it("answers 410 to a commit after the expiry, and the units are back", async () => {
    const held = await service.call("POST", "/v1/reservations", { ...reserve, ttlSeconds: 1 }, key());
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const commit = await service.call("POST", `/v1/reservations/${held.body.id}/commit`, {}, key());
    expectProblem(commit, 410, "reservation-expired");
    expect((await service.call("GET", path)).body.available).toBe(5);
  });
});

describe("the contract", () => {
  it("answers 304 to a reader who has the newest version", async () => {
    await service.count("ETAG", 1);
    const first = await service.call("GET", "/v1/skus/ETAG");
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    expect((await service.call("GET", "/v1/skus/ETAG", undefined, headers)).status).toBe(304);
    await service.count("ETAG", 2);
    expect((await service.call("GET", "/v1/skus/ETAG", undefined, headers)).status).toBe(200);
  });

  it("reads many SKUs at once and says which are missing", async () => {
    await service.count("M1", 1);
    const answer = await service.call("POST", "/v1/availability", { skus: ["M1", "M2", "M1"] });
    expect(answer.body.items).toHaveLength(1);
    expect(answer.body.missing).toEqual(["M2"]);
  });

  it("records an order once, however often it is told, and lets it be fulfilled and cancelled", async () => {
    await service.count("ORD-A", 10);
    await service.count("ORD-B", 1);
    const order = {
      channel: "web",
      orderId: "SO/1",
      lines: [
        { lineId: "1", sku: "ORD-A", quantity: 3 },
        { lineId: "2", sku: "ORD-B", quantity: 2 },
        { lineId: "3", sku: "ORD-UNKNOWN", quantity: 1 },
      ],
    };
    const first = await service.call("POST", "/v1/orders", order);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      oversold: true,
      lines: [{ status: "accepted" }, { status: "oversold", oversold: 1 }, { status: "unmatched" }],
    });
    const again = await service.call("POST", "/v1/orders", order);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body).toEqual(first.body);
    const other = { ...order, lines: [{ lineId: "1", sku: "ORD-A", quantity: 4 }] };
    expectProblem(await service.call("POST", "/v1/orders", other), 409, "order-line-conflict");

    const at = "/v1/orders/web/SO%2F1";
    const fulfilled = await service.call(
      "POST",
      `${at}/fulfil`,
      { lines: [{ lineId: "1", quantity: 2 }] },
      key(),
    );
    expect(fulfilled.body.skus).toMatchObject([
      { sku: "ORD-A", status: "fulfilled", lines: [{ quantity: 2 }] },
    ]);
    const cancelled = await service.call("POST", `${at}/cancel`, {}, key());
    expect(cancelled.status).toBe(200);
    expect((await service.call("GET", "/v1/skus/ORD-A")).body).toMatchObject({
      onHand: 8,
      committed: 0,
      available: 8,
    });
    expect((await service.call("GET", "/v1/skus/ORD-B")).body).toMatchObject({
      onHand: 1,
      committed: 0,
      available: 1,
    });
  });

  it("lets a committed reservation be cancelled by its order number", async () => {
    await service.count("COMMIT", 2);
    const held = await service.call(
      "POST",
      "/v1/reservations",
      { lines: [{ sku: "COMMIT", quantity: 2 }], ttlSeconds: 60 },
      key(),
    );
    const commit = { channel: "web", orderId: "C-1", lines: [{ sku: "COMMIT", quantity: 1 }] };
    const committed = await service.call("POST", `/v1/reservations/${held.body.id}/commit`, commit, key());
    expect(committed.body).toMatchObject({
      status: "committed",
      stock: { committed: 1, reserved: 0, available: 1 },
    });
    const again = await service.call("POST", `/v1/reservations/${held.body.id}/commit`, commit, key());
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    const cancelled = await service.call("POST", "/v1/orders/web/C-1/cancel", {}, key());
    expect(cancelled.body.skus).toMatchObject([{ sku: "COMMIT", status: "cancelled" }]);
    expect((await service.call("GET", "/v1/skus/COMMIT")).body.available).toBe(2);
  });

  it("lets a key do what its scopes say, until it is revoked", async () => {
    const made = await service.call("POST", "/v1/keys", { name: "reader", scopes: ["stock:read"] });
    expect(made.status).toBe(201);
    const auth = { authorization: `Bearer ${made.body.key}` };
    expect((await service.call("GET", "/v1/skus", undefined, auth)).status).toBe(200);
    expectProblem(
      await service.call("POST", "/v1/keys", { name: "x", scopes: ["admin"] }, auth),
      403,
      "forbidden",
    );
    expectProblem(await service.call("GET", "/v1/channels", undefined, auth), 403, "forbidden");
    const listed = await service.call("GET", "/v1/keys");
    expect(JSON.stringify(listed.body)).not.toContain(made.body.key);
    expect((await service.call("DELETE", `/v1/keys/${made.body.id}`)).status).toBe(204);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect((await service.call("GET", "/v1/skus", undefined, auth)).status).toBe(401);
  });

  it("describes itself", async () => {
    const document = await service.call("GET", "/openapi.json");
    expect(document.body.openapi).toMatch(/^3\.1/);
    expect(Object.keys(document.body.paths)).toContain("/v1/skus/{sku}/adjustments");
    expect((await fetch(`${service.url}/docs`)).headers.get("content-type")).toContain("text/html");
    expect((await service.call("GET", "/healthz")).body).toEqual({ status: "ok" });
  });

  it("shows a watcher the present view, then every change", async () => {
    await service.count("WATCH", 3);
    const socket = new WebSocket(`${service.url.replace("http", "ws")}/v1/skus/WATCH/live`, {
      headers: { authorization: `Bearer ${adminKey}` },
    } as unknown as string[]);
    const messages: { type: string; stock: { available: number } }[] = [];
    const texts: string[] = [];
    socket.addEventListener("message", ({ data }) => {
      if (data === "pong") texts.push(data);
      else messages.push(JSON.parse(String(data)));
    });
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    socket.send("ping");
    await service.count("WATCH", 9);
    const until = Date.now() + 10_000;
    while ((messages.length < 2 || texts.length < 1) && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    socket.close();
    expect(messages.map((message) => message.stock.available)).toEqual([3, 9]);
    expect(texts).toEqual(["pong"]);
  });
});
