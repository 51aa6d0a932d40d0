import type { LedgerItem } from "../protocol/answers.ts";
import type { StockView, Taken } from "../protocol/stock.ts";

/** What was available after an entry of the ledger. */
export interface Point {
  readonly version: number;
  readonly atMs: number;
  readonly available: number;
}

/**
 * How available went, oldest first, told from the present and the newest entries of the ledger (newest first, without a
 * gap, ending at the view's version). `isWhole`: they reach back to the beginning. What cannot be known is left out.
 */
export function availableSeries(stock: StockView, entries: readonly LedgerItem[], isWhole: boolean): Point[] {
  const safety = safetyStockAfter(stock, entries, isWhole);
  const points: Point[] = [];
  let after: number | undefined = stock.available;
  for (const [index, entry] of entries.entries()) {
    if (entry.type === "stockwire.stock.derived.v1") after = less(entry.data.available, safety[index]);
    if (after !== undefined) {
      points.push({ version: entry.version, atMs: Date.parse(entry.time), available: after });
    }
    const delta = changeOf(entry, safety[index], safety[index + 1]);
    after = after === undefined || delta === undefined ? undefined : after - delta;
  }
  return points.toReversed();
}

/** Units that an entry made available or took; undefined if it does not say: it began a life, or told of a kit. */
export function changeOf(entry: LedgerItem, safetyAfter?: number, safetyBefore?: number): number | undefined {
  switch (entry.type) {
    case "stockwire.stock.created.v1":
    case "stockwire.stock.restored.v1":
    case "stockwire.stock.retired.v1":
    case "stockwire.stock.derived.v1":
      return undefined;
    case "stockwire.stock.updated.v1":
      if (entry.data.components !== undefined) return undefined;
      if (entry.data.safetyStock === undefined) return 0;
      return safetyBefore === undefined || safetyAfter === undefined ? undefined : safetyBefore - safetyAfter;
    case "stockwire.stock.adjusted.v1":
      return entry.data.delta;
    case "stockwire.stock.marked_unavailable.v1":
      return -entry.data.delta;
    case "stockwire.stock.counted.v1":
      return entry.data.onHand - entry.data.previousOnHand;
    case "stockwire.stock.received.v1":
      return entry.data.quantity;
    case "stockwire.stock.reserved.v1":
      return -sum(entry.data.taken);
    case "stockwire.stock.committed.v1":
      return sum(entry.data.released);
    case "stockwire.stock.released.v1":
    case "stockwire.stock.expired.v1":
      return sum(entry.data.taken);
    case "stockwire.stock.ordered.v1":
      return -sum(entry.data.lines.flatMap(({ taken }) => taken));
    case "stockwire.stock.cancelled.v1":
      return sum(entry.data.lines.flatMap(({ taken }) => taken));
    case "stockwire.stock.returned.v1":
      return entry.data.restock ? sum(entry.data.lines.flatMap(({ taken }) => taken)) : 0;
    case "stockwire.stock.transferred.v1":
    case "stockwire.stock.incoming_changed.v1":
    case "stockwire.stock.extended.v1":
    case "stockwire.stock.fulfilled.v1":
      return 0;
    default:
      entry satisfies never;
      return undefined;
  }
}

/** The safety stock after each entry, and at the end before the oldest; undefined where nothing says it. */
function safetyStockAfter(
  stock: StockView,
  entries: readonly LedgerItem[],
  isWhole: boolean,
): (number | undefined)[] {
  const set = entries.map((entry) =>
    entry.type === "stockwire.stock.created.v1" ||
    entry.type === "stockwire.stock.updated.v1" ||
    entry.type === "stockwire.stock.restored.v1"
      ? entry.data.safetyStock
      : undefined,
  );
  const isEverSet = set.some((value) => value !== undefined);
  let known = isEverSet ? (isWhole ? 0 : undefined) : stock.safetyStock;
  const oldestFirst: (number | undefined)[] = [known];
  for (const value of set.toReversed()) {
    known = value ?? known;
    oldestFirst.push(known);
  }
  return oldestFirst.toReversed();
}

function less(units: number, safety: number | undefined): number | undefined {
  return safety === undefined ? undefined : units - safety;
}

function sum(taken: readonly Taken[]): number {
  return taken.reduce((total, { quantity }) => total + quantity, 0);
}
