import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { type Access, accessOf, type KeyAccess } from "./access.ts";
import { setHeaders } from "./answer-headers.ts";
import type { AppEnv } from "./app-env.ts";
import { principalOf } from "./auth.ts";
import { challenge, oauthSettings } from "./oauth.ts";
import type { Principal } from "./principal.ts";
import { ProblemError } from "./problem.ts";
import {
  type Charge,
  chargeAddress,
  chargePrincipal,
  countFailure,
  rateLimitHeaders,
  refuseFailing,
} from "./rate-limit.ts";
import { isToken, mayDo } from "./scopes.ts";
import { log } from "../telemetry/log.ts";

/**
 * Lets a request through to the routes that the router chose for it, if the caller may use each of them by the access
 * table. It asks the router itself, so the two cannot read a path differently. A request for which there is no route, or
 * one that the table does not know, ends here: nothing serves by accident.
 */
export const guard: MiddlewareHandler<AppEnv> = async (c, next) => {
  const accesses = accessesOf(c);
  if (accesses === undefined || accesses.size === 0) return c.notFound();
  let charge: Charge | undefined;
  for (const access of accesses) charge = await admit(c, access);
  await next();
  if (accesses.has("signed") && c.res.status >= 400 && c.res.status < 500) countFailure(c, c.req.path);
  if (charge !== undefined) setHeaders(c, rateLimitHeaders(charge));
  return undefined;
};

/** Lets a caller in, and charges it for the request. Throws if it may not, or not so often. */
async function admit(c: Context<AppEnv>, access: Access): Promise<Charge | undefined> {
  if (access === "public") return chargeAddress(c);
  if (access === "signed") {
    // What a channel sends may come in any number, but not what only pretends to be it.
    refuseFailing(c, c.req.path);
    return undefined;
  }
  const principal = await principalOf(c, access.inAddress);
  // Known also where it is refused: a page of a publishable key is shown why.
  c.set("principal", principal);
  const charge = chargePrincipal(c, principal);
  refuseScopes(principal, access, c.env);
  return charge;
}

/** Who may use the routes that a request would reach; undefined if one of them is not in the table. */
function accessesOf(c: Context<AppEnv>): Set<Access> | undefined {
  const accesses = new Set<Access>();
  for (const { method, path } of matchedRoutes(c)) {
    const access = accessOf(method, path);
    if (access !== undefined) accesses.add(access);
    else if (method !== "ALL") {
      log("route.unlisted", { method, path });
      return undefined;
    }
  }
  return accesses;
}

function refuseScopes(principal: Principal, { scope, inPages }: KeyAccess, env: Env): void {
  if (!principal.isSecret && !inPages) {
    const detail = "a publishable key may only show stock and watch it; this needs a secret key";
    throw new ProblemError("forbidden", { detail });
  }
  if (scope === undefined || mayDo(principal, scope)) return;
  const detail = `this needs a key with the scope ${scope}`;
  // Whoever has a token can ask for one that may do more (RFC 6750, section 3.1).
  const stepUp = challenge(oauthSettings(env), { error: "insufficient_scope", scope });
  throw new ProblemError("forbidden", { detail }, isToken(principal) ? { "www-authenticate": stepUp } : {});
}
