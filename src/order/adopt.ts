import type { ApprovedRecord, OrderFact } from "./contract.ts";
import { type LineRecord, type Order, withRecords } from "./order.ts";

/**
 * Lines that were sold before they were told: a channel had the order approved. The channel then tells of the same lines,
 * perhaps under other ids, and they must not count twice.
 */

/** The order with the lines of its approval. A line that was told before stays as it was told. */
export function withApproved(
  order: Order | undefined,
  fact: OrderFact,
  approved: readonly ApprovedRecord[],
): Order {
  const { channel, orderId, actor } = fact;
  const known: Order = { waiting: [], actor, lines: {}, ...order, channel, orderId };
  const records = fact.lines.flatMap((line, index): LineRecord[] => {
    const own = approved[index];
    const before = known.lines[line.lineId];
    const isTold = before !== undefined && before.isApproved !== true;
    if (own === undefined || isTold) return [];
    return [{ line, legs: own.legs, result: own.result, isApproved: true }];
  });
  return withRecords(known, records);
}

/** The order without lines whose approval was taken back: what is told of them from now on counts as new. */
export function withoutApproved(order: Order, lineIds: readonly string[]): Order {
  const lines = Object.entries(order.lines).filter(
    ([lineId, { isApproved }]) => isApproved !== true || !lineIds.includes(lineId),
  );
  return { ...order, lines: Object.fromEntries(lines) };
}

interface Told {
  readonly lineId: string;
  readonly sku?: string | undefined;
  readonly quantity?: number | undefined;
  /** The same, as a channel counts it. */
  readonly ordered?: number | undefined;
}

/**
 * What the lines that are told are called here, and the order that remembers it. One whose id the order does not know is
 * the approved line of the same SKU, the one of the same quantity first, if nobody told of that yet. All else is new.
 */
export function recognized<Line extends Told>(
  order: Order | undefined,
  lines: readonly Line[],
): { order: Order | undefined; lines: Line[] } {
  if (order === undefined || !Object.values(order.lines).some(({ isApproved }) => isApproved)) {
    return { order, lines: [...lines] };
  }
  const told = new Set(lines.map(({ lineId }) => lineId));
  let after = order;
  const renamed = lines.map((line): Line => {
    if (after.lines[line.lineId] !== undefined) return line;
    const records = Object.values(after.lines).filter(({ isApproved }) => isApproved);
    const known = records.find(({ toldAs }) => toldAs === line.lineId);
    if (known !== undefined) return { ...line, lineId: known.line.lineId };
    const free = records.filter(
      ({ line: own, toldAs }) => toldAs === undefined && own.sku === line.sku && !told.has(own.lineId),
    );
    const quantity = line.quantity ?? line.ordered;
    const found = free.find((record) => record.line.quantity === quantity) ?? free[0];
    if (found === undefined) return line;
    after = withRecords(after, [{ ...found, toldAs: line.lineId }]);
    return { ...line, lineId: found.line.lineId };
  });
  return { order: after, lines: renamed };
}
