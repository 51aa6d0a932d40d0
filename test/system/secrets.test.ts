import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { readFile, stat } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Canary, filesUnder, saidIn, sha256Hex } from "./leaks.ts";
import { adminKey, eventually, Service } from "./service.ts";

/**
 * A shop that answers every request with an error that repeats what it was sent, as debug pages do. Anything it is told
 * comes back in "the channel's own words".
 */
let shop: Server;
let shopUrl: string;
let service: Service;

const canaries: Canary[] = [];
const answers: { asked: string; status: number; text: string }[] = [];
const echoed: string[] = [];

/** A secret that nothing else looks like. */
function canary(name: string, look: (random: string) => string = (random) => `canary${random}`): string {
  const secret = look(crypto.randomUUID().replaceAll("-", ""));
  canaries.push({ name, secret });
  return secret;
}

const kinds = (url: string) => ({
  webhook: { settings: { url: `${url}/stock` } },
  acp: { settings: { url: `${url}/v1`, feedId: "feed" }, credentials: { token: canary("acp token") } },
  amazon: {
    settings: {
      region: "na",
      sellerId: "A3TH9S8BH6GOGM",
      marketplaceId: "ATVPDKIKX0DER",
      queueUrl: `${url}/123456789012/orders`,
      apiUrl: url,
      waitSeconds: 0,
      pollEverySeconds: 1,
    },
    credentials: {
      clientId: "amazon-client",
      clientSecret: canary("amazon client secret"),
      refreshToken: canary("amazon refresh token"),
      awsAccessKeyId: "AKIAEXAMPLE",
      awsSecretAccessKey: canary("amazon AWS secret"),
    },
  },
  ebay: {
    settings: { apiUrl: url, endpointUrl: `${url}/ebay`, pollEverySeconds: 10 },
    credentials: {
      clientId: "ebay-client",
      clientSecret: canary("ebay client secret"),
      refreshToken: canary("ebay refresh token"),
      verificationToken: canary("ebay verification token"),
    },
  },
  medusa: {
    settings: { url, locationId: "sloc_1" },
    credentials: { secretApiKey: canary("medusa API key", (random) => `sk_${random}`) },
  },
  "medusa by password": {
    settings: { url, locationId: "sloc_1" },
    credentials: { email: "admin@shop.example", password: canary("medusa password") },
  },
  shopify: {
    settings: { shop: "canary.myshopify.com", locationId: "1", apiUrl: url },
    credentials: {
      accessToken: canary("shopify access token", (random) => `shpat_${random}`),
      clientSecret: canary("shopify client secret"),
    },
  },
  "shopify by app": {
    settings: { shop: "canary.myshopify.com", locationId: "1", apiUrl: url },
    credentials: {
      clientId: "shopify-client",
      clientSecret: canary("shopify app secret"),
      refreshToken: canary("shopify refresh token"),
    },
  },
  stripe: {
    settings: {},
    credentials: {
      hookSecret: canary("stripe hook secret", (random) => `whsec_${random}`),
      webhookSecret: canary("stripe webhook secret", (random) => `whsec_${random}`),
    },
  },
  vendure: {
    settings: { url: `${url}/admin-api`, stockLocationId: "1" },
    credentials: { apiKey: canary("vendure API key") },
  },
  "vendure by password": {
    settings: { url: `${url}/admin-api`, stockLocationId: "1" },
    credentials: { username: "superadmin", password: canary("vendure password") },
  },
  woocommerce: {
    settings: { url },
    credentials: {
      consumerKey: canary("woocommerce consumer key", (random) => `ck_${random}`),
      consumerSecret: canary("woocommerce consumer secret", (random) => `cs_${random}`),
      webhookSecret: canary("woocommerce webhook secret"),
    },
  },
});

const externals: Readonly<Record<string, unknown>> = {
  ebay: { offerId: "1" },
  shopify: { inventoryItemId: "1" },
  woocommerce: "1",
};

beforeAll(async () => {
  shop = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const debug = JSON.stringify({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      echoed.push(debug);
      // The form and the status change, so that every way to read an error is gone.
      const status = [400, 401, 500, 403][echoed.length % 4] ?? 400;
      const json = JSON.stringify({ message: debug, errors: [{ message: debug }], error: debug });
      response.writeHead(status, { "content-type": "application/json" });
      response.end(echoed.length % 3 === 0 ? debug : json);
    })();
  });
  shop.listen(0, "127.0.0.1");
  await once(shop, "listening");
  shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  const env = { ADDRESS_RATE_LIMIT: "unlimited", FAILURE_RATE_LIMIT: "unlimited" };
  service = await Service.start(0, { env });
  canaries.push({ name: "the admin's key", secret: adminKey });
  canaries.push({ name: "the secrets key", secret: await secretsKey() });
});
afterAll(async () => {
  await service.remove();
  shop.closeAllConnections();
  shop.close();
});

const secretsKey = async () => (await readFile(join(service.dataDir, "secrets-key"), "utf8")).trim();

/** An answer that may not say a secret, whatever it is. */
async function ask(
  method: string,
  path: string,
  { key = adminKey, body, headers = {} }: { key?: string; body?: unknown; headers?: object } = {},
): Promise<number> {
  const response = await fetch(service.url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = `${JSON.stringify([...response.headers])}\n${await response.text()}`;
  answers.push({ asked: `${method} ${path.replace(/\?.*/, "")}`, status: response.status, text });
  return response.status;
}

/** Makes what is a secret: the one answer that shows it. */
async function make(path: string, body: object, name: string, field: string): Promise<string> {
  const answer = await service.call("POST", path, body);
  expect(answer.status).toBe(201);
  const secret = String(answer.body[field]);
  canaries.push({ name, secret });
  return secret;
}

it("says none of the secrets it was given, whatever succeeds or fails", async () => {
  const write = await make("/v1/keys", { name: "w", scopes: ["stock:write"] }, "an API key", "key");
  const holder = await make("/v1/keys", { name: "h", scopes: ["stock:hold"] }, "an agent's key", "key");
  const revoked = await make("/v1/keys", { name: "r", scopes: ["admin"] }, "a revoked key", "key");
  const ticket = await make("/v1/tickets", {}, "a ticket", "ticket");
  const keys = await service.call("GET", "/v1/keys");
  const old = keys.body.items.find(({ name }: { name: string }) => name === "r");
  expect(await ask("DELETE", `/v1/keys/${old.id}`)).toBe(204);

  await connectAll();
  await use(write, holder, revoked, ticket);
  await failAll();
  await hearEverything();
  await readEverything();

  // Both ends of the test: the shop did say secrets, and what is no secret is found where it is looked for.
  expect(saidIn(echoed.join(), canaries)).toEqual(
    expect.arrayContaining(["acp token", "medusa API key", "woocommerce consumer secret"]),
  );
  for (const { asked, status, text } of answers)
    expect({ asked, status, says: saidIn(text, canaries) }).toEqual({ asked, status, says: [] });
  expect(answers.map(({ text }) => text).join()).toContain("a reference that may be seen");

  await service.stop();
  expect(service.written).toContain("listing.failed");
  expect(saidIn(service.written, canaries)).toEqual([]);

  const secretFiles = ["secrets-key"];
  const files = await filesUnder(service.dataDir);
  const open = files.filter(({ name }) => !secretFiles.includes(name));
  for (const { name, bytes } of open)
    expect({ name, says: saidIn(bytes, canaries) }).toEqual({ name, says: [] });
  const found = (text: string) => open.filter(({ bytes }) => bytes.includes(text)).length;
  expect(found(sha256Hex(write))).toBeGreaterThan(0);
  // In the ledger of the object, and in that of D1.
  expect(found("a reference that may be seen")).toBeGreaterThan(1);
  for (const name of secretFiles) expect((await stat(join(service.dataDir, name))).mode & 0o077).toBe(0);
});

/** A channel of each kind, with its secrets; and each once more with what does not fit. */
async function connectAll(): Promise<void> {
  const all = kinds(shopUrl);
  const known = (await service.call("GET", "/v1/channel-kinds")).body.items as { kind: string }[];
  const given = new Set(Object.keys(all).map((name) => name.split(" ")[0]));
  expect([...given].toSorted()).toEqual(known.map(({ kind }) => kind).toSorted());
  for (const [name, config] of Object.entries(all)) {
    const [kind = ""] = name.split(" ");
    const id = name.replaceAll(" ", "-");
    const body = { kind, listings: "all", ...config };
    const created = await service.call("PUT", `/v1/channels/${id}`, body);
    expect({ name, status: created.status, body: created.body }).toMatchObject({ name, status: 201 });
    canaries.push({ name: `signing secret of ${name}`, secret: created.body.signingSecret });
    // Those that were replaced are still kept, and as secret.
    const renewed = await service.call("POST", `/v1/channels/${id}/signing-secret`, {});
    canaries.push({ name: `second signing secret of ${name}`, secret: renewed.body.signingSecret });
    expect(await ask("PUT", `/v1/channels/${id}`, { body: { ...body, overlapSeconds: 600 } })).toBe(200);
    if (!("credentials" in body)) continue;
    const { credentials } = body;
    const misplaced = [
      { ...body, settings: { ...body.settings, ...credentials } },
      { ...body, settings: credentials },
      { ...body, credentials: { ...credentials, unknown: Object.values(credentials)[0] } },
      { ...body, credentials: Object.values(credentials) },
      { ...body, kind: Object.values(credentials)[0] },
      { ...body, listings: Object.values(credentials)[0] },
      { ...body, credentials: Object.values(credentials)[0] },
    ];
    for (const wrong of misplaced)
      expect(await ask("PUT", `/v1/channels/${id}-2`, { body: wrong })).toBeGreaterThanOrEqual(400);
    await ask("PUT", `/v1/channels/${id}-2`, { body: `{"credentials": ${JSON.stringify(credentials)}` });
  }
}

async function use(write: string, holder: string, revoked: string, ticket: string): Promise<void> {
  const reference = "a reference that may be seen";
  const change = (key: string, body: object) =>
    ask("POST", "/v1/skus/CANARY/adjustments", {
      key,
      body,
      headers: { "idempotency-key": crypto.randomUUID() },
    });
  await service.count("CANARY", 10);
  expect(await change(write, { delta: -1, reason: "sold", reference })).toBe(200);
  expect(await change(write, { delta: -1_000, reason: "sold", reference })).toBe(409);
  expect(await change(write, { delta: "x" })).toBe(400);
  for (const key of [holder, revoked, ticket, `${write}x`]) await change(key, { delta: -1, reason: "sold" });
  const holding = { lines: [{ sku: "CANARY", quantity: 1 }], ttlSeconds: 60 };
  const fresh = { "idempotency-key": crypto.randomUUID() };
  expect(await ask("POST", "/v1/reservations", { key: holder, body: holding, headers: fresh })).toBe(201);
  await ask("GET", `/v1/skus/CANARY/live?key=${write}`);
  await ask("GET", `/v1/live?sku=CANARY&key=${adminKey}`);
  await ask("GET", `/v1/skus?ticket=${ticket}`);
  await ask("POST", "/mcp", { key: holder, body: { jsonrpc: "2.0", id: 1, method: "tools/list" } });
}

/** Everything a channel can be asked fails in the shop's words, which say what it was sent. */
async function failAll(): Promise<void> {
  for (const name of Object.keys(kinds(shopUrl)).map((text) => text.replaceAll(" ", "-"))) {
    const [kind = ""] = name.split("-");
    const external = externals[kind];
    await ask("PUT", `/v1/channels/${name}/listings/CANARY`, {
      body: external === undefined ? {} : { external },
    });
    await ask("POST", `/v1/channels/${name}/test`, { body: {} });
    await ask("POST", `/v1/channels/${name}/reconcile`, { body: {} });
    await ask("POST", `/v1/channels/${name}/listings/import`, { body: {} });
    await ask("POST", `/v1/channels/${name}/retry`, { body: {} });
    for (const headers of forged)
      await ask("POST", `/v1/channels/${name}/inbound`, { body: { id: 1 }, headers });
    await ask("GET", `/v1/channels/${name}/inbound?challenge_code=x`);
  }
  // Until each of them has failed at least once.
  await eventually(async () => {
    const { body } = await service.call("GET", "/v1/channels");
    const states = body.items as {
      kind: string;
      lastFailure?: unknown;
      inbound?: { lastAskFailure?: unknown };
    }[];
    // Stripe is called by nobody: it calls.
    const callers = states.filter(({ kind }) => kind !== "stripe");
    const silent = callers.filter((state) => !state.lastFailure && !state.inbound?.lastAskFailure);
    return silent.length === 0 || undefined;
  });
}

const forged = [
  {},
  { "x-shopify-hmac-sha256": "AAAA", "x-shopify-topic": "orders/create" },
  { "x-wc-webhook-signature": "AAAA", "x-wc-webhook-topic": "order.created" },
  { "x-ebay-signature": Buffer.from('{"alg":"ecdsa","kid":"k","signature":"AAAA"}').toString("base64") },
];

async function hearEverything(): Promise<void> {
  const headers = { authorization: `Bearer ${adminKey}` };
  const socket = new WebSocket(`${service.url.replace("http", "ws")}/v1/live`, {
    headers,
  } as unknown as string[]);
  await once(socket, "open");
  const heard: string[] = [];
  socket.addEventListener("message", ({ data }) => heard.push(String(data)));
  socket.send(JSON.stringify({ type: "subscribe", skus: ["*"] }));
  socket.send(JSON.stringify({ type: "subscribe", skus: ["CANARY"] }));
  socket.send("{");
  await eventually(async () => heard.some((text) => text.includes("subscribed")) || undefined);
  await service.count("CANARY", 7);
  await eventually(async () => heard.some((text) => text.includes("stock.counted")) || undefined);
  socket.close();
  answers.push({ asked: "a socket", status: 101, text: heard.join("\n") });
}

/** Every list and every report there is. */
async function readEverything(): Promise<void> {
  const { body } = await service.call("GET", "/v1/channels");
  const ids = (body.items as { id: string }[]).map(({ id }) => id);
  const perChannel = ["", "/settings", "/lag", "/drift", "/import", "/listings", "/inbox"];
  const paths = [
    ...ids.flatMap((id) => perChannel.map((part) => `/v1/channels/${id}${part}`)),
    ..."/v1/channels /v1/channel-kinds /v1/skus /v1/skus/CANARY /v1/skus/CANARY/channels".split(" "),
    ..."/v1/ledger /v1/skus/CANARY/ledger /v1/skus/CANARY/history /v1/skus/CANARY/audit".split(" "),
    ..."/v1/skus/CANARY/reservations /v1/oversells /v1/unmatched /v1/dead-letters /v1/keys".split(" "),
    ..."/v1/keys/current /metrics /healthz /openapi.json /nothing/here".split(" "),
  ];
  for (const path of paths) await ask("GET", path);
  const failed = answers.filter(({ status }) => status >= 500);
  expect(failed).toEqual([]);
}
