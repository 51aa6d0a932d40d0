import { createRoute, z } from "@hono/zod-openapi";
import { describeKinds } from "../../channel/adapters/index.ts";
import { ChannelKindView, ChannelView, LagSample } from "../../protocol/channel.ts";
import { ChannelId } from "../../protocol/primitives.ts";
import { channelProblem } from "../channel-problem.ts";
import { jsonAnswer, newRouter, problems } from "../../http/openapi.ts";

/** What a person needs who sets up a channel, or looks at how it is doing. */
export const channelDetails = newRouter();

const common = { tags: ["Channels"] };
const params = z.object({ id: ChannelId });

channelDetails.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/channel-kinds",
    summary: "The kinds of channels there are, and what connecting one takes",
    description: "Settings, credentials and listings of each kind as JSON Schema: enough to make a form of.",
    responses: {
      200: jsonAnswer("All kinds", z.object({ items: z.array(ChannelKindView) })),
      ...problems(),
    },
  }),
  async (c) => c.json({ items: describeKinds() }, 200),
);

channelDetails.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/channels/{id}/settings",
    summary: "How a channel is set up",
    description:
      "As `PUT /v1/channels/{id}` left it; credentials and the signing secret are never shown again.",
    request: { params },
    responses: { 200: jsonAnswer("The channel", ChannelView), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.env.CHANNEL.getByName(id).shown();
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json(result.channel, 200);
  },
);

channelDetails.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/channels/{id}/lag",
    summary: "How long recent publications took, one by one",
    description:
      "About the last 1,000 since the channel's object was last loaded, oldest first: what `lag` in its status sums up.",
    request: { params },
    responses: {
      200: jsonAnswer("Recent publications", z.object({ items: z.array(LagSample) })),
      ...problems(404),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.env.CHANNEL.getByName(id).lag();
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json({ items: [...result.samples] }, 200);
  },
);
