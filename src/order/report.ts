import type { OrderReportFact, ReportAnswer, ToldLine } from "./contract.ts";
import { contradictionOf, countsOf, greatest, noCounts } from "./counts.ts";
import { isUnmatched, type LineRecord, newRecord, type Order, withRecords } from "./order.ts";
import { grown } from "./state-report.ts";

/** The order with all that a report tells, and the report itself, to be recorded at the SKUs. */
export function withReport(order: Order | undefined, fact: OrderReportFact): Order {
  const { id, channel, orderId, occurredAt, actor, stateAsOf } = fact;
  const known = { lines: {}, waiting: [], actor, ...order, channel, orderId };
  const lines = isOutdated(known, stateAsOf) ? [] : linesOf(known, fact);
  const told = lines.flatMap((line) => withTold(known.lines[line.lineId], line) ?? []);
  const notes = told.flatMap(({ line, told: counts }) => {
    const contradiction = counts && contradictionOf(counts);
    return contradiction === undefined ? [] : [`line ${line.lineId}: ${contradiction}`];
  });
  const head = {
    ...known,
    occurredAt: occurredAt ?? order?.occurredAt,
    stateAsOf: told.length > 0 ? (stateAsOf ?? order?.stateAsOf) : order?.stateAsOf,
    report: { ...emptyAnswer, id, notes },
  };
  return withRecords(head, told);
}

function isOutdated({ stateAsOf: seen }: Pick<Order, "stateAsOf">, told: string | undefined): boolean {
  return seen !== undefined && told !== undefined && Date.parse(told) < Date.parse(seen);
}

/** The lines as counts that only grow, also of a channel that tells no more than what the order is now. */
function linesOf(order: Order, { lines, stateAsOf }: OrderReportFact): readonly ToldLine[] {
  if (stateAsOf === undefined) return lines;
  const records = Object.values(order.lines).filter(({ told }) => told !== undefined);
  const known = records.map(({ line, told = noCounts }) => [line.lineId, told] as const);
  return grown(Object.fromEntries(known), lines, (lineId) => {
    const record = order.lines[lineId];
    return record && { lineId, name: record.line.sku, ...noCounts };
  });
}

/** The order with a line of it known to be a SKU. What the channel told of it meanwhile is recorded with it. */
export function withMatch(order: Order, record: LineRecord, sku: string): Order {
  return withRecords({ ...order, report: { ...emptyAnswer, id: "" } }, [matchedTo(record, sku)]);
}

const emptyAnswer: ReportAnswer = { skus: [], unmatched: [], refused: [], notes: [] };

function withTold(record: LineRecord | undefined, told: ToldLine): LineRecord | undefined {
  const { lineId, name, sku, external, title } = told;
  // A line of nothing takes nothing; if it grows, it is told again.
  if (record === undefined && told.ordered === 0) return undefined;
  const known = record ?? newRecord({ lineId, sku: sku ?? name, quantity: told.ordered });
  const before = known.told ?? { ...noCounts, ordered: known.line.quantity };
  const described = {
    ...known,
    told: greatest(before, countsOf(told)),
    external: external ?? known.external,
    title: title ?? known.title,
  };
  const isNameless = sku === undefined && (record === undefined || isUnmatched(record));
  if (isNameless) return unmatched(described);
  return sku !== undefined && isUnmatched(known) ? matchedTo(described, sku) : described;
}

function matchedTo(record: LineRecord, sku: string): LineRecord {
  return { ...record, ...newRecord({ ...record.line, sku }), result: undefined, wasUnmatched: true };
}

/** The line as one whose SKU nobody knows. */
export function unmatched(record: LineRecord): LineRecord {
  const { lineId, sku } = record.line;
  const quantity = record.told?.ordered ?? record.line.quantity;
  return {
    ...record,
    result: { lineId, sku, quantity, status: "unmatched", oversold: 0, taken: [] },
  };
}
