import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { TicketAnswer } from "../../protocol/answers.ts";
import { limits } from "../../protocol/limits.ts";
import { Sku } from "../../protocol/primitives.ts";
import { TicketBody } from "../../protocol/requests.ts";
import { eventStream } from "../event-stream.ts";
import { authenticated, feedFor, openSocket, tooManySockets } from "../live-feed.ts";
import { jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";
import { ProblemError } from "../../http/problem.ts";
import { newTicket } from "../../http/ticket.ts";

export const live = newRouter();

const common = { tags: ["Live"] };

live.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/skus/{sku}/live",
    summary: "Watch one SKU over a WebSocket",
    description:
      "Sends the present view first, then the newest view after each change. Send `ping` to get `pong`.",
    request: { params: z.object({ sku: Sku }) },
    responses: { 101: { description: "Switching to a WebSocket" }, ...problems(404, 426, 429) },
  }),
  async (c) => {
    const { sku } = c.req.valid("param");
    if (!isUpgrade(c)) throw upgradeRequired("open this with a WebSocket client");
    const response = await c.env.SKU.getByName(sku).fetch(authenticated(c));
    if (response.status === 429) throw tooManySockets();
    if (response.status === 404)
      throw new ProblemError("sku-not-found", { detail: `SKU ${sku} is unknown`, sku });
    return response;
  },
);

live.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/live",
    summary: "Watch many SKUs over a WebSocket, or as server-sent events",
    description:
      `A WebSocket watches up to ${limits.liveSkusMax} SKUs, subscribed to by messages (/asyncapi.json). With ` +
      "`Accept: text/event-stream` the SKUs are in the query, and `Last-Event-ID` resumes.",
    request: {
      query: z.object({
        sku: z
          .preprocess(
            (value) => (typeof value === "string" ? [value] : value),
            z.array(Sku).max(limits.liveStreamSkusMax).optional(),
          )
          .meta({ description: "For server-sent events: what to watch; repeat it for more than one SKU" }),
      }),
      headers: z.object({
        "last-event-id": z
          .string()
          .optional()
          .meta({ description: "The id of the last event received", example: "k3v9.42" }),
      }),
    },
    responses: {
      101: { description: "Switching to a WebSocket" },
      200: {
        description: "A stream of events; see /asyncapi.json",
        content: { "text/event-stream": { schema: z.string() } },
      },
      ...problems(426, 429),
    },
  }),
  async (c) => {
    const feed = feedFor(c);
    if (isUpgrade(c)) {
      const response = await feed.fetch(authenticated(c));
      if (response.status === 429) throw tooManySockets();
      return response;
    }
    if (!/\btext\/event-stream\b/.test(c.req.header("accept") ?? "")) {
      throw upgradeRequired("open this with a WebSocket client, or send Accept: text/event-stream");
    }
    const skus = [...new Set(c.req.valid("query").sku ?? [])];
    if (skus.length === 0) {
      const detail = "name what to watch, as in /v1/live?sku=TEE-BLK-M";
      throw new ProblemError("invalid-request", { detail, errors: [{ pointer: "/query/sku", detail }] });
    }
    const socket = await openSocket(feed);
    return c.body(eventStream(socket, skus, c.req.header("last-event-id")), 200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      // Proxies that buffer would hold events back.
      "x-accel-buffering": "no",
    });
  },
);

live.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/tickets",
    summary: "Make a short-lived ticket with which a browser may watch stock",
    request: jsonBody(TicketBody),
    responses: { 201: jsonAnswer("The ticket", TicketAnswer), ...problems() },
  }),
  async (c) => {
    const { ttlSeconds, origins: asked } = c.req.valid("json");
    const { id, origins: given } = c.get("principal");
    // A page cannot make a ticket for other pages.
    const origins = given === undefined ? asked : [...given];
    const { ticket, expiresAtMs } = await newTicket(
      c.env.STOCKWIRE_SECRETS_KEY,
      { id, origins },
      Date.now(),
      ttlSeconds,
    );
    return c.json({ ticket, expiresAt: new Date(expiresAtMs).toISOString() }, 201);
  },
);

/** Throws for a handshake that the platform would refuse in its own words (RFC 6455, section 4.2). */
function isUpgrade(c: Context): boolean {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") return false;
  if (c.req.header("sec-websocket-version") !== "13" || c.req.header("sec-websocket-key") === undefined)
    throw upgradeRequired("the handshake needs sec-websocket-version: 13 and a sec-websocket-key");
  return true;
}

function upgradeRequired(detail: string): ProblemError {
  const headers = { upgrade: "websocket", "sec-websocket-version": "13" };
  return new ProblemError("upgrade-required", { detail }, headers);
}
