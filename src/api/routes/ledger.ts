import { createRoute, z } from "@hono/zod-openapi";
import { ledgerOf } from "../../ledger/bindings.ts";
import { listDeadLetters, replayDeadLetter } from "../../ledger/dead-letters.ts";
import { type LedgerFilter, listLedger } from "../../ledger/queries.ts";
import { formatTailCursor, tailEnd } from "../../ledger/tail.ts";
import { DeadLetterView, LedgerItem } from "../../protocol/answers.ts";
import { eventData } from "../../protocol/event.ts";
import { limits } from "../../protocol/limits.ts";
import { ChannelId, Sku, Text, Timestamp } from "../../protocol/primitives.ts";
import { jsonAnswer, newRouter, problems } from "../../http/openapi.ts";
import { ProblemError } from "../../http/problem.ts";

export const ledger = newRouter();

const tags = ["Ledger"];
const page = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
});
const filters = page.extend({
  type: z.enum(Object.keys(eventData)).optional().meta({
    description:
      "Event type, as in `adjusted`. Over all SKUs, name a time too: types are looked for one event at a time",
  }),
  channel: ChannelId.optional(),
  reference: Text.optional(),
  from: Timestamp.optional().meta({ description: "Recorded then or later" }),
  to: Timestamp.optional().meta({ description: "Recorded before then" }),
});
const LedgerPage = z.object({ items: z.array(LedgerItem), nextCursor: z.string().optional() });

ledger.openapi(
  createRoute({
    method: "get",
    path: "/v1/skus/{sku}/ledger",
    tags,
    summary: "The history of a SKU, newest first",
    request: { params: z.object({ sku: Sku }), query: filters },
    responses: { 200: jsonAnswer("A page of events", LedgerPage), ...problems() },
  }),
  async (c) => {
    const { sku } = c.req.valid("param");
    return c.json(await listLedger(ledgerOf(c.env), { ...toFilter(c.req.valid("query")), sku }), 200);
  },
);

ledger.openapi(
  createRoute({
    method: "get",
    path: "/v1/ledger",
    tags,
    summary: "The history of all SKUs, newest first",
    request: { query: filters.extend({ sku: Sku.optional() }) },
    responses: {
      200: jsonAnswer(
        "A page of events",
        LedgerPage.extend({
          liveCursor: z.string().optional().meta({
            description: "On the first page: subscribe to `*` on /v1/live with it, and nothing is missed",
          }),
        }),
      ),
      ...problems(),
    },
  }),
  async (c) => {
    const query = c.req.valid("query");
    // Asked first: what comes in between is then told twice rather than never.
    const databases = ledgerOf(c.env);
    const liveCursor = formatTailCursor(await tailEnd(databases));
    const found = await listLedger(databases, { ...toFilter(query), sku: query.sku });
    return c.json({ ...found, ...(query.cursor === undefined && { liveCursor }) }, 200);
  },
);

ledger.openapi(
  createRoute({
    method: "get",
    path: "/v1/dead-letters",
    tags,
    summary: "Messages the consumer could not process",
    request: { query: page },
    responses: {
      200: jsonAnswer(
        "A page of dead letters",
        z.object({ items: z.array(DeadLetterView), nextCursor: z.string().optional() }),
      ),
      ...problems(),
    },
  }),
  async (c) => {
    const { cursor, limit } = c.req.valid("query");
    const letters = await listDeadLetters(ledgerOf(c.env).first, cursor, limit + 1);
    const items = letters.slice(0, limit).map(({ id, sku, receivedAt, body }) => {
      return { id, sku, receivedAt, events: body.entries.length };
    });
    const last = items.at(-1);
    return c.json({ items, ...(letters.length > limit && last && { nextCursor: last.id }) }, 200);
  },
);

ledger.openapi(
  createRoute({
    method: "post",
    path: "/v1/dead-letters/{id}/replay",
    tags,
    summary: "Put a dead letter on the queue again",
    request: { params: z.object({ id: z.string() }) },
    responses: { 202: { description: "On the queue" }, ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    if (!(await replayDeadLetter(c.env, id))) throw new ProblemError("dead-letter-not-found");
    return c.body(null, 202);
  },
);

function toFilter(query: z.infer<typeof filters>): LedgerFilter {
  const { from, to, ...rest } = query;
  return {
    ...rest,
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: to === undefined ? undefined : Date.parse(to),
  };
}
