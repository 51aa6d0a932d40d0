import { hostHeaderValidationResponse, originValidationResponse } from "@modelcontextprotocol/server";
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../../http/app-env.ts";

/**
 * Refuses requests that a page of somebody else's makes a browser send here: an Origin that is not this service, and a
 * Host that is not where it is (DNS rebinding; MCP 2026-07-28, Streamable HTTP, security). Where the network routes only
 * the service's own names to it, `MCP_HOSTS` is empty and the Host is one of them.
 */
export const refuseForeignPages: MiddlewareHandler<AppEnv> = async (c, next) => {
  const named = c.env.MCP_HOSTS.split(/\s+/).filter((host) => host !== "");
  const hosts = named.length > 0 ? named : [new URL(c.req.url).hostname];
  const refused =
    (named.length > 0 ? hostHeaderValidationResponse(c.req.raw, hosts) : undefined) ??
    originValidationResponse(c.req.raw, hosts);
  if (refused !== undefined) return refused;
  await next();
  return undefined;
};
