import type { MiddlewareHandler } from "hono";
import { setHeaders } from "./answer-headers.ts";
import type { AppEnv } from "./app-env.ts";

/** What every answer tells browsers (OWASP, HTTP Headers and REST Security cheat sheets): it is no page, and in no frame. */
const always = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};
/** Only where the caller came by TLS: a service on one machine is asked by http. */
const overTls = { ...always, "strict-transport-security": "max-age=31536000" };
/** A page brings a policy of its own. */
const policyName = "content-security-policy";

/** Puts the headers on every answer that protect browsers from what it may be taken for. */
export const securityHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  const headers = c.req.url.startsWith("https:") ? overTls : always;
  const own = c.res.headers.get(policyName);
  setHeaders(c, own === null ? headers : { ...headers, [policyName]: own });
};
