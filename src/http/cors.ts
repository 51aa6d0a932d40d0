import type { Context, MiddlewareHandler } from "hono";
import type { AppEnv } from "./app-env.ts";
import type { Principal } from "./principal.ts";

/** How long a browser remembers what it may ask, in seconds. */
const preflightMaxAge = "86400";

/**
 * Lets pages use publishable keys (Fetch Standard, section 3.2). A preflight carries no key, so it is answered the same to
 * every page; the answer itself is shown to a page only if its key names the page's origin.
 */
export const cors: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined) {
    return c.body(null, 204, {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": "authorization, content-type, cache-control, if-none-match",
      "access-control-max-age": preflightMaxAge,
    });
  }
  await next();
  showTo(c, c.req.header("origin"));
  return undefined;
};

function showTo(c: Context<AppEnv>, origin: string | undefined): void {
  const principal: Principal | undefined = c.get("principal");
  if (origin === undefined || !principal?.origins?.has(origin) || c.res.status === 101) return;
  c.header("access-control-allow-origin", origin);
  c.header(
    "access-control-expose-headers",
    "age, etag, ratelimit, ratelimit-policy, retry-after, stockwire-source",
  );
  c.header("vary", "Origin", { append: true });
}
