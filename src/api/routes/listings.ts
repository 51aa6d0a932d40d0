import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { ListingsDueAnswer } from "../../protocol/answers.ts";
import { ListingConfig, ListingState, ListingView } from "../../protocol/channel.ts";
import { limits } from "../../protocol/limits.ts";
import { isNewer } from "../../protocol/position.ts";
import { ChannelId, Sku } from "../../protocol/primitives.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { channelProblem } from "../channel-problem.ts";
import { jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";

/** What a channel shows of single SKUs. */
export const listings = newRouter();

const common = { tags: ["Channels"] };
const channelPath = z.object({ id: ChannelId });
const listingPath = channelPath.extend({ sku: Sku });

listings.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/channels/{id}/retry",
    summary: "Try all failed listings again",
    request: { params: channelPath },
    responses: { 202: jsonAnswer("They are waiting", ListingsDueAnswer), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await retry(c, id), 202);
  },
);

listings.openapi(
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

listings.openapi(
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
    const object = c.env.SKU.getByName(sku);
    const channel = c.env.CHANNEL.getByName(id);
    const stock = await object.read();
    const result = await channel.putListing(sku, c.req.valid("json"), stock);
    if (result.outcome === "refused") throw channelProblem(id, result);
    // A change that was sent to the channels before there was a listing passed it by.
    const newest = await object.read();
    if (newest !== undefined && isNewer(newest, stock)) await channel.backfill([{ stock: newest }]);
    return c.json(result.listing, result.outcome === "created" ? 201 : 200);
  },
);

listings.openapi(
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

listings.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/channels/{id}/listings/{sku}/retry",
    summary: "Try one failed listing again",
    request: { params: listingPath },
    responses: { 202: jsonAnswer("It is waiting", ListingsDueAnswer), ...problems(404) },
  }),
  async (c) => {
    const { id, sku } = c.req.valid("param");
    return c.json(await retry(c, id, sku), 202);
  },
);

async function retry(c: Context<AppEnv>, id: string, sku?: string): Promise<ListingsDueAnswer> {
  const result = await c.env.CHANNEL.getByName(id).retry(sku);
  if (result.outcome === "refused") throw channelProblem(id, result);
  return { due: result.due };
}
