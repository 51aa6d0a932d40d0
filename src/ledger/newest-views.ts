import { isNewer } from "../protocol/position.ts";
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
