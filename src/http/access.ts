import type { Scope } from "../protocol/requests.ts";

/** A route for callers with an API key. */
export interface KeyAccess {
  /** What the key must be allowed to do, by itself or as part of more (`scopes.ts`); any key will do if there is none. */
  readonly scope?: Scope | undefined;
  /** Whether publishable keys will do too: what it answers is then for everybody who opens a page. */
  readonly inPages: boolean;
  /** Whether a publishable key or a ticket may stand in the address, for what browsers open without headers. */
  readonly inAddress: boolean;
}

/**
 * Who may use a route. `public`: anybody. `signed`: whoever signs the request in a way that the route itself verifies.
 */
export type Access = KeyAccess | "public" | "signed";

function needs(scope?: Scope): KeyAccess {
  return { scope, inPages: false, inAddress: false };
}

const reads = needs("stock:read");
const holds = needs("stock:hold");
const writes = needs("stock:write");
const manages = needs("channels:manage");
const measures = needs("metrics:read");
const administers = needs("admin");
/** What a page may show. */
const shows: KeyAccess = { ...reads, inPages: true };
const watches: KeyAccess = { ...shows, inAddress: true };
const anyKey: KeyAccess = { ...needs(), inPages: true };

/**
 * Every route there is, and who may use it: the one place that says so. A route that is not here does not serve
 * (`guard.ts`). A new one gets its line here, with the path as OpenAPI writes it; the rest follows from it, the
 * security of the OpenAPI document too.
 */
export const accessTable: Readonly<Record<string, Access>> = {
  "GET /healthz": "public",
  "GET /metrics": measures,
  "GET /openapi.json": "public",
  "GET /asyncapi.json": "public",
  "GET /docs": "public",
  "GET /llms.txt": "public",
  "GET /.well-known/oauth-protected-resource": "public",
  "GET /.well-known/oauth-protected-resource/mcp": "public",
  // Arithmetic on what the caller sends; it touches nothing.
  "POST /v1/leakage": "public",

  "GET /v1/skus": reads,
  "PUT /v1/skus/{sku}": writes,
  "GET /v1/skus/{sku}": shows,
  "DELETE /v1/skus/{sku}": writes,
  "POST /v1/availability": shows,
  "POST /v1/skus/{sku}/adjustments": writes,
  "PUT /v1/skus/{sku}/levels/{location}": writes,
  "POST /v1/skus/{sku}/transfers": writes,
  "POST /v1/skus/{sku}/unavailable": writes,
  "POST /v1/skus/{sku}/incoming": writes,
  "POST /v1/skus/{sku}/receipts": writes,
  "POST /v1/mutations": writes,

  "POST /v1/reservations": holds,
  "GET /v1/skus/{sku}/reservations": reads,
  "GET /v1/reservations/{id}": reads,
  "POST /v1/reservations/{id}/commit": holds,
  "POST /v1/reservations/{id}/extend": holds,
  "DELETE /v1/reservations/{id}": holds,

  "POST /v1/orders": writes,
  "POST /v1/orders/{channel}/{orderId}/cancel": writes,
  "POST /v1/orders/{channel}/{orderId}/fulfil": writes,
  "POST /v1/orders/{channel}/{orderId}/return": writes,
  "GET /v1/unmatched": reads,
  "POST /v1/unmatched/{channel}/{orderId}/{lineId}": writes,
  "POST /v1/unmatched/replay": writes,

  "GET /v1/ledger": reads,
  "GET /v1/skus/{sku}/ledger": reads,
  "GET /v1/skus/{sku}/audit": reads,
  "GET /v1/skus/{sku}/history": reads,
  "GET /v1/oversells": reads,
  "GET /v1/oversells/{id}": reads,
  "POST /v1/oversells/{id}/resolution": writes,
  "GET /v1/dead-letters": administers,
  "POST /v1/dead-letters/{id}/replay": administers,

  "GET /v1/live": watches,
  "GET /v1/skus/{sku}/live": watches,
  "POST /v1/tickets": shows,

  "GET /v1/channel-kinds": manages,
  "GET /v1/skus/{sku}/channels": manages,
  "GET /v1/channels": manages,
  "PUT /v1/channels/{id}": manages,
  "GET /v1/channels/{id}": manages,
  "DELETE /v1/channels/{id}": manages,
  "POST /v1/channels/{id}/signing-secret": manages,
  "POST /v1/channels/{id}/pause": manages,
  "POST /v1/channels/{id}/resume": manages,
  "POST /v1/channels/{id}/test": manages,
  "POST /v1/channels/{id}/reconcile": manages,
  "GET /v1/channels/{id}/reconcile/{run}": manages,
  "GET /v1/channels/{id}/settings": manages,
  "GET /v1/channels/{id}/lag": manages,
  "GET /v1/channels/{id}/drift": manages,
  "GET /v1/channels/{id}/import": manages,
  "POST /v1/channels/{id}/retry": manages,
  "GET /v1/channels/{id}/listings": manages,
  "POST /v1/channels/{id}/listings/import": manages,
  "PUT /v1/channels/{id}/listings/{sku}": manages,
  "DELETE /v1/channels/{id}/listings/{sku}": manages,
  "POST /v1/channels/{id}/listings/{sku}/retry": manages,
  "GET /v1/channels/{id}/inbox": manages,
  "POST /v1/channels/{id}/inbox/replay": manages,
  "GET /v1/channels/{id}/inbound": "signed",
  "POST /v1/channels/{id}/inbound": "signed",

  "ALL /mcp": reads,

  "GET /.well-known/ucp": "public",
  "GET /ucp/schemas/freshness.json": "public",
  "GET /ucp/schemas/holds.json": "public",
  "POST /ucp/v1/catalog/lookup": shows,
  "POST /ucp/v1/catalog/product": shows,
  "POST /ucp/v1/holds": holds,
  "GET /ucp/v1/holds/{id}": holds,
  "POST /ucp/v1/holds/{id}/extend": holds,
  "POST /ucp/v1/holds/{id}/commit": holds,
  "POST /ucp/v1/holds/{id}/release": holds,

  "GET /v1/keys/current": anyKey,
  "GET /v1/keys": administers,
  "POST /v1/keys": administers,
  "DELETE /v1/keys/{id}": administers,
  "GET /v1/secrets-key": administers,
};

const byRoute = new Map(
  Object.entries(accessTable).map(([route, access]) => [route.replaceAll(/\{(\w+)\}/g, ":$1"), access]),
);

/** Who may use a route of the router, which writes parameters as `:name`; undefined if it is not in the table. */
export function accessOf(method: string, routerPath: string): Access | undefined {
  return byRoute.get(`${method} ${routerPath}`);
}

const patterns = Object.keys(accessTable).map((route) => {
  const [method = "", path = ""] = route.split(" ");
  return { method, pattern: toPattern(path) };
});

/** The methods that a path answers to, for 405 and its Allow header; empty if there is nothing at that path. */
export function allowedMethods(path: string): string[] {
  const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  return [...new Set(methods)].sort();
}

function toPattern(path: string): RegExp {
  const parts = path.split(/\{[^}]+\}/).map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^/]+").replaceAll("*", ".*")}$`);
}
