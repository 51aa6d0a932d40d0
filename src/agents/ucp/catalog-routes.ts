import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { maxAgeMsOf, readStock, type Reading } from "../../api/freshness.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { jsonAnswer, jsonBody, newRouter, problems } from "../../http/openapi.ts";
import { ProblemError } from "../../http/problem.ts";
import { publicOrigin } from "../../http/public-url.ts";
import { limits } from "../../protocol/limits.ts";
import { Sku } from "../../protocol/primitives.ts";
import { readItems } from "../mcp/reading.ts";
import { type Known, lookupAnswer, LookupBody, productAnswer, ProductBody } from "./catalog.ts";
import { UcpAnswer } from "./envelope.ts";
import { endpointPath, ownNames } from "./names.ts";

/** Catalog lookup as UCP has it, with our stock. */
export const catalog = newRouter();

const common = {
  method: "post" as const,
  tags: ["Agents"],
};
const freshness =
  "The newest there is, or with `Cache-Control: max-age=N` at most N seconds old; each variant says how old.";

catalog.openapi(
  createRoute({
    ...common,
    path: `${endpointPath}/catalog/lookup`,
    summary: "UCP: look up SKUs as products",
    description: `${freshness} A SKU without a price is no product; its stock is answered beside them.`,
    request: jsonBody(LookupBody),
    responses: { 200: jsonAnswer("What is known of them", UcpAnswer), ...problems() },
  }),
  async (c) => {
    const body = c.req.valid("json");
    const ids = [...new Set(body.ids)];
    if (ids.length > limits.availabilitySkusMax) {
      const detail = `look up at most ${limits.availabilitySkusMax} ids at once`;
      throw new ProblemError("invalid-request", { detail, code: "request_too_large" });
    }
    const known = await readKnown(c, ids);
    return c.json(lookupAnswer(ids, known, body, ownNames(publicOrigin(c))), 200);
  },
);

catalog.openapi(
  createRoute({
    ...common,
    path: `${endpointPath}/catalog/product`,
    summary: "UCP: one SKU as a product",
    description: freshness,
    request: jsonBody(ProductBody),
    responses: { 200: jsonAnswer("The product, or why there is none", UcpAnswer), ...problems() },
  }),
  async (c) => {
    const body = c.req.valid("json");
    const [known] = await readKnown(c, [body.id]);
    return c.json(productAnswer(body.id, known, body, ownNames(publicOrigin(c))), 200);
  },
);

/** What is known of ids, in their order; what cannot be the name of a SKU is not known. */
async function readKnown(c: Context<AppEnv>, ids: readonly string[]): Promise<(Known | undefined)[]> {
  const skus = ids.filter((id) => Sku.safeParse(id).success);
  const readings = new Map<string, Reading>();
  const items = await readItems(
    async (asked, maxAgeMs) => {
      const read = await readStock(c, asked, maxAgeMs);
      for (const reading of read) if (reading !== undefined) readings.set(reading.stock.sku, reading);
      return read;
    },
    skus,
    maxAgeMsOf(c) / 1_000,
    () => Date.now(),
  );
  const bySku = new Map(items.flatMap((item) => (item === undefined ? [] : [[item.sku, item]])));
  return ids.map((id) => {
    const item = bySku.get(id);
    return item && { item, price: readings.get(id)?.stock.price };
  });
}
