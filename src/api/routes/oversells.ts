import { createRoute, z } from "@hono/zod-openapi";
import { ledgerOf } from "../../ledger/bindings.ts";
import { findOversell, listOversells, resolveOversell } from "../../ledger/oversells.ts";
import { limits } from "../../protocol/limits.ts";
import { OversellPage, OversellState, OversellView, ResolutionBody } from "../../protocol/oversell.ts";
import { ChannelId, Sku } from "../../protocol/primitives.ts";
import { jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";
import { ProblemError } from "../../http/problem.ts";

export const oversells = newRouter();

const common = { tags: ["Oversells"] };
const oversellPath = z.object({ id: z.string() });

oversells.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/oversells",
    summary: "Facts that took more than there was, newest first",
    request: {
      query: z.object({
        state: OversellState.optional(),
        sku: Sku.optional(),
        channel: ChannelId.optional(),
        cursor: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
      }),
    },
    responses: { 200: jsonAnswer("A page of oversells, and how much is open", OversellPage), ...problems() },
  }),
  async (c) => c.json(await listOversells(ledgerOf(c.env), c.req.valid("query")), 200),
);

oversells.openapi(
  createRoute({
    ...common,
    method: "get",
    path: "/v1/oversells/{id}",
    summary: "One oversell",
    request: { params: oversellPath },
    responses: { 200: jsonAnswer("The oversell", OversellView), ...problems(404) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    return c.json((await findOversell(ledgerOf(c.env), id)) ?? notFound(id), 200);
  },
);

oversells.openapi(
  createRoute({
    ...common,
    method: "post",
    path: "/v1/oversells/{id}/resolution",
    summary: "Say how an oversell was settled",
    description:
      "A note for people: it moves no stock, so tell the receipt, cancellation or count as well. It is said once; " +
      "saying the same again is answered the same, and the first note stands. Needs no Idempotency-Key.",
    request: { params: oversellPath, ...jsonBody(ResolutionBody) },
    responses: { 200: jsonAnswer("Resolved", OversellView), ...problems(404, 409) },
  }),
  async (c) => {
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    const by = { actor: c.get("principal").id, nowMs: Date.now() };
    const oversell = (await resolveOversell(ledgerOf(c.env), id, body, by)) ?? notFound(id);
    const { resolution } = oversell;
    if (resolution !== body.resolution) {
      throw new ProblemError("oversell-resolved", { detail: `it was ${resolution} already`, resolution });
    }
    return c.json(oversell, 200);
  },
);

function notFound(id: string): never {
  throw new ProblemError("oversell-not-found", { detail: `no oversell ${id}; see GET /v1/oversells` });
}
