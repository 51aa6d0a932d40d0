import type { Context } from "hono";
import type { AppEnv } from "./app-env.ts";
import { networkOf } from "./network.ts";
import type { Principal } from "./principal.ts";
import { ProblemError } from "./problem.ts";
import { parseRateLimit, type Quota, Quotas, type RateLimit } from "./quotas.ts";

/**
 * Whom a quota belongs to: a key; an address that shows pages with a publishable key; an address that asks without a key;
 * an address that fails to say who it is.
 */
export type Policy = "key" | "page" | "address" | "failures";

/** One request charged to a quota, for the headers of its answer. */
export interface Charge {
  readonly policy: Policy;
  readonly limit: RateLimit;
  readonly quota: Quota;
}

/**
 * Each isolate counts for itself: on Cloudflare a caller may get a multiple of its quota, as its requests may reach several. It
 * is a brake on those who ask too much, not a meter (docs/security.md).
 */
const quotas = new Quotas();

/** Charges a caller who was recognized; undefined if it is not limited. Throws 429 if nothing is left. */
export function chargePrincipal(c: Context<AppEnv>, principal: Principal): Charge | undefined {
  const { id, isSecret, rateLimit } = principal;
  if (rateLimit === undefined) return undefined;
  // Everybody who opens the page has the same key.
  return isSecret ? charge("key", id, rateLimit) : charge("page", `${id} ${callerOf(c)}`, rateLimit);
}

/** Charges a caller of whom nothing is asked. */
export function chargeAddress(c: Context<AppEnv>): Charge | undefined {
  const limit = parseRateLimit(c.env.ADDRESS_RATE_LIMIT);
  return limit && charge("address", callerOf(c), limit);
}

/** Throws 429 if the caller has failed too often to say who it is, at `place` if that is named. */
export function refuseFailing(c: Context<AppEnv>, place = ""): void {
  const limit = parseRateLimit(c.env.FAILURE_RATE_LIMIT);
  if (limit === undefined) return;
  const quota = quotas.look(`failures ${callerOf(c)} ${place}`, limit, Date.now());
  if (quota.remaining < 1) throw exceeded({ policy: "failures", limit, quota });
}

/** The caller has failed to say who it is. */
export function countFailure(c: Context<AppEnv>, place = ""): void {
  const limit = parseRateLimit(c.env.FAILURE_RATE_LIMIT);
  if (limit !== undefined) quotas.take(`failures ${callerOf(c)} ${place}`, limit, Date.now());
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-10: lists of strings with parameters (RFC 9651). */
export function rateLimitHeaders({ policy, limit, quota }: Charge): Record<string, string> {
  return {
    "ratelimit-policy": `"${policy}";q=${limit.requests};w=${limit.windowSeconds}`,
    ratelimit: `"${policy}";r=${quota.remaining};t=${quota.moreInSeconds}`,
  };
}

function callerOf(c: Context<AppEnv>): string {
  return networkOf(c.req.header("cf-connecting-ip") ?? "unknown");
}

function charge(policy: Policy, caller: string, limit: RateLimit): Charge {
  const name = `${policy} ${caller}`;
  const nowMs = Date.now();
  const quota = quotas.take(name, limit, nowMs);
  if (quota !== undefined) return { policy, limit, quota };
  throw exceeded({ policy, limit, quota: quotas.look(name, limit, nowMs) });
}

const whose: Readonly<Record<Policy, string>> = {
  key: "this key may make",
  page: "with a publishable key or a ticket, one address may make",
  address: "one address may make",
  failures: "with keys or signatures that are not valid, one address may make",
};

function exceeded(charged: Charge): ProblemError {
  const { policy, limit, quota } = charged;
  const { requests, windowSeconds } = limit;
  const seconds = Math.max(1, quota.moreInSeconds);
  return new ProblemError(
    "quota-exceeded",
    {
      detail: `${whose[policy]} ${requests} requests in ${windowSeconds} s; wait ${seconds} s, then go on more slowly`,
      "violated-policies": [policy],
    },
    { "retry-after": String(seconds), ...rateLimitHeaders(charged) },
  );
}
