import { createRoute, z } from "@hono/zod-openapi";
import { listSkus } from "../../ledger/queries.ts";
import { limits } from "../../protocol/limits.ts";
import { MutationAnswer, AvailabilityAnswer } from "../../protocol/answers.ts";
import { Sku, Timestamp } from "../../protocol/primitives.ts";
import { AvailabilityBody, PutSkuBody } from "../../protocol/requests.ts";
import { StockStatus, StockView } from "../../protocol/stock.ts";
import { requireScope } from "../auth.ts";
import { idempotencyOf } from "../idempotency.ts";
import {
  ifMatchHeader,
  ifNoneMatchHeader,
  jsonAnswer,
  jsonBody,
  newRouter,
  problems,
  security,
} from "../openapi.ts";
import { kitProblem, nowhere, replayedOr } from "../kit-check.ts";
import { ifMatchOf, isNotModified } from "../precondition.ts";
import { ProblemError } from "../problem.ts";
import { mutateSku, mutationResponse, readHeaders } from "../sku-call.ts";
import { toMutation } from "../stock-mutation.ts";

export const skus = newRouter();

const skuPath = z.object({ sku: Sku });

skus.openapi(
  createRoute({
    method: "put",
    path: "/v1/skus/{sku}",
    tags: ["Stock"],
    summary: "Create a SKU, or change its settings",
    security,
    middleware: requireScope("stock:write"),
    request: { params: skuPath, headers: ifMatchHeader, ...jsonBody(PutSkuBody) },
    responses: {
      200: jsonAnswer("Changed, or already like that", MutationAnswer),
      201: jsonAnswer("Created", MutationAnswer),
      ...problems(409, 412, 422),
    },
  }),
  async (c) => {
    const { sku } = c.req.valid("param");
    const body = c.req.valid("json");
    const idempotency = await idempotencyOf(c, body);
    const ifMatch = ifMatchOf(c);
    const mutation = toMutation({ type: "create", ...body });
    const problem = await kitProblem(sku, body.components ?? [], async (part) =>
      c.env.SKU.getByName(part).read(),
    );
    const result =
      problem === undefined
        ? await mutateSku(c, sku, mutation, idempotency, ifMatch)
        : await replayedOr(problem, mutateSku(c, sku, mutation, idempotency, nowhere));
    return mutationResponse(c, result, result.event?.type === "created" ? 201 : 200);
  },
);

skus.openapi(
  createRoute({
    method: "delete",
    path: "/v1/skus/{sku}",
    tags: ["Stock"],
    summary: "Retire a SKU",
    description:
      "Refused while units are reserved or committed. Creating it again begins a new epoch at version 1.",
    security,
    middleware: requireScope("stock:write"),
    request: { params: skuPath, headers: ifMatchHeader },
    responses: { 200: jsonAnswer("Retired", MutationAnswer), ...problems(404, 409, 412, 422) },
  }),
  async (c) => {
    const { sku } = c.req.valid("param");
    const idempotency = await idempotencyOf(c, {});
    const result = await mutateSku(c, sku, toMutation({ type: "retire" }), idempotency, ifMatchOf(c));
    return mutationResponse(c, result, 200);
  },
);

skus.openapi(
  createRoute({
    method: "get",
    path: "/v1/skus/{sku}",
    tags: ["Stock"],
    summary: "Read the stock of a SKU",
    security,
    middleware: requireScope("stock:read"),
    request: { params: skuPath, headers: ifNoneMatchHeader },
    responses: {
      200: jsonAnswer("The stock, as it is now", StockView),
      304: { description: "Still the version of If-None-Match" },
      ...problems(404),
    },
  }),
  async (c) => {
    const { sku } = c.req.valid("param");
    const stock = await c.env.SKU.getByName(sku).read();
    if (stock === undefined)
      throw new ProblemError("sku-not-found", { detail: `SKU ${sku} is unknown`, sku });
    if (isNotModified(c, stock)) return c.body(null, 304, readHeaders(stock));
    return c.json(stock, 200, readHeaders(stock));
  },
);

skus.openapi(
  createRoute({
    method: "get",
    path: "/v1/skus",
    tags: ["Stock"],
    summary: "List SKUs, from the ledger",
    security,
    middleware: requireScope("stock:read"),
    request: {
      query: z.object({
        query: z
          .string()
          .max(limits.textLengthMax)
          .optional()
          .meta({ description: "Part of the SKU or title" }),
        status: StockStatus.optional(),
        cursor: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
      }),
    },
    responses: {
      200: jsonAnswer(
        "A page of SKUs in order of name; `asOf` says when the ledger was read",
        z.object({ items: z.array(StockView), nextCursor: z.string().optional(), asOf: Timestamp }),
      ),
      ...problems(),
    },
  }),
  async (c) => c.json(await listSkus(c.env.LEDGER, c.req.valid("query"), Date.now()), 200),
);

skus.openapi(
  createRoute({
    method: "post",
    path: "/v1/availability",
    tags: ["Stock"],
    summary: "Read many SKUs in one call",
    security,
    middleware: requireScope("stock:read"),
    request: jsonBody(AvailabilityBody),
    responses: { 200: jsonAnswer("What is known, and what is not", AvailabilityAnswer), ...problems() },
  }),
  async (c) => {
    const wanted = [...new Set(c.req.valid("json").skus)];
    const views = await Promise.all(wanted.map((sku) => c.env.SKU.getByName(sku).read()));
    const items = views.filter((view) => view !== undefined);
    const missing = wanted.filter((_, index) => views[index] === undefined);
    const asOf = items.reduce(
      (oldest, view) => (view.asOf < oldest ? view.asOf : oldest),
      new Date().toISOString(),
    );
    return c.json({ items, missing, asOf }, 200, { "stockwire-source": "object" });
  },
);

skus.openapi(
  createRoute({
    method: "get",
    path: "/v1/skus/{sku}/live",
    tags: ["Live"],
    summary: "Watch one SKU over a WebSocket",
    description:
      "Sends the present view first, then the newest view after each change. Send `ping` to get `pong`.",
    security,
    middleware: requireScope("stock:read"),
    request: { params: skuPath },
    responses: { 101: { description: "Switching to a WebSocket" }, ...problems(404, 426) },
  }),
  async (c) => {
    const { sku } = c.req.valid("param");
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      throw new ProblemError(
        "upgrade-required",
        { detail: "open this with a WebSocket client" },
        { upgrade: "websocket" },
      );
    }
    const response = await c.env.SKU.getByName(sku).fetch(c.req.raw);
    if (response.status === 404)
      throw new ProblemError("sku-not-found", { detail: `SKU ${sku} is unknown`, sku });
    return response;
  },
);
