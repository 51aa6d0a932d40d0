import type { MiddlewareHandler } from "hono";
import { findKey } from "../ledger/keys.ts";
import type { Scope } from "../protocol/requests.ts";
import type { AppEnv, Principal } from "./app-env.ts";
import { looksLikeKey, sha256Hex } from "./key-format.ts";
import { ProblemError } from "./problem.ts";

/** A key is looked up again after this long: a revoked one is refused everywhere within 5 s. */
const cacheMs = 4_000;
const cacheEntriesMax = 10_000;

const adminScopes: ReadonlySet<Scope> = new Set<Scope>(["admin"]);
const cache = new Map<string, { principal: Principal; untilMs: number }>();

/** Finds out who is calling and puts it into the context; 401 without a valid key. */
export const authenticate: MiddlewareHandler<AppEnv> = async (c, next) => {
  const match = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "");
  const token = match?.[1];
  if (token === undefined) {
    throw unauthorized("send the key as `Authorization: Bearer swk_...`");
  }
  c.set("principal", await principalOf(token, c.env));
  await next();
};

/** Lets through only callers whose key has the scope, or `admin`; 403 otherwise. */
export function requireScope(scope: Scope): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const { scopes } = c.get("principal");
    if (!scopes.has(scope) && !scopes.has("admin")) {
      throw new ProblemError("forbidden", { detail: `this needs a key with the scope ${scope}` });
    }
    await next();
  };
}

async function principalOf(token: string, env: Env): Promise<Principal> {
  // Looked up by digest: how long the lookup takes says nothing about the key.
  const hash = await sha256Hex(token);
  const nowMs = Date.now();
  const cached = cache.get(hash);
  if (cached !== undefined && cached.untilMs > nowMs) return cached.principal;

  const principal = await lookUp(token, hash, env);
  if (cache.size >= cacheEntriesMax) cache.clear();
  cache.set(hash, { principal, untilMs: nowMs + cacheMs });
  return principal;
}

async function lookUp(token: string, hash: string, env: Env): Promise<Principal> {
  if (await isAdmin(hash, env)) return { id: "admin", scopes: adminScopes };
  if (!looksLikeKey(token)) throw unauthorized("this is not an API key; check that it was copied whole");
  const key = await findKey(env.LEDGER, hash);
  if (key === undefined) throw unauthorized("the API key is unknown or was revoked");
  return { id: key.id, scopes: new Set(key.scopes) };
}

async function isAdmin(hash: string, env: Env): Promise<boolean> {
  if (!env.STOCKWIRE_ADMIN_KEY) return false;
  const encoder = new TextEncoder();
  const expected = encoder.encode(await sha256Hex(env.STOCKWIRE_ADMIN_KEY));
  return crypto.subtle.timingSafeEqual(encoder.encode(hash), expected);
}

function unauthorized(detail: string): ProblemError {
  return new ProblemError("unauthorized", { detail }, { "www-authenticate": "Bearer" });
}
