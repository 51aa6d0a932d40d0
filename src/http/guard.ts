import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { type Access, accessOf, type KeyAccess } from "./access.ts";
import type { AppEnv } from "./app-env.ts";
import { principalOf } from "./auth.ts";
import { challenge, oauthSettings } from "./oauth.ts";
import type { Principal } from "./principal.ts";
import { ProblemError } from "./problem.ts";
import { isToken, mayDo } from "./scopes.ts";

/**
 * Lets a request through to the routes that the router chose for it, if the caller may use each of them by the access
 * table. It asks the router itself, so the two cannot read a path differently. A request for which there is no route, or
 * one that the table does not know, ends here: nothing serves by accident.
 */
export const guard: MiddlewareHandler<AppEnv> = async (c, next) => {
  const accesses = accessesOf(c);
  if (accesses === undefined || accesses.size === 0) return c.notFound();
  for (const access of accesses) {
    if (access === "public" || access === "signed") continue;
    const principal = await principalOf(c, access.inAddress);
    refuseScopes(principal, access, c.env);
    c.set("principal", principal);
  }
  await next();
  return undefined;
};

/** Who may use the routes that a request would reach; undefined if one of them is not in the table. */
function accessesOf(c: Context<AppEnv>): Set<Access> | undefined {
  const accesses = new Set<Access>();
  for (const { method, path } of matchedRoutes(c)) {
    const access = accessOf(method, path);
    if (access !== undefined) accesses.add(access);
    else if (method !== "ALL") {
      const message = "a route does not serve: it is not in src/http/access.ts";
      console.error(JSON.stringify({ message, method, path }));
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
