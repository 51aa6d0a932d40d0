import type { McpHttpHandler } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import { z } from "zod";
import { feedFor, openSocket } from "../../api/live-feed.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { limits } from "../../protocol/limits.ts";
import { StockBus } from "./stock-bus.ts";
import { skuOfUri } from "./uri.ts";

/** What is looked at of a request to listen; the rest is for the SDK to check. */
const ListenRequest = z.looseObject({
  id: z.union([z.string(), z.number()]),
  method: z.literal("subscriptions/listen"),
  params: z.looseObject({
    notifications: z.looseObject({ resourceSubscriptions: z.array(z.string()).min(1) }),
  }),
});

/** JSON-RPC 2.0, section 5.1. */
const invalidParams = -32602;

type ListenRequest = z.infer<typeof ListenRequest>;
type FetchOptions = Parameters<McpHttpHandler["fetch"]>[1];

/** The body of a request to listen to resources (`subscriptions/listen`); undefined for any other. */
export async function listenRequestOf(c: Context<AppEnv>): Promise<ListenRequest | undefined> {
  // The header must name the method (MCP 2026-07-28, Streamable HTTP), so other bodies need not be looked into.
  if (c.req.header("mcp-method") !== "subscriptions/listen") return undefined;
  try {
    return ListenRequest.safeParse(await c.req.raw.clone().json()).data;
  } catch {
    return undefined;
  }
}

/**
 * Listens to the resources of SKUs, backed by a feed, until the client goes, the feed closes, or its time is over; the
 * client then subscribes again and reads again. Other resources are left out, and the acknowledgement says so.
 */
export async function serveListen(
  c: Context<AppEnv>,
  request: ListenRequest,
  handlerWith: (bus?: StockBus) => McpHttpHandler,
  options: FetchOptions,
): Promise<Response> {
  const { params } = request;
  const uris = urisBySku(params.notifications.resourceSubscriptions);
  if (uris.size > limits.agentSubscriptionsMax) {
    const message = `subscribe to at most ${limits.agentSubscriptionsMax} resources at once`;
    return Response.json({ jsonrpc: "2.0", id: request.id, error: { code: invalidParams, message } });
  }
  const notifications = { ...params.notifications, resourceSubscriptions: [...uris.values()] };
  const known = { ...options, parsedBody: { ...request, params: { ...params, notifications } } };
  if (uris.size === 0) return handlerWith().fetch(c.req.raw, known);

  const bus = await StockBus.open(await openSocket(feedFor(c)), uris);
  const handler = handlerWith(bus);
  const response = await handler.fetch(c.req.raw, known);
  if (!bus.isHeard || response.body === null) {
    bus.close();
    return response;
  }
  void endWith(bus, handler, timeLeftMs(c));
  return new Response(bus.paced(response.body), response);
}

/** Tells the client that it is over, once the feed is gone or the time is. */
async function endWith(bus: StockBus, handler: McpHttpHandler, timeLeft: number): Promise<void> {
  const timer = setTimeout(() => bus.close(), timeLeft);
  await bus.closed;
  clearTimeout(timer);
  await handler.close();
}

function urisBySku(uris: readonly string[]): Map<string, string> {
  return new Map(
    uris.flatMap((uri) => {
      const sku = skuOfUri(uri);
      return sku === undefined ? [] : [[sku, uri] as const];
    }),
  );
}

/** Whoever may not ask any more must not be told any more either: a token's end is the subscription's. */
function timeLeftMs(c: Context<AppEnv>): number {
  const { expiresAtMs = Number.POSITIVE_INFINITY } = c.get("principal");
  return Math.max(0, Math.min(limits.agentSubscriptionMs, expiresAtMs - Date.now()));
}
