import type { Context } from "hono";
import type { FeedReading } from "../feed/contract.ts";
import { readFeedName, regionOf } from "../feed/address.ts";
import { formatEtag } from "../protocol/position.ts";
import type { StockView } from "../protocol/stock.ts";
import { newestStock } from "../sku/latest-views.ts";
import type { AppEnv } from "../http/app-env.ts";

/** A stock as it was read, and from where: `object` decides about it, a `feed` remembers what that said. */
export interface Reading extends FeedReading {
  readonly stock: StockView;
}

/**
 * How old an answer the caller takes, in ms: `max-age` of the request's Cache-Control (RFC 9111, section 5.2.1.1). 0, the
 * newest there is, without it, with `no-cache`, and for what cannot be understood.
 */
export function maxAgeMsOf(c: Context): number {
  const directives = (c.req.header("cache-control") ?? "").toLowerCase().split(",");
  let maxAgeMs = 0;
  for (const directive of directives) {
    const [name, value] = directive.split("=").map((part) => part.trim());
    if (name === "no-cache" || name === "no-store") return 0;
    if (name === "max-age" && /^\d{1,9}$/.test(value ?? "")) maxAgeMs = Number(value) * 1000;
  }
  return maxAgeMs;
}

/**
 * The stock of SKUs, each at most so old; undefined for those that are unknown. A caller with a bound is answered near
 * by, one call for each share of the SKUs; one without asks the SKUs themselves.
 */
export async function readStock(
  c: Context<AppEnv>,
  skus: readonly string[],
  maxAgeMs: number,
): Promise<(Reading | undefined)[]> {
  if (maxAgeMs === 0) {
    const views = await Promise.all(skus.map((sku) => newestStock(c.env.SKU, sku)));
    return views.map((stock) => stock && { stock, source: "object" });
  }
  const region = regionOf(c.req.raw.cf);
  const shares = Map.groupBy(skus, (sku) => readFeedName(region, sku));
  const readings = new Map<string, Reading>();
  await Promise.all(
    [...shares].map(async ([name, share]) => {
      const feed = c.env.FEED.getByName(name, { locationHint: region });
      for (const reading of await feed.read(share, maxAgeMs)) {
        if (reading !== undefined) readings.set(reading.stock.sku, reading);
      }
    }),
  );
  return skus.map((sku) => readings.get(sku));
}

interface ReadHeaders extends Record<string, string> {
  etag: string;
  age: string;
  "stockwire-source": string;
}

/** What a read says of itself: which version it is, how old (whole seconds, RFC 9111, section 5.1), and from where. */
export function readHeaders({ stock, source }: Reading): ReadHeaders {
  const ageMs = Math.max(0, Date.now() - Date.parse(stock.asOf));
  return {
    etag: formatEtag(stock),
    age: String(Math.floor(ageMs / 1000)),
    "stockwire-source": source,
  };
}
