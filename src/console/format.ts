import type { StockStatus } from "../protocol/stock.ts";

const wholeNumber = new Intl.NumberFormat("en-GB");

/** A quantity as people read it: 12,400. */
export function count(howMany: number): string {
  return wholeNumber.format(howMany);
}

/** "1 unit", "3 units". */
export function units(howMany: number, one = "unit", many = `${one}s`): string {
  return `${count(howMany)} ${Math.abs(howMany) === 1 ? one : many}`;
}

/** What a status of stock is called on the page. */
export const statusWords: Record<StockStatus, string> = {
  in_stock: "In stock",
  low_stock: "Low",
  out_of_stock: "Out of stock",
  backorder: "Backorder",
};
