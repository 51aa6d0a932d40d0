import type { RowKind } from "./classify.ts";
import type { OrderRow } from "./order-file.ts";

/** A line of an order, or the part of one that is cancelled. */
export interface PlannedLine {
  /** The row's number within its invoice, from 1. */
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
}

export interface PlannedCancellation {
  /** The invoice whose lines are cancelled. */
  readonly invoice: string;
  readonly lines: readonly PlannedLine[];
}

export interface PlannedAdjustment {
  readonly sku: string;
  readonly delta: number;
  readonly reason: "returned" | "damaged" | "lost" | "found";
  readonly note: string;
}

/** What one invoice does to the stock. */
export interface PlannedInvoice {
  readonly invoice: string;
  readonly atMs: number;
  /** Requests of its order: one, or several if it has more lines than a request may have. */
  readonly orders: readonly (readonly PlannedLine[])[];
  readonly cancellations: readonly PlannedCancellation[];
  readonly adjustments: readonly PlannedAdjustment[];
}

export interface CodeTotals {
  readonly rows: number;
  readonly quantity: number;
  /** In the file's currency. */
  readonly value: number;
}

/** A day as read from its file: what to do, and what is left out and why. */
export interface DayPlan {
  readonly invoicesInFile: number;
  readonly rows: Readonly<Record<RowKind, number>>;
  /** In the order of time; only those that do something. */
  readonly invoices: readonly PlannedInvoice[];
  /** Title of each SKU that is touched, in the order of first appearance. */
  readonly titles: ReadonlyMap<string, string>;
  readonly notStock: ReadonlyMap<string, CodeTotals>;
  readonly unclear: readonly OrderRow[];
  /** Pairs of codes that differ only in case: kept apart, since a SKU is case-sensitive. */
  readonly caseVariants: number;
}
