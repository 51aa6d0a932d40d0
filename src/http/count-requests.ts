import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { httpDuration, httpRequests } from "../telemetry/metrics.ts";
import type { AppEnv } from "./app-env.ts";

/** Methods that may be a label; anybody can make up others. */
const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Counts requests by the route that answered, never by the path that was asked for: there is no end of those. */
export const countRequests: MiddlewareHandler<AppEnv> = async (c, next) => {
  const startedAtMs = Date.now();
  await next();
  const method = methods.has(c.req.method) ? c.req.method : "other";
  const route = routeOf(routePath(c, -1));
  httpRequests.add({ method, route, status: String(c.res.status) });
  httpDuration.observe({ method, route }, (Date.now() - startedAtMs) / 1_000);
};

/** A route as the documentation writes it; `none` if only what stands before all routes was reached. */
function routeOf(path: string): string {
  return path.includes("*") ? "none" : path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
}
