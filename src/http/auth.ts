import type { Context } from "hono";
import { findKey } from "../ledger/keys.ts";
import type { Scope } from "../protocol/requests.ts";
import type { AppEnv } from "./app-env.ts";
import { looksLikeKey, sha256Hex } from "./key-format.ts";
import { challenge, looksLikeToken, oauthSettings, principalOfToken } from "./oauth.ts";
import { ProblemError } from "./problem.ts";
import { readTicket } from "./ticket.ts";
import type { Principal } from "./principal.ts";

/** A key is looked up again after this long: a revoked one is refused everywhere within 5 s. */
const cacheMs = 4_000;
const cacheEntriesMax = 10_000;

const adminScopes: ReadonlySet<Scope> = new Set<Scope>(["admin"]);
const ticketScopes: ReadonlySet<Scope> = new Set<Scope>(["stock:read"]);
const cache = new Map<string, { principal: Principal; untilMs: number }>();

/**
 * Who is calling. Throws 401 without a valid key or ticket, and 403 if a page of another origin calls. Browsers cannot send
 * headers with a socket or a stream of events: `inAddress` says whether a publishable key or a ticket may be in the address.
 */
export async function principalOf(c: Context<AppEnv>, inAddress: boolean): Promise<Principal> {
  const principal = await identify(c, inAddress);
  refuseOrigin(principal, c.req.header("origin"));
  return principal;
}

async function identify(c: Context<AppEnv>, inAddress: boolean): Promise<Principal> {
  const token = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  if (token !== undefined) return principalOfBearer(token, c.env);
  const { key, ticket } = inAddress ? c.req.query() : {};
  if (ticket !== undefined) return principalOfTicket(ticket, c.env);
  if (key === undefined) throw unauthorized("send the key as `Authorization: Bearer swk_...`", c.env);
  const principal = await principalOfKey(key, c.env);
  if (!principal.isSecret) return principal;
  throw unauthorized(
    "a secret key must not stand in an address: send it as a header, or make a ticket (POST /v1/tickets)",
    c.env,
  );
}

/** An API key, or the token of an authorization server if one is set up. */
async function principalOfBearer(text: string, env: Env): Promise<Principal> {
  const oauth = oauthSettings(env);
  return oauth !== undefined && looksLikeToken(text)
    ? principalOfToken(text, oauth, env)
    : principalOfKey(text, env);
}

async function principalOfTicket(ticket: string, env: Env): Promise<Principal> {
  const id = await readTicket(env.STOCKWIRE_SECRETS_KEY, ticket);
  if (id === undefined)
    throw unauthorized("the ticket is not valid, or over; make a new one (POST /v1/tickets)", env);
  return { id, scopes: ticketScopes, isSecret: false };
}

async function principalOfKey(token: string, env: Env): Promise<Principal> {
  // By the key itself: a digest would take longer than all else that is done to know the caller. Only keys that are good
  // are in it, and a map is asked by hash, so how long it takes says nothing about how much of a key was right.
  const nowMs = Date.now();
  const cached = cache.get(token);
  if (cached !== undefined && cached.untilMs > nowMs) return cached.principal;

  // What is stored of a key is its digest.
  const principal = await lookUp(token, await sha256Hex(token), env);
  if (cache.size >= cacheEntriesMax) cache.clear();
  cache.set(token, { principal, untilMs: nowMs + cacheMs });
  return principal;
}

async function lookUp(token: string, hash: string, env: Env): Promise<Principal> {
  if (await isAdmin(hash, env)) return { id: "admin", scopes: adminScopes, isSecret: true };
  if (!looksLikeKey(token)) throw unauthorized("this is not an API key; check that it was copied whole", env);
  const key = await findKey(env.LEDGER, hash);
  if (key === undefined) throw unauthorized("the API key is unknown or was revoked", env);
  const { id, scopes, origins } = key;
  return {
    id,
    scopes: new Set(scopes),
    isSecret: origins === undefined,
    origins: origins && new Set(origins),
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
