import { limits } from "../../protocol/limits.ts";
import { classify, type RowKind, writeOffReason } from "./classify.ts";
import { OpenLines } from "./open-lines.ts";
import type { OrderRow } from "./order-file.ts";
import type { CodeTotals, DayPlan, PlannedAdjustment, PlannedInvoice, PlannedLine } from "./planned.ts";

export interface PlanOptions {
  /** Take the first invoices of the file only. */
  readonly invoicesMax?: number;
  /** Treat codes that differ only in case as one SKU, in capitals. */
  readonly foldCase?: boolean;
}

/** Turns the rows of an order file into what is to be done, invoice by invoice. Pure. */
export function planDay(rows: readonly OrderRow[], options: PlanOptions = {}): DayPlan {
  const folded =
    options.foldCase === true ? rows.map((row) => ({ ...row, code: row.code.toUpperCase() })) : rows;
  const invoices = [...Map.groupBy(folded, (row) => row.invoice)]
    .slice(0, options.invoicesMax)
    .toSorted(([, a], [, b]) => startOf(a) - startOf(b));
  const kept = invoices.flatMap(([, list]) => list);
  const counts = { sale: 0, return: 0, "write-off": 0, found: 0, "not stock": 0, unclear: 0 };
  for (const row of kept) counts[classify(row)] += 1;

  const openLines = new OpenLines();
  const planned = invoices
    .map(([invoice, list]) => planInvoice(invoice, list, openLines))
    .filter(
      ({ orders, cancellations, adjustments }) =>
        orders.length + cancellations.length + adjustments.length > 0,
    );
  const titles = titlesOf(kept.filter((row) => !isLeftOut(classify(row))));
  return {
    invoicesInFile: invoices.length,
    rows: counts,
    invoices: planned,
    titles,
    notStock: totalsByCode(kept.filter((row) => classify(row) === "not stock")),
    unclear: kept.filter((row) => classify(row) === "unclear"),
    caseVariants: titles.size - new Set([...titles.keys()].map((sku) => sku.toUpperCase())).size,
  };
}

function startOf(rows: readonly OrderRow[]): number {
  return rows[0]?.invoicedAtMs ?? 0;
}

function isLeftOut(kind: RowKind): boolean {
  return kind === "not stock" || kind === "unclear";
}

function planInvoice(invoice: string, rows: readonly OrderRow[], openLines: OpenLines): PlannedInvoice {
  const sold: PlannedLine[] = [];
  const cancelled: { invoice: string; line: PlannedLine }[] = [];
  const adjustments: PlannedAdjustment[] = [];
  for (const [index, row] of rows.entries()) {
    const { code: sku, quantity, customer, description } = row;
    const kind = classify(row);
    if (kind === "sale") {
      const line = { lineId: String(index + 1), sku, quantity };
      sold.push(line);
      openLines.add(customer, invoice, line);
    } else if (kind === "return") {
      const parts = openLines.take(customer, sku, -quantity);
      if (parts === undefined)
        adjustments.push({ sku, delta: -quantity, reason: "returned", note: description });
      else cancelled.push(...parts);
    } else if (kind === "write-off") {
      adjustments.push({ sku, delta: quantity, reason: writeOffReason(description), note: description });
    } else if (kind === "found") {
      adjustments.push({ sku, delta: quantity, reason: "found", note: description });
    }
  }
  const cancellations = [...Map.groupBy(cancelled, (part) => part.invoice)].map(([original, parts]) => ({
    invoice: original,
    lines: mergeLines(parts.map((part) => part.line)),
  }));
  return {
    invoice,
    atMs: startOf(rows),
    orders: inChunks(sold, limits.orderLinesMax),
    cancellations,
    adjustments,
  };
}

/** Two rows of one cancellation can take from the same line of the order, which may be named once only. */
function mergeLines(lines: readonly PlannedLine[]): PlannedLine[] {
  return [...Map.groupBy(lines, (line) => line.lineId).values()].flatMap((parts) =>
    parts.slice(0, 1).map((first) => ({
      ...first,
      quantity: parts.reduce((total, part) => total + part.quantity, 0),
    })),
  );
}

function inChunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** A booking's description is a remark (`check`, `lost??`), so the title comes from a row with a price if there is one. */
function titlesOf(rows: readonly OrderRow[]): Map<string, string> {
  const titles = new Map(rows.map((row) => [row.code, ""]));
  for (const row of rows) {
    if (titles.get(row.code) === "" && row.unitPrice > 0) titles.set(row.code, row.description);
  }
  return titles;
}

function totalsByCode(rows: readonly OrderRow[]): Map<string, CodeTotals> {
  const totals = new Map<string, CodeTotals>();
  for (const { code, quantity, unitPrice } of rows) {
    const before = totals.get(code) ?? { rows: 0, quantity: 0, value: 0 };
    totals.set(code, {
      rows: before.rows + 1,
      quantity: before.quantity + quantity,
      value: before.value + quantity * unitPrice,
    });
  }
  return totals;
}
