import type { Context } from "hono";
import { ledgerOf } from "../ledger/bindings.ts";
import { findKey, findKeyById, type StoredKey } from "../ledger/keys.ts";
import type { Scope } from "../protocol/requests.ts";
import { serviceSecrets } from "../storage/service-secrets.ts";
import type { AppEnv } from "./app-env.ts";
import { isKeyId, looksLikeKey, sha256Hex } from "./key-format.ts";
import { challenge, looksLikeToken, oauthSettings, principalOfToken } from "./oauth.ts";
import type { Principal } from "./principal.ts";
import { ProblemError } from "./problem.ts";
import { parseRateLimit } from "./quotas.ts";
import { countFailure, refuseFailing } from "./rate-limit.ts";
import { readTicket } from "./ticket.ts";

/** A key is looked up again after this long: a revoked one is refused everywhere within 5 s. */
const cacheMs = 4_000;
const cacheEntriesMax = 10_000;

const adminScopes: ReadonlySet<Scope> = new Set<Scope>(["admin"]);
const ticketScopes: ReadonlySet<Scope> = new Set<Scope>(["stock:read"]);
const cache = new Map<string, { principal: Principal; untilMs: number }>();

/**
 * Who is calling. Throws 401 without a valid key or ticket, 429 to those who came with too many that were not, and 403 if a
 * page of another origin calls. Browsers cannot send headers with a socket or a stream of events: `inAddress` says whether a
 * publishable key or a ticket may be in the address.
 */
export async function principalOf(c: Context<AppEnv>, inAddress: boolean): Promise<Principal> {
  try {
    const principal = await identify(c, inAddress);
    refuseOrigin(principal, c.req.header("origin"));
    return principal;
  } catch (error) {
    if (error instanceof ProblemError && error.slug === "unauthorized") countFailure(c);
    throw error;
  }
}

async function identify(c: Context<AppEnv>, inAddress: boolean): Promise<Principal> {
  const token = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  if (token !== undefined) return known(c, "bearer", token, principalOfBearer);
  const { key, ticket } = inAddress ? c.req.query() : {};
  if (ticket !== undefined) return known(c, "ticket", ticket, principalOfTicket);
  if (key === undefined) throw unauthorized("send the key as `Authorization: Bearer swk_...`", c.env);
  const principal = await known(c, "key", key, principalOfKey);
  if (!principal.isSecret) return principal;
  throw unauthorized(
    "a secret key must not stand in an address: send it as a header, or make a ticket (POST /v1/tickets)",
    c.env,
  );
}

/**
 * Whose a credential is, from memory if it was good a moment ago. By the credential itself: a digest would take longer than
 * all else that is done to know the caller. Only those that are good are in it, and a map is asked by hash, so how long it
 * takes says nothing about how much of one was right.
 */
async function known(
  c: Context<AppEnv>,
  as: "bearer" | "ticket" | "key",
  text: string,
  lookUp: (text: string, env: Env) => Promise<Principal>,
): Promise<Principal> {
  const nowMs = Date.now();
  // What was good as a ticket is no key.
  const name = `${as} ${text}`;
  const cached = cache.get(name);
  if (cached !== undefined && cached.untilMs > nowMs) return cached.principal;
  // Who was known is asked for in any case, whatever others do who share its address.
  if (cached === undefined) refuseFailing(c);
  else cache.delete(name);

  const principal = await lookUp(text, c.env);
  if (cache.size >= cacheEntriesMax) cache.clear();
  const { expiresAtMs = Number.POSITIVE_INFINITY } = principal;
  cache.set(name, { principal, untilMs: Math.min(nowMs + cacheMs, expiresAtMs) });
  return principal;
}

/** An API key, or the token of an authorization server if one is set up. */
async function principalOfBearer(text: string, env: Env): Promise<Principal> {
  const oauth = oauthSettings(env);
  if (oauth === undefined || !looksLikeToken(text)) return principalOfKey(text, env);
  return { ...(await principalOfToken(text, oauth, env)), rateLimit: parseRateLimit(env.KEY_RATE_LIMIT) };
}

async function principalOfTicket(text: string, env: Env): Promise<Principal> {
  const ticket = await readTicket(serviceSecrets(env), text);
  if (ticket === undefined)
    throw unauthorized("the ticket is not valid, or over; make a new one (POST /v1/tickets)", env);
  // A ticket is as good as the key it was made with. Other principals have no key that could be revoked.
  if (isKeyId(ticket.id) && (await findKeyById(ledgerOf(env).first, ticket.id)) === undefined)
    throw unauthorized("the key that made the ticket was revoked; make a new one with another key", env);
  return {
    id: ticket.id,
    scopes: ticketScopes,
    isSecret: false,
    origins: ticket.origins && new Set(ticket.origins),
    expiresAtMs: ticket.expiresAtMs,
    rateLimit: parseRateLimit(env.PAGE_RATE_LIMIT),
  };
}

async function principalOfKey(text: string, env: Env): Promise<Principal> {
  // What is stored of a key is its digest.
  const hash = await sha256Hex(text);
  if (await isAdmin(hash, env)) {
    return {
      id: "admin",
      scopes: adminScopes,
      isSecret: true,
      rateLimit: parseRateLimit(env.ADMIN_RATE_LIMIT),
    };
  }
  if (!looksLikeKey(text)) throw unauthorized("this is not an API key; check that it was copied whole", env);
  const key = await findKey(ledgerOf(env).first, hash);
  if (key === undefined) throw unauthorized("the API key is unknown or was revoked", env);
  return principalOfStored(key, env);
}

function principalOfStored({ id, scopes, origins, rateLimit }: StoredKey, env: Env): Principal {
  const isSecret = origins === undefined;
  return {
    id,
    scopes: new Set(scopes),
    isSecret,
    origins: origins && new Set(origins),
    rateLimit: rateLimit ?? parseRateLimit(isSecret ? env.KEY_RATE_LIMIT : env.PAGE_RATE_LIMIT),
  };
}

async function isAdmin(hash: string, env: Env): Promise<boolean> {
  if (!env.STOCKWIRE_ADMIN_KEY) return false;
  const encoder = new TextEncoder();
  const expected = encoder.encode(await sha256Hex(env.STOCKWIRE_ADMIN_KEY));
  return crypto.subtle.timingSafeEqual(encoder.encode(hash), expected);
}

/** A publishable key serves the pages it was made for. Callers that are no pages send no origin. */
function refuseOrigin({ origins }: Principal, origin: string | undefined): void {
  if (origins === undefined || origin === undefined || origins.has(origin)) return;
  const detail = `this key may be used by pages of ${[...origins].join(", ")}, not of ${origin}; make one for that origin`;
  throw new ProblemError("origin-not-allowed", { detail });
}

function unauthorized(detail: string, env: Env): ProblemError {
  return new ProblemError("unauthorized", { detail }, { "www-authenticate": challenge(oauthSettings(env)) });
}
