import type { FeedReading } from "../../feed/contract.ts";
import { type StockItem, toStockItem } from "./stock-item.ts";

/** Reads stock, each at most so old; undefined for what is unknown. */
export type ReadStock = (
  skus: readonly string[],
  maxAgeMs: number,
) => Promise<readonly (FeedReading | undefined)[]>;

/**
 * Stock for an agent, with the bound kept whatever was read: what turns out older than asked for is asked for again,
 * of the SKU itself.
 */
export async function readItems(
  read: ReadStock,
  skus: readonly string[],
  maxAgeSeconds: number,
  now: () => number,
): Promise<(StockItem | undefined)[]> {
  const receivedAtMs = now();
  const maxAgeMs = maxAgeSeconds * 1_000;
  const readings = await read(skus, maxAgeMs);
  const isOld = (reading: FeedReading | undefined) =>
    reading !== undefined && Date.parse(reading.stock.asOf) < receivedAtMs - maxAgeMs;
  const old = skus.filter((_, index) => isOld(readings[index]));
  const again = old.length === 0 || maxAgeMs === 0 ? [] : await read(old, 0);
  const renewed = new Map(old.map((sku, index) => [sku, again[index]]));
  return skus.map((sku, index) => {
    const reading = renewed.has(sku) ? renewed.get(sku) : readings[index];
    return reading && toStockItem(reading, maxAgeMs, receivedAtMs);
  });
}

/** The moment all of it was true at: that of the oldest. */
export function oldestOf(items: readonly StockItem[], nowMs: number): string {
  return items.reduce(
    (oldest, { as_of: asOf }) => (asOf < oldest ? asOf : oldest),
    new Date(nowMs).toISOString(),
  );
}
