import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { app } from "../../src/app.ts";

const ask = async (url: string, init?: RequestInit) => app.request(url, init, env);

describe("every answer", () => {
  it.each([
    "https://stock.example/healthz",
    "https://stock.example/v1/skus/A",
    "https://stock.example/nothing",
    "https://stock.example/openapi.json",
  ])("to %s protects browsers from what it may be taken for", async (url) => {
    const { headers } = await ask(url);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get("strict-transport-security")).toMatch(/^max-age=\d+$/);
  });

  it("asks for TLS only where there is TLS", async () => {
    const { headers } = await ask("http://127.0.0.1/healthz");
    expect(headers.get("strict-transport-security")).toBeNull();
  });
});

describe("a body", () => {
  const send = async (body: string) =>
    ask("https://stock.example/v1/leakage", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });

  it("that is nested too deep is refused before anything walks through it", async () => {
    const response = await send(`${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining("levels deep") });
  });

  it.each([
    "application/ld+json",
    "application/x.y+json",
    "application/json;charset=utf-16",
    "application/problem+json",
  ])("of the type %s is read as JSON or refused as another type, and never a failure", async (type) => {
    const init = { method: "POST", headers: { "content-type": type, "content-length": "2" }, body: "{}" };
    const response = await ask("https://stock.example/v1/leakage", init);
    expect([400, 415]).toContain(response.status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });

  it("cannot give an object another prototype", async () => {
    const response = await send('{"__proto__":{"orders":1}}');
    expect(response.status).toBe(400);
    expect(({} as { orders?: number }).orders).toBeUndefined();
  });
});
