import { z } from "zod";
import { readStock } from "../../../api/freshness.ts";
import { limits } from "../../../protocol/limits.ts";
import { Sku } from "../../../protocol/primitives.ts";
import { oldestOf, readItems } from "../reading.ts";
import { Moment, StockItem } from "../stock-item.ts";
import { defineTool } from "../tool.ts";

export const checkStock = defineTool({
  name: "check_stock",
  title: "Check stock",
  description:
    "How many units of up to 50 SKUs can be held right now. Without max_age_seconds the numbers come from what decides about " +
    "each SKU; with it they may be that old and come faster. A number is not a promise: hold_stock makes one.",
  scope: "stock:read",
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    skus: z.array(Sku).min(1).max(limits.agentSkusMax).meta({ description: "Exact ids of SKUs" }),
    max_age_seconds: z
      .int()
      .min(0)
      .max(limits.agentMaxAgeSecondsMax)
      .default(0)
      .meta({ description: "How old a number may be; 0 asks for the newest" }),
  }),
  output: z.strictObject({
    items: z.array(StockItem),
    unknown: z.array(z.string()).meta({ description: "Ids that no SKU has" }),
    as_of: Moment.meta({ description: "The moment of the oldest number" }),
  }),
  async run(c, { skus, max_age_seconds: maxAgeSeconds }) {
    const wanted = [...new Set(skus)];
    const found = await readItems(
      (some, maxAgeMs) => readStock(c, some, maxAgeMs),
      wanted,
      maxAgeSeconds,
      Date.now,
    );
    const items = found.filter((item) => item !== undefined);
    const unknown = wanted.filter((_, index) => found[index] === undefined);
    return { items, unknown, as_of: oldestOf(items, Date.now()) };
  },
});
