import type { OrderStream, WantedOrder } from "../../lab/order-stream.ts";
import { computeOpeningStock, hash } from "../replay/opening-stock.ts";
import { parseOrderFile } from "../replay/order-file.ts";
import { schedule } from "../replay/pace.ts";
import { planDay } from "../replay/plan.ts";

/** The demand of a file of real orders: what it sold, at its times, on the channels that a replay would choose. */
export function streamOfFile(text: string, channels: number, soldOutShare: number): OrderStream {
  const day = planDay(parseOrderFile(text));
  const selling = day.invoices.filter((invoice) => invoice.orders.length > 0);
  const dueMs = schedule(
    selling.map((invoice) => invoice.atMs),
    { kind: "speed", factor: 1 },
  );
  const orders = selling.flatMap(({ invoice, orders: parts }, index) =>
    parts.map((lines, part): WantedOrder => ({
      id: part === 0 ? invoice : `${invoice}.${part + 1}`,
      atMs: dueMs[index] ?? 0,
      channel: hash(invoice) % channels,
      lines: merged(lines),
    })),
  );
  const sold = new Set(orders.flatMap(({ lines }) => lines.map(({ sku }) => sku)));
  const opening = [...computeOpeningStock(day, soldOutShare)].filter(([sku]) => sold.has(sku));
  return {
    channels,
    opening: new Map(opening),
    orders: orders.toSorted((a, b) => a.atMs - b.atMs),
    lengthMs: Math.max(0, ...dueMs),
  };
}

/** One line for each SKU: a buyer looks at a number once. */
function merged(lines: readonly { readonly sku: string; readonly quantity: number }[]) {
  const units = new Map<string, number>();
  for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return [...units].map(([sku, quantity]) => ({ sku, quantity }));
}
