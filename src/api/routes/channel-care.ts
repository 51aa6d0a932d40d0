import { createRoute, z } from "@hono/zod-openapi";
import { ChannelId } from "../../protocol/primitives.ts";
import {
  DriftView,
  Findings,
  ImportBody,
  ImportView,
  ReconciliationReport,
  ReconciliationView,
} from "../../protocol/reconciliation.ts";
import { channelProblem } from "../channel-problem.ts";
import { jsonAnswer, newRouter, problems } from "../../http/openapi.ts";

/** Looking after a channel: test its connection, import its listings, compare what it shows. */
export const channelCare = newRouter();

const common = { tags: ["Channels"] };
const params = z.object({ id: ChannelId });

channelCare.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/channels/{id}/test",
    summary: "Test the connection to a channel",
    description:
      "Calls the channel, and says of each thing it needs whether it is there and what to do if not.",
    request: { params },
    responses: { 200: jsonAnswer("What was looked at, good or not", Findings), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.env.CHANNEL.getByName(id).test();
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json(result.result, 200);
  },
);

channelCare.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/channels/{id}/reconcile",
    summary: "Compare all a channel shows with what it was told",
    description:
      "Runs in the background, page by page, within the channel's rate; joins the run under way. What is done about " +
      "drift is the channel's `drift` setting. Every channel that can be read is compared once an hour by itself.",
    request: { params },
    responses: { 202: jsonAnswer("It runs", ReconciliationView), ...problems(404, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.env.CHANNEL.getByName(id).reconcile();
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json(result.run, 202);
  },
);

channelCare.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/channels/{id}/reconcile/{run}",
    summary: "What a comparison found and did",
    request: {
      params: params.extend({
        run: z.string().max(64).meta({ example: "5f0c8a3e-3f4b-4d36-9a0f-1f7d0c2b6a11" }),
      }),
    },
    responses: {
      200: jsonAnswer("Its report, as far as it has come", ReconciliationReport),
      ...problems(404),
    },
  }),
  async (c) => {
    const { id, run } = c.req.valid("param");
    const result = await c.env.CHANNEL.getByName(id).reconciliation(run);
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json(result.report, 200);
  },
);

channelCare.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/channels/{id}/drift",
    summary: "Listings of which the channel shows something else, and the last comparisons",
    request: { params },
    responses: { 200: jsonAnswer("What is open, and the last 10 runs", DriftView), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.env.CHANNEL.getByName(id).drift();
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json(result.drift, 200);
  },
);

channelCare.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/channels/{id}/listings/import",
    summary: "List the channel's items under the SKUs they name",
    description:
      "Reads all the channel offers and lists each item whose SKU Stockwire knows. Answers 200 when that is done, or " +
      "202 with what there is after 5 s; it goes on, and `GET /v1/channels/{id}/import` says how far it is.",
    request: { params, body: { content: { "application/json": { schema: ImportBody } } } },
    responses: {
      200: jsonAnswer("Done", ImportView),
      202: jsonAnswer("It goes on", ImportView),
      ...problems(404, 409, 422),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    // Without a body there is nothing to validate.
    const body: z.infer<typeof ImportBody> | undefined = c.req.valid("json");
    const result = await c.env.CHANNEL.getByName(id).importListings(body?.dryRun === true);
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json(result.import, result.import.state === "running" ? 202 : 200);
  },
);

channelCare.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/channels/{id}/import",
    summary: "How far the last import is, and what it found",
    request: { params },
    responses: { 200: jsonAnswer("The last import", ImportView), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.env.CHANNEL.getByName(id).importState();
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json(result.import, 200);
  },
);
