import { expect, test } from "vitest";
import {
  ConflictError,
  type Fetch,
  InsufficientStockError,
  NoAnswerError,
  StockwireClient,
  StockwireError,
  UnavailableError,
  UnexpectedAnswerError,
  VersionMismatchError,
} from "../../../src/client/index.ts";
import { problem, ScriptedFetch, type Step } from "./scripted-fetch.ts";

const backoff = { baseMs: 1, maxMs: 2 };

function clientOf(...script: readonly Step[]) {
  const service = new ScriptedFetch(...script);
  const options = { url: "https://stock.example/", key: "swk_test", fetch: service.fetch, backoff };
  return { service, client: new StockwireClient(options) };
}

const sold = { delta: -1, reason: "sold" } as const;
const answer = { stock: { sku: "A", available: 4 } };

test("a lost answer and a 5xx are asked for again with the same key, which every call has of its own", async () => {
  const { client, service } = clientOf("lost", problem("unavailable", 503), { status: 200, body: answer });
  expect(await client.stock.adjust("A/ü", sold)).toEqual(answer);
  await client.stock.adjust("A/ü", sold);
  const keys = service.sent.map(({ headers }) => headers["idempotency-key"]);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(keys.slice(0, 3)).size).toBe(1);
  expect(keys[3]).not.toBe(keys[0]);
  expect(service.sent[0]).toMatchObject({
    method: "POST",
    url: "https://stock.example/v1/skus/A%2F%C3%BC/adjustments",
    headers: { authorization: "Bearer swk_test", "content-type": "application/json" },
    body: sold,
  });
});

test("a key of the caller's own is sent as it is", async () => {
  const { client, service } = clientOf({ status: 200, body: answer });
  await client.stock.adjust("A", sold, { idempotencyKey: "order-7", ifMatch: { epoch: "k3v9", version: 4 } });
  expect(service.sent[0]?.headers).toMatchObject({ "idempotency-key": "order-7", "if-match": '"k3v9.4"' });
});

test("a refusal is asked for once, and says what it is", async () => {
  const lines = [{ sku: "A", requested: 5, available: 3 }];
  const { client, service } = clientOf(
    problem("insufficient-stock", 409, { detail: "ask for fewer", lines }),
  );
  const refused = await client.stock.adjust("A", sold).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(InsufficientStockError);
  expect(refused).toBeInstanceOf(ConflictError);
  expect(refused).toMatchObject({
    name: "InsufficientStockError",
    message: "POST /v1/skus/A/adjustments: 409 insufficient-stock: ask for fewer",
    lines,
    status: 409,
    slug: "insufficient-stock",
    retryable: false,
    idempotencyKey: service.sent[0]?.headers["idempotency-key"],
  });
  expect(service.sent).toHaveLength(1);
});

test("a version that has moved on says where it is now", async () => {
  const { client } = clientOf(problem("version-mismatch", 412, { epoch: "k3v9", version: 43 }));
  const refused = await client.stock
    .count("A", { onHand: 3, ifMatch: { epoch: "k3v9", version: 42 } })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(VersionMismatchError);
  expect(refused).toMatchObject({ epoch: "k3v9", version: 43 });
});

test("a problem that this client has never heard of has the class of its status", async () => {
  const { client } = clientOf(problem("something-new", 409));
  await expect(client.stock.get("A")).rejects.toThrow(ConflictError);
});

test("making a key is never repeated when it may have been made", async () => {
  for (const step of ["lost", problem("unavailable", 503)] as const) {
    const { client, service } = clientOf(step, { status: 201, body: {} });
    const key = { name: "till", scopes: ["stock:read"] } as const;
    await expect(client.keys.create(key)).rejects.toMatchObject({ retryable: false, attempts: 1 });
    expect(service.sent).toHaveLength(1);
  }
});

test("making a key is repeated when it was turned away for its pace", async () => {
  const { client, service } = clientOf(
    { status: 429, retryAfter: "0" },
    { status: 201, body: { key: "swk_1" } },
  );
  await client.keys.create({ name: "till", scopes: ["stock:read"] });
  expect(service.sent).toHaveLength(2);
});

test("a removal whose answer was lost is done if nothing is there any more", async () => {
  const gone = clientOf("lost", problem("channel-not-found", 404));
  await expect(gone.client.channels.remove("shop")).resolves.toBeUndefined();
  const never = clientOf(problem("channel-not-found", 404));
  await expect(never.client.channels.remove("shop")).rejects.toMatchObject({ slug: "channel-not-found" });
});

test("a retirement that finds no SKU says so, also after a lost answer: its own would have been replayed", async () => {
  const { client } = clientOf("lost", problem("sku-not-found", 404));
  await expect(client.stock.retire("A")).rejects.toMatchObject({ slug: "sku-not-found" });
});

test("it gives up at the deadline, with the last failure, which may be repeated", async () => {
  const { client, service } = clientOf(problem("unavailable", 503));
  const failed = await client.stock.get("A", { deadlineMs: 20 }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(UnavailableError);
  expect(failed).toMatchObject({ retryable: true, attempts: service.sent.length });
  const lost = clientOf("lost");
  await expect(lost.client.stock.get("A", { deadlineMs: 20 })).rejects.toThrow(NoAnswerError);
});

test("it does not wait for a Retry-After that lies behind the deadline", async () => {
  const { client, service } = clientOf({ ...problem("unavailable", 503), retryAfter: "3600" });
  await expect(client.stock.get("A")).rejects.toThrow(UnavailableError);
  expect(service.sent).toHaveLength(1);
});

test("an attempt that hangs is given up, and the next one is made", async () => {
  let attempts = 0;
  const hanging: Fetch = (_, { signal }) => {
    attempts += 1;
    if (attempts > 1) return Promise.resolve(Response.json(answer));
    return new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
    });
  };
  const client = new StockwireClient({ url: "https://stock.example", fetch: hanging, backoff });
  expect(await client.stock.adjust("A", sold, { attemptTimeoutMs: 5 })).toEqual(answer);
  expect(attempts).toBe(2);
});

test("a signal ends a call with its own reason, while it is sent and while it waits", async () => {
  const reason = new Error("closing time");
  const { client, service } = clientOf("lost");
  await expect(client.stock.get("A", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(service.sent).toHaveLength(0);
  const controller = new AbortController();
  const waiting = clientOf({ ...problem("unavailable", 503), retryAfter: "30" });
  const call = waiting.client.stock.get("A", { signal: controller.signal });
  queueMicrotask(() => setTimeout(() => controller.abort(reason), 5));
  await expect(call).rejects.toBe(reason);
});

test("an answer that is not the service's is shown", async () => {
  const page: Fetch = () => Promise.resolve(new Response("<h1>Log in</h1>", { status: 200 }));
  const client = new StockwireClient({ url: "https://stock.example", fetch: page });
  const failed = await client.stock.get("A").catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(UnexpectedAnswerError);
  expect(String(failed)).toContain("<h1>Log in</h1>");
  const blocked = clientOf({ status: 403, body: "no" });
  await expect(blocked.client.stock.get("A")).rejects.toThrow(UnexpectedAnswerError);
});

test("what cannot stand in a path is refused before anything is sent", async () => {
  const { client, service } = clientOf({ status: 200, body: {} });
  await expect(client.stock.retire("..")).rejects.toThrow(TypeError);
  expect(service.sent).toHaveLength(0);
  expect(() => new StockwireClient({ url: "stock.example" })).toThrow(TypeError);
});

test("pages are read as far as the reader goes", async () => {
  const { client, service } = clientOf(
    { status: 200, body: { items: [{ sku: "A" }, { sku: "B" }], nextCursor: "b", asOf: "then" } },
    { status: 200, body: { items: [{ sku: "C" }], asOf: "then" } },
  );
  const seen: string[] = [];
  for await (const { sku } of client.stock.list({ query: "tee" })) {
    seen.push(sku);
    if (sku === "B") break;
  }
  expect(service.sent.map(({ url }) => url)).toEqual(["https://stock.example/v1/skus?query=tee"]);
  for await (const { sku } of client.stock.list()) seen.push(sku);
  expect(seen).toEqual(["A", "B", "C"]);
});

test("any number of SKUs are read, in requests as large as the service takes", async () => {
  const page = { items: [], missing: ["x"], asOf: "2026-11-23T09:00:00.123Z" };
  const { client, service } = clientOf({ status: 200, body: page });
  const skus = Array.from({ length: 450 }, (_, index) => `S${index}`);
  const { missing } = await client.stock.availability(skus, { maxAgeSeconds: 5 });
  expect(service.sent.map(({ body }) => (body as { skus: string[] }).skus.length)).toEqual([200, 200, 50]);
  expect(missing).toHaveLength(3);
});

test("of a bulk request, what was unavailable is sent again, with its key, and the rest is not", async () => {
  const unavailable = { key: "b", sku: "B", status: 503 };
  const { client, service } = clientOf(
    { status: 200, body: { items: [{ key: "a", sku: "A", status: 200 }, unavailable] } },
    { status: 200, body: { items: [{ key: "b", sku: "B", status: 409 }] } },
  );
  const results = await client.stock.bulk([
    { key: "a", sku: "A", type: "adjust", delta: 1, reason: "found" },
    { key: "b", sku: "B", type: "adjust", delta: -1, reason: "sold" },
  ]);
  expect(results.map(({ status }) => status)).toEqual([200, 409]);
  const keys = service.sent.map(({ body }) =>
    (body as { items: { key: string }[] }).items.map(({ key }) => key),
  );
  expect(keys).toEqual([["a", "b"], ["b"]]);
});

test("304 is no news", async () => {
  const { client, service } = clientOf({ status: 304 });
  expect(await client.stock.getIfChanged("A", { epoch: "k3v9", version: 7 })).toBeUndefined();
  expect(service.sent[0]?.headers["if-none-match"]).toBe('"k3v9.7"');
});

test("every failure is a StockwireError", async () => {
  const { client } = clientOf(problem("unauthorized", 401));
  await expect(client.keys.list()).rejects.toBeInstanceOf(StockwireError);
});
