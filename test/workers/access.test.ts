import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../src/api/openapi-document.ts";
import { app } from "../../src/app.ts";
import { type Access, accessTable, allowedMethods } from "../../src/http/access.ts";
import { guard } from "../../src/http/guard.ts";
import { newRouter } from "../../src/http/openapi.ts";

/** Middleware is registered for all methods of a whole part of the paths; everything else is a route. */
const routes = new Set(
  app.routes
    .filter(({ method, path }) => method !== "ALL" || !path.endsWith("*"))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`),
);

const rowsOf = (wanted: (access: Access) => boolean) =>
  Object.entries(accessTable).flatMap(([route, access]) => (wanted(access) ? [route] : []));

describe("the access table", () => {
  it("has every route of the app, and none that is not there", () => {
    expect(Object.keys(accessTable).toSorted()).toEqual([...routes].toSorted());
  });

  it("opens these routes to anybody, and no other", () => {
    expect(rowsOf((access) => access === "public")).toEqual([
      "GET /healthz",
      "GET /openapi.json",
      "GET /asyncapi.json",
      "GET /docs",
      "GET /llms.txt",
      "GET /.well-known/oauth-protected-resource",
      "GET /.well-known/oauth-protected-resource/mcp",
      "POST /v1/leakage",
      "GET /.well-known/ucp",
      "GET /ucp/schemas/freshness.json",
      "GET /ucp/schemas/holds.json",
    ]);
    expect(rowsOf((access) => access === "signed")).toEqual([
      "GET /v1/channels/{id}/inbound",
      "POST /v1/channels/{id}/inbound",
    ]);
  });

  it("lets the keys of web pages show stock and watch it, and nothing else", () => {
    expect(rowsOf((access) => typeof access === "object" && access.inPages)).toEqual([
      "GET /v1/skus/{sku}",
      "POST /v1/availability",
      "GET /v1/live",
      "GET /v1/skus/{sku}/live",
      "POST /v1/tickets",
      "POST /ucp/v1/catalog/lookup",
      "POST /ucp/v1/catalog/product",
      "GET /v1/keys/current",
    ]);
  });

  it("lets nobody change anything with a scope to read", () => {
    const changing = rowsOf((access) => typeof access === "object" && access.scope === "stock:read").filter(
      (route) => !route.startsWith("GET "),
    );
    // They answer a question and keep nothing; each tool of MCP asks for the scope it needs.
    expect(changing).toEqual([
      "POST /v1/availability",
      "POST /v1/tickets",
      "ALL /mcp",
      "POST /ucp/v1/catalog/lookup",
      "POST /ucp/v1/catalog/product",
    ]);
  });

  it("names the methods of a path", () => {
    expect(allowedMethods("/v1/skus/A%2FB")).toEqual(["DELETE", "GET", "PUT"]);
    expect(allowedMethods("/v1/skus/A/B")).toEqual([]);
  });
});

describe("the OpenAPI document", () => {
  it("describes every route under /v1, with the scope that the table asks for", () => {
    const { paths = {} } = openApiDocument(app);
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, { security?: object[]; description?: string }>).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
    );
    expect(described.map(([route]) => route)).toEqual(
      expect.arrayContaining([...routes].filter((route) => route.includes(" /v1/"))),
    );
    for (const [route, { security, description }] of described) {
      const access = accessTable[route];
      const isKeyed = typeof access === "object";
      expect({ route, security: security?.[0] }).toEqual({
        route,
        security: isKeyed ? { apiKey: access.scope === undefined ? [] : [access.scope] } : undefined,
      });
      if (isKeyed) expect(description).toContain(access.scope ?? "Any key will do");
    }
  });
});

describe("the guard", () => {
  it("does not let a route serve that the table does not know", async () => {
    const forgetful = newRouter();
    forgetful.use(guard);
    forgetful.get("/v1/forgotten", (c) => c.text("secret"));
    forgetful.all("/everything/*", (c) => c.text("secret"));
    forgetful.get("/healthz", (c) => c.text("well"));
    forgetful.notFound((c) => c.text("nothing here", 404));
    expect(await (await forgetful.request("/v1/forgotten")).text()).toBe("nothing here");
    expect((await forgetful.request("/v1/forgotten", { method: "HEAD" })).status).toBe(404);
    expect(await (await forgetful.request("/everything/at/all")).text()).toBe("nothing here");
    expect(await (await forgetful.request("/healthz", {}, env)).text()).toBe("well");
  });
});
