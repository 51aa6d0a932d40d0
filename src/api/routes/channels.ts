import { createRoute, z } from "@hono/zod-openapi";
import { ledgerOf } from "../../ledger/bindings.ts";
import { forgetChannel, listChannels, registerChannel } from "../../ledger/channels.ts";
import { ChannelConfig, ChannelStatusView, ChannelView, SigningSecretBody } from "../../protocol/channel.ts";
import { ChannelId } from "../../protocol/primitives.ts";
import { backfillChannel } from "../backfill.ts";
import { channelProblem } from "../channel-problem.ts";
import { jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";

export const channels = newRouter();

const common = { tags: ["Channels"] };
const channelPath = z.object({ id: ChannelId });

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
    await registerChannel(ledgerOf(c.env).first, id, result.channel.kind, Date.now());
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
    const ids = await listChannels(ledgerOf(c.env).first);
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
    await forgetChannel(ledgerOf(c.env).first, id);
    const result = await c.env.CHANNEL.getByName(id).remove();
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.body(null, 204);
  },
);

channels.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/channels/{id}/signing-secret",
    summary: "Sign with another secret, and for a while with the one before too",
    description:
      "If the answer is lost, ask again: what the receiver knows is good until its own time is over, unless it was sealed " +
      "with a `STOCKWIRE_SECRETS_KEY` that the service does not have any more.",
    request: { params: channelPath, ...jsonBody(SigningSecretBody) },
    responses: {
      200: jsonAnswer("The channel; its new signing secret is shown this once", ChannelView),
      ...problems(404),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const channel = c.env.CHANNEL.getByName(id);
    const result = await channel.renewSigningSecret(c.req.valid("json").overlapSeconds);
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json(result.channel, 200);
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
