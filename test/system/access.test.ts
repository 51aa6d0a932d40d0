import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../../src/http/key-format.ts";
import { type Access, accessTable } from "../../src/http/access.ts";
import { Scope } from "../../src/protocol/requests.ts";
import { adminKey, Service } from "./service.ts";

const origin = "https://shop.example";

/** Somebody who calls: what they send, and whether a route may let them through. */
interface Caller {
  readonly name: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Put behind the path. */
  readonly query?: string;
  /** The status and slug of the refusal; undefined if the route serves them. */
  refusal(access: Exclude<Access, string>): readonly [number, string] | undefined;
}

const unauthorized = [401, "unauthorized"] as const;
const forbidden = [403, "forbidden"] as const;

/** What a key with one scope may do. */
const given: Readonly<Record<Scope, readonly Scope[]>> = {
  "stock:read": ["stock:read"],
  "stock:hold": ["stock:read", "stock:hold"],
  "stock:write": ["stock:hold", "stock:write"],
  "channels:manage": ["channels:manage"],
  "metrics:read": ["metrics:read"],
  admin: Scope.options,
};

let service: Service;
let callers: readonly Caller[];

beforeAll(async () => {
  service = await Service.start(0, {
    env: { FAILURE_RATE_LIMIT: "unlimited", ADDRESS_RATE_LIMIT: "unlimited" },
  });
  callers = await makeCallers();
}, 60_000);
afterAll(async () => {
  await service.remove();
});

async function makeKey(
  scopes: readonly string[],
  origins?: readonly string[],
): Promise<{ id: string; key: string }> {
  const answer = await service.call("POST", "/v1/keys", { name: "access test", scopes, origins });
  expect(answer.status).toBe(201);
  return answer.body;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function makeCallers(): Promise<Caller[]> {
  const revoked = await makeKey(["admin"]);
  expect((await service.call("DELETE", `/v1/keys/${revoked.id}`)).status).toBe(204);
  const reader = await makeKey(["stock:read"]);
  const page = await makeKey(["stock:read"], [origin]);
  const { ticket } = (await service.call("POST", "/v1/tickets", {}, bearer(reader.key))).body;
  const strangers = {
    "no key": {},
    "an empty key": bearer(""),
    "another scheme": { authorization: `Basic ${adminKey}` },
    "a malformed key": bearer("swk_0123"),
    "a key with a wrong checksum": bearer(`${newKey().slice(0, -1)}!`),
    "an unknown key": bearer(newKey()),
    "a revoked admin key": bearer(revoked.key),
    "a ticket as a key": bearer(ticket),
    "two keys": { authorization: `Bearer ${reader.key}, Bearer ${adminKey}` },
    "the hash of nothing": bearer("undefined"),
  };
  const scoped = await Promise.all(
    Scope.options.map(async (scope): Promise<Caller> => ({
      name: `a key with ${scope}`,
      headers: bearer((await makeKey([scope])).key),
      refusal: (access) =>
        access.scope === undefined || given[scope].includes(access.scope) ? undefined : forbidden,
    })),
  );
  return [
    ...Object.entries(strangers).map(([name, headers]) => ({ name, headers, refusal: () => unauthorized })),
    ...scoped,
    { name: "the admin", headers: bearer(adminKey), refusal: () => undefined },
    {
      name: "a publishable key in a page of its origin",
      headers: { ...bearer(page.key), origin },
      refusal: ({ inPages }) => (inPages ? undefined : forbidden),
    },
    {
      name: "a publishable key in a page of another origin",
      headers: { ...bearer(page.key), origin: "https://shop.example.evil.example" },
      refusal: () => [403, "origin-not-allowed"],
    },
    {
      name: "a publishable key in a sandboxed page",
      headers: { ...bearer(page.key), origin: "null" },
      refusal: () => [403, "origin-not-allowed"],
    },
    {
      name: "a publishable key in the address",
      query: `key=${page.key}`,
      refusal: ({ inAddress }) => (inAddress ? undefined : unauthorized),
    },
    { name: "a secret key in the address", query: `key=${reader.key}`, refusal: () => unauthorized },
    { name: "the admin's key in the address", query: `key=${adminKey}`, refusal: () => unauthorized },
    {
      name: "a ticket in the address",
      query: `ticket=${ticket}`,
      refusal: ({ inAddress }) => (inAddress ? undefined : unauthorized),
    },
    {
      name: "a forged ticket",
      query: "ticket=eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
      refusal: () => unauthorized,
    },
  ];
}

/** A path of the route that names nothing that is there. */
const pathOf = (route: string) => route.slice(route.indexOf(" ") + 1).replaceAll(/\{(\w+)\}/g, "nobody-$1");

async function send(route: string, { headers, query = "" }: Partial<Caller>) {
  const [method = ""] = route.split(" ");
  const isBare = method === "GET" || method === "DELETE";
  return fetch(`${service.url}${pathOf(route)}?${query}`, {
    method: method === "ALL" ? "POST" : method,
    headers: { "content-type": "application/json", ...headers },
    ...(!isBare && { body: "{}" }),
  });
}

/** How a caller fared, in words: `refused 401 unauthorized`, or that the route took the request on. */
async function fate(route: string, caller: Caller): Promise<string> {
  const response = await send(route, caller);
  const text = await response.text();
  if (response.status !== 401 && response.status !== 403) return `${caller.name}: served`;
  const isProblem = response.headers.get("content-type") === "application/problem+json";
  const slug = isProblem ? String(JSON.parse(text).type).replace(/^.*\/problems\//, "") : text;
  return `${caller.name}: refused ${response.status} ${slug}`;
}

function expectedFate(access: Access, caller: Caller): string {
  const refusal = typeof access === "string" ? undefined : caller.refusal(access);
  return `${caller.name}: ${refusal === undefined ? "served" : `refused ${refusal.join(" ")}`}`;
}

describe.each(Object.entries(accessTable))("%s", (route, access) => {
  it("serves those whom the access table lets in, and nobody else", async () => {
    const fates = await Promise.all(callers.map((caller) => fate(route, caller)));
    expect(fates).toEqual(callers.map((caller) => expectedFate(access, caller)));
  });
});

it("nobody who was refused has left anything behind", async () => {
  expect((await service.call("GET", "/v1/channels")).body.items).toEqual([]);
  expect((await service.call("GET", "/v1/ledger")).body.items).toEqual([]);
});
