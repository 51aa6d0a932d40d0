import { createRoute, z } from "@hono/zod-openapi";
import { ledgerOf } from "../../ledger/bindings.ts";
import { listUnmatched } from "../../ledger/unmatched.ts";
import { OrderLineView } from "../../protocol/answers.ts";
import { limits } from "../../protocol/limits.ts";
import { ChannelId, ExternalId } from "../../protocol/primitives.ts";
import { MatchBody, UnmatchedLineView, UnmatchedReplayAnswer } from "../../protocol/unmatched.ts";
import { matchLine, replayUnmatched } from "../match-lines.ts";
import { jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";
import { toLine } from "../order-line.ts";

/** Order lines that took nothing from any stock yet, because nobody knows which SKU they are. */
export const unmatched = newRouter();

const common = { tags: ["Orders"] };
const filter = {
  channel: ChannelId.optional(),
  cursor: z.string().optional(),
};
const limit = z.coerce.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault);

unmatched.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/unmatched",
    summary: "Order lines whose SKU nobody knows, newest first",
    description: "They took nothing from any stock. The other lines of their orders stand.",
    request: { query: z.object({ ...filter, limit }) },
    responses: {
      200: jsonAnswer(
        "A page of lines",
        z.object({ items: z.array(UnmatchedLineView), nextCursor: z.string().optional() }),
      ),
      ...problems(),
    },
  }),
  async (c) => c.json(await listUnmatched(ledgerOf(c.env).first, c.req.valid("query")), 200),
);

unmatched.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/unmatched/{channel}/{orderId}/{lineId}",
    summary: "Say which SKU an unmatched line is",
    description:
      "The line is recorded at the SKU, with all that happened to it since. Doing it again changes nothing. " +
      "With `remember`, the channel's item becomes the SKU's listing, so that its next order matches by itself.",
    request: {
      params: z.object({
        channel: ChannelId,
        orderId: ExternalId.meta({ description: "The order's number on its channel", example: "1002" }),
        lineId: ExternalId.meta({ description: "As GET /v1/unmatched lists it", example: "1" }),
      }),
      ...jsonBody(MatchBody),
    },
    responses: { 200: jsonAnswer("The line as it is recorded", OrderLineView), ...problems(404, 409, 422) },
  }),
  async (c) => {
    const { sku, remember = false } = c.req.valid("json");
    return c.json(toLine(await matchLine(c.env, c.req.valid("param"), sku, remember)), 200);
  },
);

unmatched.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/unmatched/replay",
    summary: "Look for the SKUs of unmatched lines again",
    description:
      "After SKUs were created or items listed. Takes a page of lines, newest first; repeat with `nextCursor` for the rest.",
    request: { query: z.object({ ...filter, limit: limit.default(200) }) },
    responses: { 200: jsonAnswer("What has become of them", UnmatchedReplayAnswer), ...problems() },
  }),
  async (c) => c.json(await replayUnmatched(c.env, c.req.valid("query")), 200),
);
