import { createMcpHandler } from "@modelcontextprotocol/server";
import { limitBody } from "../../http/body-limit.ts";
import { newRouter } from "../../http/openapi.ts";
import { limits } from "../../protocol/limits.ts";
import { refuseForeignPages } from "./hosts.ts";
import { listenRequestOf, serveListen } from "./listen.ts";
import { serverFor } from "./server.ts";
import type { StockBus } from "./stock-bus.ts";

/** The Model Context Protocol, revision 2026-07-28 and those before it: stock for agents. */
export const mcp = newRouter();

mcp.use("/mcp", refuseForeignPages);
mcp.use("/mcp", limitBody);

mcp.all("/mcp", async (c) => {
  // A handler for each request: what it holds, a socket above all, cannot be used by another one.
  const handlerWith = (bus?: StockBus) =>
    createMcpHandler((context) => serverFor(c, context), {
      maxRequestBodySize: limits.bodyBytesMax,
      ...(bus !== undefined && { bus }),
    });
  const listening = await listenRequestOf(c);
  if (listening !== undefined) return serveListen(c, listening, handlerWith, {});
  return handlerWith().fetch(c.req.raw, {});
});
