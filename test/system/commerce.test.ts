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

describe("/llms.txt", () => {
  it("leads a language model to addresses that are there, without a key", async () => {
    const response = await fetch(`${service.url}/llms.txt`);
    expect(response.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    const text = await response.text();
    expect(text).toMatch(/^# Stockwire\n\n> /);
    const addresses = [...text.matchAll(/\]\((\S+?)\)/g)].map(([, address = ""]) => new URL(address));
    const documents = addresses.filter(({ pathname }) => !pathname.startsWith("/v1/"));
    expect(documents.length).toBeGreaterThanOrEqual(3);
    for (const address of documents)
      expect([address.href, (await fetch(address)).status]).toEqual([address.href, 200]);
    for (const { pathname } of addresses.filter((address) => !documents.includes(address))) {
      // 401: there is something, and it asks for a key.
      expect([pathname, (await fetch(service.url + pathname, { method: "POST" })).status]).toEqual([
        pathname,
        401,
      ]);
    }
  });
});
