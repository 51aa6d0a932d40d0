import { createRoute } from "@hono/zod-openapi";
import { BulkAnswer } from "../../protocol/answers.ts";
import { BulkBody } from "../../protocol/bulk.ts";
import { bulkEffects, toBulkMutations } from "../bulk-effects.ts";
import { applyBulk } from "../bulk.ts";
import { jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";
import { refuseIfMatch } from "../../http/precondition.ts";

export const bulk = newRouter();

bulk.openapi(
  createRoute({
    method: "post",
    path: "/v1/mutations",
    tags: ["Stock"],
    summary: "Change many SKUs in one call",
    description:
      "Up to 1,000 mutations, each with an idempotency key and a result of its own: some may be done and others refused. " +
      "Those of one SKU are applied in the order given. A body that does not fit its schema is refused whole. After a " +
      "failure, send the same body again: what was done is answered as it was, what was not is done.",
    request: jsonBody(BulkBody),
    responses: { 200: jsonAnswer("What became of each", BulkAnswer), ...problems() },
  }),
  async (c) => {
    refuseIfMatch(c, "a bulk request");
    const mutations = await toBulkMutations(c, c.req.valid("json").items);
    const items = await applyBulk(mutations, bulkEffects(c));
    return c.json({ items }, 200);
  },
);
