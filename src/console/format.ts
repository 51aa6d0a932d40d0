import type { StockStatus } from "../protocol/stock.ts";

const wholeNumber = new Intl.NumberFormat("en-GB");

/** A quantity as people read it: 12,400. */
export function count(howMany: number): string {
  return wholeNumber.format(howMany).replace("-", "−");
}

/** "1 unit", "3 units". */
export function units(howMany: number, one = "unit", many = `${one}s`): string {
  return `${count(howMany)} ${Math.abs(howMany) === 1 ? one : many}`;
}

/** A change with its sign: +3, −2 (with a minus, not a hyphen). */
export function change(howMany: number): string {
  return howMany < 0 ? `−${count(-howMany)}` : `+${count(howMany)}`;
}

/** A short time as people say it: 80 ms, 1.2 s, 3 min, 2 h, 5 d. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** How long ago, in steps that do not tick all the time: "just now", "40 s ago". */
export function ago(ms: number): string {
  if (ms < 5_000) return "just now";
  if (ms < 60_000) return `${Math.floor(ms / 5_000) * 5} s ago`;
  return `${duration(ms)} ago`;
}

/** What a status of stock is called on the page. */
export const statusWords: Record<StockStatus, string> = {
  in_stock: "In stock",
  low_stock: "Low",
  out_of_stock: "Out of stock",
  backorder: "Backorder",
};
