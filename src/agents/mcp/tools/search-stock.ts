import { z } from "zod";
import { readStock } from "../../../api/freshness.ts";
import { ledgerOf } from "../../../ledger/bindings.ts";
import { listSkus } from "../../../ledger/queries.ts";
import { limits } from "../../../protocol/limits.ts";
import { StockStatus } from "../../../protocol/stock.ts";
import { oldestOf, readItems } from "../reading.ts";
import { Moment, StockItem } from "../stock-item.ts";
import { defineTool } from "../tool.ts";

export const searchStock = defineTool({
  name: "search_stock",
  title: "Find SKUs",
  description:
    "Finds SKUs by a part of their id or title, in order of id. A SKU that was made within the last seconds may be missing; " +
    "the numbers are as fresh as max_age_seconds says. Go on with check_stock before you promise anything.",
  scope: "stock:read",
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    query: z
      .string()
      .min(1)
      .max(limits.nameCharactersMax)
      .optional()
      .meta({ description: "A part of the id or the title, in any case; absent: all" }),
    status: StockStatus.optional().meta({ description: "Only SKUs of this status" }),
    limit: z.int().min(1).max(limits.agentSkusMax).default(20),
    cursor: z.string().max(1_000).optional().meta({ description: "next_cursor of the answer before" }),
    max_age_seconds: z
      .int()
      .min(0)
      .max(limits.agentMaxAgeSecondsMax)
      .default(30)
      .meta({ description: "How old a number may be" }),
  }),
  output: z.strictObject({
    items: z.array(StockItem),
    next_cursor: z.string().optional().meta({ description: "There is more: give it as cursor" }),
    as_of: Moment.meta({ description: "The moment of the oldest number" }),
  }),
  async run(c, { query, status, limit, cursor, max_age_seconds: maxAgeSeconds }) {
    const page = await listSkus(ledgerOf(c.env), { query, status, limit, cursor }, Date.now());
    const found = await readItems(
      (skus, maxAgeMs) => readStock(c, skus, maxAgeMs),
      page.items.map((view) => view.sku),
      maxAgeSeconds,
      Date.now,
    );
    // The ledger says which SKUs to look at; whether they still fit is for their own numbers to say.
    const items = found
      .filter((item) => item !== undefined)
      .filter((item) => status === undefined || item.status === status);
    const { nextCursor } = page;
    return {
      items,
      ...(nextCursor !== undefined && { next_cursor: nextCursor }),
      as_of: oldestOf(items, Date.now()),
    };
  },
});
