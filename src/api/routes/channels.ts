import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ChannelRefusal, Refused } from "../../channel/contract.ts";
import { forgetChannel, listChannels, registerChannel } from "../../ledger/channels.ts";
import {
  ChannelConfig,
  ChannelStatusView,
  ChannelView,
  ListingConfig,
  ListingState,
  ListingView,
} from "../../protocol/channel.ts";
import { limits } from "../../protocol/limits.ts";
import { ChannelId, Sku } from "../../protocol/primitives.ts";
import { unreachable } from "../../stock/refusal.ts";
import type { AppEnv } from "../app-env.ts";
import { requireScope } from "../auth.ts";
import { backfillChannel } from "../backfill.ts";
import { jsonAnswer, jsonBody, newRouter, problems, security } from "../openapi.ts";
import { ProblemError } from "../problem.ts";

export const channels = newRouter();

const common = { tags: ["Channels"], security, middleware: requireScope("channels:manage") };
const channelPath = z.object({ id: ChannelId });
const listingPath = channelPath.extend({ sku: Sku });
const RetryAnswer = z.object({ due: z.int().meta({ description: "Listings now waiting to be published" }) });

channels.openapi(
  createRoute({
    ...common,
    method: "put",
    path: "/v1/channels/{id}",
    summary: "Connect a channel, or change how it is set up",
    request: { params: channelPath, ...jsonBody(ChannelConfig) },
    responses: {
      200: jsonAnswer("Changed", ChannelView),
      201: jsonAnswer("Connected; a signing secret is shown this once", ChannelView),
      ...problems(422),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const channel = c.env.CHANNEL.getByName(id);
    const result = await channel.configure(c.req.valid("json"));
    if (result.outcome === "refused") throw channelProblem(id, result);
    await registerChannel(c.env.LEDGER, id, result.channel.kind, Date.now());
    // Every time, not only the first: an earlier backfill may have died half-way, and what is known is not sent twice.
    c.executionCtx.waitUntil(backfillChannel(c.env, id));
    return c.json(result.channel, result.outcome === "created" ? 201 : 200);
  },
);

channels.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/channels",
    summary: "List channels with their status",
    responses: {
      200: jsonAnswer("All channels", z.object({ items: z.array(ChannelStatusView) })),
      ...problems(),
    },
  }),
  async (c) => {
    const ids = await listChannels(c.env.LEDGER);
    const results = await Promise.all(ids.map((id) => c.env.CHANNEL.getByName(id).status()));
    return c.json(
      { items: results.flatMap((result) => (result.outcome === "found" ? [result.status] : [])) },
      200,
    );
  },
);

channels.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/channels/{id}",
    summary: "How a channel is doing",
    request: { params: channelPath },
    responses: { 200: jsonAnswer("Its status", ChannelStatusView), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.env.CHANNEL.getByName(id).status();
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json(result.status, 200);
  },
);

channels.openapi(
  createRoute({
    ...common,
    method: "delete",
    path: "/v1/channels/{id}",
    summary: "Disconnect a channel and forget it",
    request: { params: channelPath },
    responses: { 204: { description: "Forgotten" }, ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    await forgetChannel(c.env.LEDGER, id);
    const result = await c.env.CHANNEL.getByName(id).remove();
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.body(null, 204);
  },
);

for (const [action, summary] of [
  ["pause", "Keep changes, send nothing"],
  ["resume", "Send what has waited"],
] as const) {
  channels.openapi(
    createRoute({
      ...common,
      method: "post",
      path: `/v1/channels/{id}/${action}`,
      summary,
      request: { params: channelPath },
      responses: { 200: jsonAnswer("The channel", ChannelView), ...problems(404) },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const channel = c.env.CHANNEL.getByName(id);
      const result = action === "pause" ? await channel.pause() : await channel.resume();
      if (result.outcome === "refused") throw channelProblem(id, result);
      return c.json(result.channel, 200);
    },
  );
}

channels.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/channels/{id}/retry",
    summary: "Try all failed listings again",
    request: { params: channelPath },
    responses: { 202: jsonAnswer("They are waiting", RetryAnswer), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await retry(c, id), 202);
  },
);

channels.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/channels/{id}/listings",
    summary: "What the channel shows, and should show",
    request: {
      params: channelPath,
      query: z.object({
        state: ListingState.optional(),
        cursor: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
      }),
    },
    responses: {
      200: jsonAnswer(
        "A page in order of SKU",
        z.object({ items: z.array(ListingView), nextCursor: z.string().optional() }),
      ),
      ...problems(404),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { state, cursor, limit } = c.req.valid("query");
    const result = await c.env.CHANNEL.getByName(id).listings({ state, after: cursor, limit });
    if (result.outcome === "refused") throw channelProblem(id, result);
    const { items, nextAfter } = result;
    return c.json({ items: [...items], ...(nextAfter !== undefined && { nextCursor: nextAfter }) }, 200);
  },
);

channels.openapi(
  createRoute({
    ...common,
    method: "put",
    path: "/v1/channels/{id}/listings/{sku}",
    summary: "What a SKU is called on the channel, and how much of it is shown",
    request: { params: listingPath, ...jsonBody(ListingConfig) },
    responses: {
      200: jsonAnswer("Changed", ListingView),
      201: jsonAnswer("Listed", ListingView),
      ...problems(404, 422),
    },
  }),
  async (c) => {
    const { id, sku } = c.req.valid("param");
    const stock = await c.env.SKU.getByName(sku).read();
    const result = await c.env.CHANNEL.getByName(id).putListing(sku, c.req.valid("json"), stock);
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json(result.listing, result.outcome === "created" ? 201 : 200);
  },
);

channels.openapi(
  createRoute({
    ...common,
    method: "delete",
    path: "/v1/channels/{id}/listings/{sku}",
    summary: "Take a SKU's own listing away",
    request: { params: listingPath },
    responses: { 204: { description: "Gone" }, ...problems(404) },
  }),
  async (c) => {
    const { id, sku } = c.req.valid("param");
    const result = await c.env.CHANNEL.getByName(id).removeListing(sku);
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.body(null, 204);
  },
);

channels.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/channels/{id}/listings/{sku}/retry",
    summary: "Try one failed listing again",
    request: { params: listingPath },
    responses: { 202: jsonAnswer("It is waiting", RetryAnswer), ...problems(404) },
  }),
  async (c) => {
    const { id, sku } = c.req.valid("param");
    return c.json(await retry(c, id, sku), 202);
  },
);

async function retry(c: Context<AppEnv>, id: string, sku?: string): Promise<z.infer<typeof RetryAnswer>> {
  const result = await c.env.CHANNEL.getByName(id).retry(sku);
  if (result.outcome === "refused") throw channelProblem(id, result);
  return { due: result.due };
}

function channelProblem(id: string, { refusal }: Refused): ProblemError {
  return new ProblemError(...problemOf(id, refusal));
}

function problemOf(id: string, refusal: ChannelRefusal): ConstructorParameters<typeof ProblemError> {
  switch (refusal.code) {
    case "channel-not-found":
      return [refusal.code, { detail: `there is no channel ${id}; connect it with PUT /v1/channels/{id}` }];
    case "listing-not-found":
      return [refusal.code, { detail: "the channel has no listing of this SKU" }];
    case "kind-unknown": {
      const detail = `known kinds are ${refusal.kinds.join(", ")}`;
      return ["channel-settings-invalid", { detail, errors: [{ pointer: "/kind", detail }] }];
    }
    case "kind-fixed": {
      const detail = `channel ${id} is of kind ${refusal.kind} for good; connect another one under a new id`;
      return ["channel-settings-invalid", { detail, errors: [{ pointer: "/kind", detail }] }];
    }
    case "invalid": {
      const errors = refusal.issues.map((issue) => ({ ...issue }));
      return [
        "channel-settings-invalid",
        { detail: errors.map((e) => `${e.pointer}: ${e.detail}`).join("; "), errors },
      ];
    }
    default:
      return unreachable(refusal);
  }
}
