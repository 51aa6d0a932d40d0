import type { External } from "../protocol/channel.ts";
import type { LineCounts } from "./counts.ts";
import type {
  OrderChange,
  OrderedLine,
  OrderFact,
  OrderLeg,
  OrderLineResult,
  ReportAnswer,
} from "./contract.ts";

/** What a SKU is told of a line: a plain line is one leg, a kit one for each component. */
export type Leg = OrderLeg;

export interface LineRecord {
  readonly line: OrderedLine;
  readonly legs: readonly Leg[];
  /** Absent until the SKUs have answered. */
  readonly result?: OrderLineResult | undefined;
  /** All that the channel has told of it; absent if the line was told by a caller of the API alone. */
  readonly told?: LineCounts | undefined;
  /** How much of what was told the SKUs have. */
  readonly recorded?: LineCounts | undefined;
  /** What the channel calls the item. */
  readonly external?: External | undefined;
  readonly title?: string | undefined;
  /** It was sold before it was told, by an approval (src/order/adopt.ts). */
  readonly isApproved?: true | undefined;
  /** Of an approved line: what it is called by whoever told of it under another id. */
  readonly toldAs?: string | undefined;
  /** It was unmatched for a while. */
  readonly wasUnmatched?: true | undefined;
}

/** An order as it is kept. */
export interface Order extends Omit<OrderFact, "lines"> {
  readonly lines: Readonly<Record<string, LineRecord>>;
  /** What was told of it before it came. */
  readonly waiting: readonly OrderChange[];
  /** Of a channel that keeps no history: how new the last state of the order is that was taken in. */
  readonly stateAsOf?: string | undefined;
  /** A report that is being recorded, with what is known of its answer. */
  readonly report?: IdentifiedAnswer | undefined;
  /** The last report that was recorded. */
  readonly lastReport?: IdentifiedAnswer | undefined;
}

export type IdentifiedAnswer = ReportAnswer & { readonly id: string };

/** A line that is told again with other content; undefined if every line is new or as recorded. */
export function conflictOf(
  order: Order | undefined,
  lines: readonly OrderedLine[],
): { lineId: string; detail: string } | undefined {
  for (const { lineId, sku, quantity } of lines) {
    const record = order?.lines[lineId];
    if (record === undefined || isUnmatched(record)) continue;
    const { line: known, told } = record;
    // A channel may have said since that more was ordered.
    const isSameQuantity = known.quantity === quantity || told?.ordered === quantity;
    if (known.sku === sku && isSameQuantity) continue;
    return { lineId, detail: `line ${lineId} is recorded as ${known.quantity} of ${known.sku}` };
  }
  return undefined;
}

/**
 * The order with the lines it did not know. One that was told under a SKU that nobody knows is replaced: it is told
 * again with the right one.
 */
export function withLines(order: Order | undefined, fact: OrderFact): Order {
  const { channel, orderId, occurredAt, reference, actor } = fact;
  const added = fact.lines
    .filter((line) => isNewLine(order, line))
    .map((line) => {
      const known = order?.lines[line.lineId];
      const again = { ...known, ...newRecord(line), result: undefined, wasUnmatched: true as const };
      return [line.lineId, known === undefined ? newRecord(line) : again];
    });
  const lines: Record<string, LineRecord> = { ...order?.lines, ...Object.fromEntries(added) };
  return { waiting: [], ...order, channel, orderId, occurredAt, reference, actor, lines };
}

/** Whether a line is not known yet, or not as what it is told now. */
export function isNewLine(order: Order | undefined, line: OrderedLine): boolean {
  const known = order?.lines[line.lineId];
  return known === undefined || (isUnmatched(known) && known.line.sku !== line.sku);
}

/** A line that no SKU has been told of yet. */
export function newRecord(line: OrderedLine): LineRecord {
  return { line, legs: [{ sku: line.sku, lineId: line.lineId, perUnit: 1 }] };
}

/** The order with what is now known of lines. */
export function withRecords(order: Order, records: readonly LineRecord[]): Order {
  const changed = records.map((record) => [record.line.lineId, record] as const);
  return { ...order, lines: { ...order.lines, ...Object.fromEntries(changed) } };
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

/** Lines told by callers of the API that no SKU has answered for. Those a channel told are for `reportedLines`. */
export function pendingLines(order: Order): LineRecord[] {
  return Object.values(order.lines).filter(({ result, told }) => result === undefined && told === undefined);
}

/** Whether nobody knows which SKU the line is. */
export function isUnmatched({ result }: LineRecord): boolean {
  return result?.status === "unmatched";
}

/** Whether SKUs are still to be told of it. */
export function isPending(order: Order): boolean {
  return order.report !== undefined || Object.values(order.lines).some(({ result }) => result === undefined);
}

/** Whether the line was made of what a kit is made of. */
export function isKit({ line, legs }: LineRecord): boolean {
  return legs.some((leg) => leg.lineId !== line.lineId);
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
