import type { StockView, StockwireClient } from "../../client/index.ts";
import { limits } from "../../protocol/limits.ts";

const header = ["sku", "title", "location", "on_hand", "safety_stock", "backorder_limit", "low_stock_at"];

export interface Exported {
  readonly text: string;
  readonly rows: number;
  /** Kits, which have no stock of their own. */
  readonly leftOut: number;
}

/** All SKUs as a CSV file that `import` reads: a row for each location of each. The numbers are those of the objects. */
export async function exportCsv(client: StockwireClient): Promise<Exported> {
  const lines: string[][] = [];
  let leftOut = 0;
  for await (const page of client.stock.list({ limit: limits.availabilitySkusMax }).pages()) {
    const { items } = await client.stock.availability(page.items.map(({ sku }) => sku));
    for (const view of items) {
      if ((view.components ?? []).length > 0) leftOut += 1;
      else lines.push(...linesOf(view));
    }
  }
  const text = [header, ...lines].map((line) => `${line.map(quoted).join(",")}\n`).join("");
  return { text, rows: lines.length, leftOut };
}

function linesOf(view: StockView): string[][] {
  const { sku, title = "", safetyStock, backorderLimit, lowStockAt } = view;
  const settings = [safetyStock, backorderLimit, lowStockAt].map((number) => String(number ?? ""));
  const levels = view.locations.map(({ location, onHand }) => [location, String(Math.max(0, onHand))]);
  const places = levels.length === 0 ? [["", ""]] : levels;
  return places.map((place) => [sku, title, ...place, ...settings]);
}

/** RFC 4180. */
function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
