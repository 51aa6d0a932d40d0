import { createRoute, z } from "@hono/zod-openapi";
import { factView } from "../../channel/views.ts";
import { FactsWaitingAnswer } from "../../protocol/answers.ts";
import { KeptFactState, KeptFactView } from "../../protocol/inbound.ts";
import { limits } from "../../protocol/limits.ts";
import { ChannelId } from "../../protocol/primitives.ts";
import { channelProblem } from "../channel-problem.ts";
import { jsonAnswer, newRouter, problems } from "../../http/openapi.ts";

/** What channels told and is not applied: to look at, and to try again. */
export const inbox = newRouter();

const common = { tags: ["Channels"] };
const params = z.object({ id: ChannelId });

inbox.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/channels/{id}/inbox",
    summary: "What the channel told that is not applied",
    description:
      "`waiting`: will be applied, or tried again. `parked`: cannot be applied as it is, and `detail` says why.",
    request: {
      params,
      query: z.object({
        state: KeptFactState.optional(),
        cursor: z.coerce.number().int().min(0).optional(),
        limit: z.coerce.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
      }),
    },
    responses: {
      200: jsonAnswer(
        "A page in order of arrival",
        z.object({ items: z.array(KeptFactView), nextCursor: z.string().optional() }),
      ),
      ...problems(404),
    },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const { state, cursor, limit } = c.req.valid("query");
    const result = await c.env.CHANNEL.getByName(id).facts({ state, after: cursor, limit });
    if (result.outcome === "refused") throw channelProblem(id, result);
    const { items, nextAfter } = result;
    return c.json(
      { items: items.map(factView), ...(nextAfter !== undefined && { nextCursor: String(nextAfter) }) },
      200,
    );
  },
);

inbox.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/channels/{id}/inbox/replay",
    summary: "Try parked facts again",
    request: { params, query: z.object({ seq: z.coerce.number().int().min(1).optional() }) },
    responses: { 202: jsonAnswer("They are waiting", FactsWaitingAnswer), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.env.CHANNEL.getByName(id).replayFacts(c.req.valid("query").seq);
    if (result.outcome === "refused") throw channelProblem(id, result);
    return c.json({ waiting: result.waiting }, 202);
  },
);
