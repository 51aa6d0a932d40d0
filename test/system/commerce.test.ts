import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Service } from "./service.ts";

let service: Service;
const key = () => ({ "idempotency-key": crypto.randomUUID() });

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service.remove();
});

describe("a SKU asked for as JSON-LD", () => {
  const path = "/v1/skus/TEE-BLK-M";
  const read = (headers: Record<string, string>) => service.call("GET", path, undefined, headers);

  it("is a Product with its Offer, as new as the stock itself, and changes with it", async () => {
    await service.count("TEE-BLK-M", 12);
    const price = { amount: 1999, currency: "EUR" };
    await service.call("PUT", path, { title: "Tee </script>", lowStockAt: 2, price }, key());
    const { status, headers, body } = await read({ accept: "application/ld+json" });
    expect([status, headers.get("content-type"), headers.get("vary"), headers.get("age")]).toEqual([
      200,
      "application/ld+json",
      "Accept",
      "0",
    ]);
    expect(headers.get("stockwire-source")).toBe("object");
    expect(body).toMatchObject({
      "@type": "Product",
      "@id": `${service.url}${path}`,
      sku: "TEE-BLK-M",
      name: "Tee </script>",
      offers: { availability: "https://schema.org/InStock", inventoryLevel: { value: 12 }, price: "19.99" },
    });
    const hold = { lines: [{ sku: "TEE-BLK-M", quantity: 10 }], ttlSeconds: 60 };
    expect((await service.call("POST", "/v1/reservations", hold, key())).status).toBe(201);
    expect((await read({ accept: "application/ld+json" })).body.offers).toMatchObject({
      availability: "https://schema.org/LimitedAvailability",
      inventoryLevel: { value: 2 },
    });
  });

  it("is the stock itself for whoever does not ask for it, and 304 for whoever has it", async () => {
    const plain = await read({ accept: "*/*" });
    expect(plain.headers.get("content-type")).toContain("application/json");
    expect(plain.body).toMatchObject({ sku: "TEE-BLK-M", price: { amount: 1999, currency: "EUR" } });
    const preferred = "application/json;q=0.5, application/ld+json";
    const { headers } = await read({ accept: preferred });
    expect(headers.get("etag")).toBe(`W/${plain.headers.get("etag")}`);
    const response = await fetch(service.url + path, {
      headers: {
        authorization: "Bearer system-test-admin-key",
        accept: preferred,
        "if-none-match": headers.get("etag") ?? "",
      },
    });
    expect([response.status, response.headers.get("vary")]).toEqual([304, "Accept"]);
  });

  it("is as old as was allowed, and says so", async () => {
    const bounded = { accept: "application/ld+json", "cache-control": "max-age=60" };
    await read(bounded);
    const { headers, body } = await read(bounded);
    expect(headers.get("stockwire-source")).toBe("feed");
    expect(Number(headers.get("age"))).toBeLessThanOrEqual(60);
    expect(Date.parse(body.subjectOf.dateModified)).toBeGreaterThan(Date.now() - 61_000);
  });
});

describe("the UCP profile", () => {
  it("is served to anybody, to be kept, and leads to schemas that are served too", async () => {
    const address = `${service.url}/.well-known/ucp`;
    const response = await fetch(address);
    const { ucp } = (await response.json()) as {
      ucp: {
        capabilities: Record<string, { schema: string }[]>;
        services: Record<string, { endpoint: string }[]>;
      };
    };
    expect(response.headers.get("cache-control")).toMatch(/^public, max-age=\d{2,}$/);
    const again = await fetch(address, { headers: { "if-none-match": response.headers.get("etag") ?? "" } });
    expect(again.status).toBe(304);
    expect(ucp.services["dev.ucp.shopping"]?.[0]?.endpoint).toBe(`${service.url}/ucp/v1`);
    const own = Object.values(ucp.capabilities)
      .map(([entry]) => entry?.schema ?? "")
      .filter((schema) => schema.startsWith(service.url));
    expect(own).toHaveLength(2);
    for (const schema of own) expect(await (await fetch(schema)).json()).toMatchObject({ $id: schema });
  });
});

describe("UCP catalog lookup", () => {
  const lookup = (body: object, headers: Record<string, string> = {}) =>
    service.call("POST", "/ucp/v1/catalog/lookup", body, headers);

  it("answers from the SKU itself, and near by to whoever takes an older number", async () => {
    const fresh = await lookup({ ids: ["TEE-BLK-M", "TEE-BLK-M", "NO SUCH", " \n"] });
    expect(fresh.body.products).toHaveLength(1);
    const [variant] = fresh.body.products[0].variants;
    expect(variant).toMatchObject({
      price: { amount: 1999, currency: "EUR" },
      inputs: [{ id: "TEE-BLK-M" }],
    });
    expect(variant["localhost.stockwire.freshness"]).toMatchObject({ source: "object", max_age_seconds: 0 });
    expect(fresh.body.messages).toHaveLength(2);
    const near = await lookup({ ids: ["TEE-BLK-M"] }, { "cache-control": "max-age=60" });
    expect(near.body.products[0].variants[0]["localhost.stockwire.freshness"]).toMatchObject({
      source: "feed",
    });
    const one = await service.call("POST", "/ucp/v1/catalog/product", { id: "TEE-BLK-M" });
    expect(one.body.product.variants[0].sku).toBe("TEE-BLK-M");
  });

  it("says what is wrong with a request in UCP's words and ours", async () => {
    const many = await lookup({ ids: Array.from({ length: 201 }, (_, index) => `S${index}`) });
    expect([many.status, many.body.code]).toEqual([400, "request_too_large"]);
    const agent = await lookup({ ids: ["TEE-BLK-M"] }, { "ucp-agent": 'profile="nowhere"' });
    expect([agent.status, agent.body.code]).toEqual([400, "invalid_profile_url"]);
    const profile = { "ucp-agent": 'v=1, profile="https://platform.example/profile.json"' };
    expect((await lookup({ ids: ["TEE-BLK-M"] }, profile)).status).toBe(200);
    const stranger = await fetch(`${service.url}/ucp/v1/catalog/lookup`, { method: "POST" });
    expect([stranger.status, await stranger.json()]).toMatchObject([
      401,
      { code: "unauthorized", content: expect.any(String) },
    ]);
  });
});

describe("UCP holds", () => {
  const at = "/ucp/v1/holds";
  const line = (id: string, quantity: number) => ({ item: { id }, quantity });
  const create = (lines: object[], headers = key()) =>
    service.call("POST", at, { line_items: lines, expires_in_seconds: 60 }, headers);
  const availableOf = async (sku: string) => (await service.call("GET", `/v1/skus/${sku}`)).body.available;

  it("are made once for a key, extended, and become an order or are free again", async () => {
    await service.count("UCP-A", 5);
    const headers = key();
    const held = await create([line("UCP-A", 2)], headers);
    expect([held.status, held.body.status]).toEqual([201, "active"]);
    const repeated = await create([line("UCP-A", 2)], headers);
    expect([repeated.status, repeated.body.id]).toEqual([201, held.body.id]);
    expect(repeated.headers.get("idempotent-replayed")).toBe("true");
    const other = await create([line("UCP-A", 3)], headers);
    expect([other.status, other.body.code]).toEqual([409, "idempotency_key_reused"]);
    expect(await availableOf("UCP-A")).toBe(3);

    const { id } = held.body;
    const extended = await service.call("POST", `${at}/${id}/extend`, { expires_in_seconds: 600 }, key());
    expect(extended.body).toMatchObject({
      status: "active",
      line_items: [{ item: { id: "UCP-A" }, quantity: 2 }],
    });
    expect(Date.parse(extended.body.expires_at)).toBeGreaterThan(Date.parse(held.body.expires_at));
    const committed = await service.call("POST", `${at}/${id}/commit`, {}, key());
    expect(committed.body).toMatchObject({ status: "committed", order: { id, channel: "agent" } });
    expect((await service.call("GET", `${at}/${id}`)).body.status).toBe("committed");
    expect(await availableOf("UCP-A")).toBe(3);

    const second = await create([line("UCP-A", 3)]);
    const released = await service.call("POST", `${at}/${second.body.id}/release`, {}, key());
    expect(released.body.status).toBe("released");
    expect(await availableOf("UCP-A")).toBe(3);
    const late = await service.call("POST", `${at}/${second.body.id}/commit`, {}, key());
    expect([late.status, late.body.ucp.status, late.body.messages[0].code]).toEqual([
      200,
      "error",
      "hold_ended",
    ]);
  });

  it("that are more than there is are refused with the numbers, all lines or none", async () => {
    await service.count("UCP-B", 1);
    const refused = await create([line("UCP-A", 1), line("UCP-B", 2), line("NO SUCH", 1)]);
    expect([refused.status, refused.body.ucp.status]).toEqual([200, "error"]);
    const short = await create([line("UCP-A", 1), line("UCP-B", 2)]);
    expect(short.body.messages).toMatchObject([
      {
        code: "insufficient_stock",
        path: "$.line_items[1]",
        "localhost.stockwire.holds": { requested: 2, available: 1 },
      },
    ]);
    expect(await availableOf("UCP-A")).toBe(3);
  });

  it("of an agent are its own, and within its allowance", async () => {
    const scopes = ["stock:hold"];
    const { key: secret } = (await service.call("POST", "/v1/keys", { name: "agent", scopes })).body;
    const asAgent = { authorization: `Bearer ${secret}` };
    const mine = await create([line("UCP-A", 1)], { ...key(), ...asAgent });
    expect(mine.status).toBe(201);
    await service.count("UCP-C", 100);
    const greedy = await create([line("UCP-C", 20)], { ...key(), ...asAgent });
    expect(greedy.body.messages).toMatchObject([
      { code: "hold_limit_exceeded", "localhost.stockwire.holds": { cap: "units", limit: 20, used: 1 } },
    ]);
    const theirs = await create([line("UCP-A", 1)]);
    const foreign = await service.call("GET", `${at}/${theirs.body.id}`, undefined, asAgent);
    expect([foreign.status, foreign.body.messages[0].code]).toEqual([200, "not_found"]);
  });
});

describe("/llms.txt", () => {
  it("leads a language model to addresses that are there, without a key", async () => {
    const response = await fetch(`${service.url}/llms.txt`);
    expect(response.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    const text = await response.text();
    expect(text).toMatch(/^# Stockwire\n\n> /);
    const addresses = [...text.matchAll(/\]\((\S+?)\)/g)].map(([, address = ""]) => new URL(address));
    const documents = addresses.filter(({ pathname }) => !/^\/(?:ucp\/)?v1\/|^\/mcp$/.test(pathname));
    expect(documents.length).toBeGreaterThanOrEqual(4);
    for (const address of documents)
      expect([address.href, (await fetch(address)).status]).toEqual([address.href, 200]);
    for (const { pathname } of addresses.filter((address) => !documents.includes(address))) {
      const methods = ["GET", "POST"];
      const answers = methods.map(async (method) => (await fetch(service.url + pathname, { method })).status);
      // There is something, and it asks for a key.
      expect([pathname, await Promise.all(answers)]).toEqual([pathname, expect.arrayContaining([401])]);
    }
  });
});
