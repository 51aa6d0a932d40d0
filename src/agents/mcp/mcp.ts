import { type AuthInfo, createMcpHandler } from "@modelcontextprotocol/server";
import { limitBody } from "../../http/body-limit.ts";
import { newRouter } from "../../http/openapi.ts";
import { oauthSettings, type OAuthSettings } from "../../http/oauth.ts";
import { isToken } from "../../http/scopes.ts";
import { limits } from "../../protocol/limits.ts";
import { refuseForeignPages } from "./hosts.ts";
import { listenRequestOf, serveListen } from "./listen.ts";
import { protectedResource } from "./protected-resource.ts";
import { serverFor } from "./server.ts";
import type { StockBus } from "./stock-bus.ts";
import type { Principal } from "../../http/principal.ts";

/** The Model Context Protocol, revision 2026-07-28 and those before it: stock for agents. */
export const mcp = newRouter();

mcp.route("/", protectedResource);
mcp.use("/mcp", refuseForeignPages);
mcp.use("/mcp", limitBody);

mcp.all("/mcp", async (c) => {
  // A handler for each request: what it holds, a socket above all, cannot be used by another one.
  const handlerWith = (bus?: StockBus) =>
    createMcpHandler((context) => serverFor(c, context), {
      maxRequestBodySize: limits.bodyBytesMax,
      ...(bus !== undefined && { bus }),
    });
  const options = authOf(c.get("principal"), oauthSettings(c.env));
  const listening = await listenRequestOf(c);
  if (listening !== undefined) return serveListen(c, listening, handlerWith, options);
  return handlerWith().fetch(c.req.raw, options);
});

/** What the SDK must know to tell somebody with a token which one to ask for; a key cannot be asked for. */
function authOf(principal: Principal, settings: OAuthSettings | undefined): { authInfo?: AuthInfo } {
  if (!isToken(principal) || settings === undefined) return {};
  const { id, scopes } = principal;
  const { metadataUrl: resourceMetadataUrl } = settings;
  return { authInfo: { token: "", clientId: id, scopes: [...scopes], resourceMetadataUrl } };
}
