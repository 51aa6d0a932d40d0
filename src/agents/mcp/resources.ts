import { type McpServer, ResourceNotFoundError, ResourceTemplate } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import { readStock } from "../../api/freshness.ts";
import type { AppEnv } from "../../http/app-env.ts";
import { ledgerOf } from "../../ledger/bindings.ts";
import { listSkus } from "../../ledger/queries.ts";
import { limits } from "../../protocol/limits.ts";
import { readItems } from "./reading.ts";
import { plainTitle } from "./text.ts";
import { skuOfUri, stockUri } from "./uri.ts";

/** How old a number may be when a resource is read. */
const readMaxAgeSeconds = 5;
/** How old it may become in a client's cache. It is told how long that still is, so it never shows an older one. */
const shownMaxAgeSeconds = 10;

const mimeType = "application/json";

/**
 * Each SKU as a resource, `stock://{sku}`. `ttlMs` is what is left of the number's time; a client that subscribes is told
 * earlier if it changes.
 */
export function registerStockResources(server: McpServer, c: Context<AppEnv>): void {
  const read = (skus: readonly string[], maxAgeMs: number) => readStock(c, skus, maxAgeMs);
  server.registerResource(
    "stock",
    new ResourceTemplate("stock://{sku}", { list: undefined }),
    {
      title: "Stock of a SKU",
      description: "How many units can be held, as check_stock says it. The SKU is percent-encoded.",
      mimeType,
    },
    async ({ href }) => {
      const sku = skuOfUri(href);
      const [item] = sku === undefined ? [] : await readItems(read, [sku], readMaxAgeSeconds, Date.now);
      if (item === undefined) throw new ResourceNotFoundError(href);
      const shown = { ...item, max_age_seconds: Math.max(shownMaxAgeSeconds, item.max_age_seconds) };
      const leftMs = Date.parse(item.as_of) + shown.max_age_seconds * 1_000 - Date.now();
      return {
        contents: [{ uri: href, mimeType, text: JSON.stringify(shown) }],
        ttlMs: Math.max(0, leftMs),
        cacheScope: "private",
      };
    },
  );

  // In pages, which the server's own list does not have.
  server.server.setRequestHandler("resources/list", async ({ params }) => {
    const filter = { cursor: params?.cursor, limit: limits.agentSkusMax };
    const { items, nextCursor } = await listSkus(ledgerOf(c.env), filter, Date.now());
    const resources = items.map(({ sku, title }) => ({
      uri: stockUri(sku),
      name: sku,
      ...(title !== undefined && { title: plainTitle(title) }),
      mimeType,
    }));
    return { resources, ...(nextCursor !== undefined && { nextCursor }) };
  });
}
