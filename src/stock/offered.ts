import type { PublicationRule } from "../protocol/rule.ts";
import type { StockStatus, StockView } from "../protocol/stock.ts";
import { allocatedToOthers, publishedQuantity } from "./publication.ts";

/** What a buyer is told of a SKU: how many units may be his, and the word for it. */
export interface Offered {
  readonly quantity: number;
  readonly status: StockStatus;
}

/**
 * What of a stock may be offered on a channel under its rule; without a channel, only what belongs to nobody. Nothing to
 * show is `backorder` only if nothing is there: units that a rule holds back are not sold by another name.
 */
export function offeredTo(stock: StockView, rule?: PublicationRule, channel?: string): Offered {
  const quantity = publishedQuantity(stock, rule, channel);
  if (quantity > 0) return { quantity, status: stock.status === "low_stock" ? "low_stock" : "in_stock" };
  const left = stock.available - allocatedToOthers(stock, channel);
  const isBackorder = stock.retired !== true && left <= 0 && left + (stock.backorderLimit ?? 0) > 0;
  return { quantity, status: isBackorder ? "backorder" : "out_of_stock" };
}
