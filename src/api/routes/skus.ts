import { createRoute, z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { inlineJson, jsonLdType, productOf } from "../../agents/schema-org.ts";
import { ledgerOf } from "../../ledger/bindings.ts";
import { countSkus, listSkus } from "../../ledger/queries.ts";
import { limits } from "../../protocol/limits.ts";
import { MutationAnswer, AvailabilityAnswer } from "../../protocol/answers.ts";
import { Sku, Timestamp } from "../../protocol/primitives.ts";
import { AvailabilityBody, PutSkuBody } from "../../protocol/requests.ts";
import { StockStatus, StockView } from "../../protocol/stock.ts";
import { idempotencyOf } from "../../http/idempotency.ts";
import {
  ifMatchHeader,
  ifNoneMatchHeader,
  jsonAnswer,
  jsonBody,
  newRouter,
  problems,
} from "../../http/openapi.ts";
import { maxAgeMsOf, readHeaders, readStock } from "../freshness.ts";
import { nowhere, replayedOr, settingsProblem } from "../kit-check.ts";
import { ifMatchOf, isNotModified } from "../../http/precondition.ts";
import { ProblemError } from "../../http/problem.ts";
import { publicAddress } from "../../http/public-url.ts";
import { formatEtag } from "../../protocol/position.ts";
import { newestStock } from "../../sku/latest-views.ts";
import { mutateSku, mutationResponse } from "../sku-call.ts";
import { toMutation } from "../stock-mutation.ts";

export const skus = newRouter();

const acceptable = {
  header: "Accept" as const,
  supports: ["application/json", jsonLdType],
  default: "application/json",
};

const skuPath = z.object({ sku: Sku });

skus.openapi(
  createRoute({
    method: "put",
    path: "/v1/skus/{sku}",
    tags: ["Stock"],
    summary: "Create a SKU, or change its settings",
    ...ifMatchHeader,
    request: { params: skuPath, ...jsonBody(PutSkuBody) },
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
    const problem = await settingsProblem(sku, body, {
      read: (part) => newestStock(c.env.SKU, part),
      kitsOf: async (part) => c.env.SKU.getByName(part).kits(),
    });
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
    ...ifMatchHeader,
    request: { params: skuPath },
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
    description:
      "The newest there is. With `Cache-Control: max-age=N` it may be up to N seconds old, and comes from near by: " +
      "`Age` says how old it is, `Stockwire-Source` who gave it (`object` decides about the SKU, a `feed` remembers). " +
      "With `Accept: application/ld+json` it is a schema.org Product with its Offer.",
    ...ifNoneMatchHeader,
    request: { params: skuPath },
    responses: {
      200: {
        description: "The stock, at most as old as was asked",
        content: {
          "application/json": { schema: StockView },
          [jsonLdType]: { schema: z.looseObject({ "@context": z.string(), "@type": z.literal("Product") }) },
        },
      },
      304: { description: "Still the version of If-None-Match" },
      ...problems(404),
    },
  }),
  async (c) => {
    const { sku } = c.req.valid("param");
    const [reading] = await readStock(c, [sku], maxAgeMsOf(c));
    if (reading === undefined)
      throw new ProblemError("sku-not-found", { detail: `SKU ${sku} is unknown`, sku });
    const headers = { ...readHeaders(reading), vary: "Accept" };
    const isJsonLd = accepts(c, acceptable) === jsonLdType;
    // Two forms of one version share its position, which says the same of both: a weak tag (RFC 9110, section 8.8.1).
    if (isJsonLd) headers.etag = `W/${formatEtag(reading.stock)}`;
    if (isNotModified(c, reading.stock)) return c.body(null, 304, headers);
    if (!isJsonLd) return c.json(reading.stock, 200, headers);
    const product = productOf(reading.stock, publicAddress(c));
    return c.body(inlineJson(product), 200, { ...headers, "content-type": jsonLdType });
  },
);

skus.openapi(
  createRoute({
    method: "get",
    path: "/v1/skus",
    tags: ["Stock"],
    summary: "List SKUs, from the ledger",
    request: {
      query: z.object({
        query: z
          .string()
          .max(limits.textLengthMax)
          .optional()
          .meta({ description: "Part of the SKU or title" }),
        status: StockStatus.optional(),
        retired: z
          .enum(["true", "false"])
          .default("false")
          .transform((text) => text === "true")
          .meta({ description: "The retired SKUs instead of all others; `status` is not looked at then" }),
        counts: z
          .enum(["true", "false"])
          .default("false")
          .transform((text) => text === "true")
          .meta({ description: "Also how many SKUs `query` finds, by status; reads every SKU" }),
        cursor: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
      }),
    },
    responses: {
      200: jsonAnswer(
        "A page of SKUs in order of name; `asOf` says when the ledger was read",
        z.object({
          items: z.array(StockView),
          nextCursor: z.string().optional(),
          asOf: Timestamp,
          counts: z
            .partialRecord(StockStatus, z.int().min(1))
            .optional()
            .meta({ description: "SKUs by status, retired ones aside; a status that none has is left out" }),
        }),
      ),
      ...problems(),
    },
  }),
  async (c) => {
    const { counts, ...filter } = c.req.valid("query");
    const ledger = ledgerOf(c.env);
    const [page, counted] = await Promise.all([
      listSkus(ledger, filter, Date.now()),
      counts ? countSkus(ledger, filter.query) : undefined,
    ]);
    return c.json({ ...page, ...(counted !== undefined && { counts: counted }) }, 200);
  },
);

skus.openapi(
  createRoute({
    method: "post",
    path: "/v1/availability",
    tags: ["Stock"],
    summary: "Read many SKUs in one call",
    request: jsonBody(AvailabilityBody),
    responses: { 200: jsonAnswer("What is known, and what is not", AvailabilityAnswer), ...problems() },
  }),
  async (c) => {
    const { skus: asked, maxAge = 0 } = c.req.valid("json");
    const wanted = [...new Set(asked)];
    const readings = await readStock(c, wanted, maxAge * 1000);
    const known = readings.filter((reading) => reading !== undefined);
    const items = known.map((reading) => reading.stock);
    const missing = wanted.filter((_, index) => readings[index] === undefined);
    const asOf = items.reduce(
      (oldest, view) => (view.asOf < oldest ? view.asOf : oldest),
      new Date().toISOString(),
    );
    const source = known.some((reading) => reading.source === "feed") ? "feed" : "object";
    return c.json({ items, missing, asOf }, 200, { "stockwire-source": source });
  },
);
