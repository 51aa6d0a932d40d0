import { isNewer, type Position } from "../protocol/position.ts";
import type { StockEventsMessage } from "../protocol/queue.ts";
import type { StockView } from "../protocol/stock.ts";

/** Of each SKU the newest view that the messages bring. */
export function newestViews(messages: readonly StockEventsMessage[]): StockView[] {
  const newest = new Map<string, StockView>();
  for (const { stock } of messages) {
    if (isNewer(stock, newest.get(stock.sku))) newest.set(stock.sku, stock);
  }
  return [...newest.values()];
}

/** When the newest change of each SKU was recorded: a view that is sent again late is a late one, whenever it was made. */
export function recordingTimes(messages: readonly StockEventsMessage[]): Map<string, number> {
  const newest = new Map<string, { readonly position: Position; readonly atMs: number }>();
  for (const { sku, entries } of messages) {
    const last = entries.at(-1);
    if (last === undefined || !isNewer(last.position, newest.get(sku)?.position)) continue;
    newest.set(sku, { position: last.position, atMs: last.event.atMs });
  }
  return new Map([...newest].map(([sku, { atMs }]) => [sku, atMs]));
}
