import type { OrderChange, OrderedLine, OrderFact, OrderLineResult } from "./contract.ts";

/** What a SKU is told of a line: a plain line is one leg, a kit one for each component. */
export interface Leg {
  readonly sku: string;
  readonly lineId: string;
  /** Units of the SKU for one unit of the line. */
  readonly perUnit: number;
}

export interface LineRecord {
  readonly line: OrderedLine;
  readonly legs: readonly Leg[];
  /** Absent until the SKUs have answered. */
  readonly result?: OrderLineResult;
}

/** An order as it is kept. `waiting` holds what was told of it before it came. */
export interface Order extends Omit<OrderFact, "lines"> {
  readonly lines: Readonly<Record<string, LineRecord>>;
  readonly waiting: readonly OrderChange[];
}

/** A line that is told again with other content; undefined if every line is new or as recorded. */
export function conflictOf(
  order: Order | undefined,
  lines: readonly OrderedLine[],
): { lineId: string; detail: string } | undefined {
  for (const { lineId, sku, quantity } of lines) {
    const known = order?.lines[lineId]?.line;
    if (known === undefined || (known.sku === sku && known.quantity === quantity)) continue;
    return { lineId, detail: `line ${lineId} is recorded as ${known.quantity} of ${known.sku}` };
  }
  return undefined;
}

/** The order with the lines it did not know. */
export function withLines(order: Order | undefined, fact: OrderFact): Order {
  const { channel, orderId, occurredAt, reference, actor } = fact;
  const added = fact.lines
    .filter((line) => order?.lines[line.lineId] === undefined)
    .map((line) => [line.lineId, { line, legs: [{ sku: line.sku, lineId: line.lineId, perUnit: 1 }] }]);
  const lines: Record<string, LineRecord> = { ...order?.lines, ...Object.fromEntries(added) };
  return { channel, orderId, occurredAt, reference, actor, lines, waiting: order?.waiting ?? [] };
}

export function withResults(order: Order, results: readonly OrderLineResult[]): Order {
  const lines: Record<string, LineRecord> = { ...order.lines };
  for (const result of results) {
    const record = lines[result.lineId];
    if (record !== undefined) lines[result.lineId] = { ...record, result };
  }
  return { ...order, lines };
}

/** The order with a line of it made of what a kit is made of. */
export function withKit(
  order: Order,
  lineId: string,
  components: readonly { readonly sku: string; readonly quantity: number }[],
): Order {
  const record = order.lines[lineId];
  if (record === undefined) return order;
  const legs = components.map(({ sku, quantity }) => ({
    sku,
    lineId: `${lineId}/${sku}`,
    perUnit: quantity,
  }));
  return { ...order, lines: { ...order.lines, [lineId]: { ...record, legs } } };
}

export function pendingLines(order: Order): LineRecord[] {
  return Object.values(order.lines).filter((record) => record.result === undefined);
}

/** The parts of a change, SKU by SKU; undefined if the order has no such line that is matched to a SKU. */
export function partsOf(
  order: Order,
  change: OrderChange,
): Map<string, { lineId: string; quantity?: number | undefined }[]> | undefined {
  const wanted: readonly { lineId: string; quantity?: number | undefined }[] =
    change.lines ?? Object.keys(order.lines).map((lineId) => ({ lineId }));
  const parts = wanted.map(({ lineId, quantity }) => {
    const record = order.lines[lineId];
    if (record === undefined || record.result?.status === "unmatched") return undefined;
    return record.legs.map((leg) => ({
      sku: leg.sku,
      lineId: leg.lineId,
      quantity: quantity === undefined ? undefined : quantity * leg.perUnit,
    }));
  });
  const found = parts.filter((part) => part !== undefined);
  const isComplete = change.lines === undefined ? found.length > 0 : found.length === parts.length;
  return isComplete ? Map.groupBy(found.flat(), (part) => part.sku) : undefined;
}
