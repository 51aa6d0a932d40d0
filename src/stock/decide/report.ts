import type { StockEventOf } from "../../protocol/event.ts";
import type { Taken } from "../../protocol/stock.ts";
import { allocate } from "../allocate.ts";
import { evolve } from "../evolve.ts";
import type { MutationOf, OrderLineCounts } from "../mutation.ts";
import { cancellable, fromAllocation, oversold, split, sum } from "../quantities.ts";
import { isOfThisLife, type OrderLine, orderLineKey, type SkuState } from "../state.ts";
import { type Decision, events, provenance, refuseWithoutStock } from "./decision.ts";

type Report = MutationOf<"report">;
type Ordered = StockEventOf<"ordered">;
type ReportEvent = StockEventOf<"ordered" | "fulfilled" | "cancelled" | "returned">;
interface Part {
  readonly lineId: string;
  readonly quantity: number;
  readonly taken: Taken[];
  readonly allocated?: number;
}

/**
 * Records what of a report is news: the difference between each count and what is recorded of the line. Reports may
 * come twice and late; a count lower than the recorded one says nothing. What cannot be, such as more cancelled than
 * is open, is recorded as far as it can. What left the building counts before what was cancelled: units that may be
 * gone are not sold again.
 */
export function decideReport(state: SkuState, mutation: Report, nowMs: number): Decision {
  const without = refuseWithoutStock(state);
  if (without !== undefined) return without;
  const lines = mutation.lines.filter(({ epoch = state.epoch }) => isOfThisLife(state, epoch));
  const report = { ...mutation, lines };
  const { occurredAt: _, ...common } = headOf(report, nowMs);
  const decided: ReportEvent[] = [];
  let after = state;
  const record = (event: ReportEvent) => {
    if (event.lines.length === 0) return;
    after = evolve(after, event);
    decided.push(event);
  };

  // Only when the order was placed is known, not when the rest happened.
  record({ type: "ordered", ...headOf(report, nowMs), lines: orderedParts(after, report, nowMs) });
  record({ type: "fulfilled", ...common, lines: partsOf(after, report, fulfilledPart) });
  record({ type: "cancelled", ...common, lines: partsOf(after, report, cancelledPart) });
  record({ type: "returned", ...common, restock: true, lines: partsOf(after, report, restockedPart) });
  record({ type: "returned", ...common, restock: false, lines: partsOf(after, report, writtenOffPart) });

  const relieved = oversold(after) - oversold(state);
  return events(
    ...decided.map((event) => (event.type === "ordered" ? withOversold(event, relieved) : event)),
  );
}

function headOf(mutation: Report, nowMs: number) {
  const { channel, orderId } = mutation;
  return { ...provenance(mutation, nowMs), channel, orderId };
}

/** What was ordered since; a line that grew takes more at the end. */
function orderedParts(state: SkuState, mutation: Report, nowMs: number): Ordered["lines"] {
  const parts: Ordered["lines"] = [];
  let after = state;
  for (const told of mutation.lines) {
    const quantity = told.ordered - (lineOf(after, mutation, told)?.ordered ?? 0);
    if (quantity <= 0) continue;
    const { taken } = allocate(after, quantity, {});
    const before = oversold(after);
    const allocated = fromAllocation(after, mutation.channel, quantity);
    const alone = { lineId: told.lineId, quantity, taken, oversold: 0, ...(allocated > 0 && { allocated }) };
    after = evolve(after, { type: "ordered", ...headOf(mutation, nowMs), lines: [alone] });
    parts.push({ ...alone, oversold: oversold(after) - before });
  }
  return parts;
}

/** An order that is cancelled in the same breath did not oversell: at most `units` of it did, the last lines first. */
function withOversold(event: Ordered, units: number): Ordered {
  let left = Math.max(0, units);
  const lines = event.lines.toReversed().map((line) => {
    const own = Math.min(line.oversold, left);
    left -= own;
    return { ...line, oversold: own };
  });
  return { ...event, lines: lines.toReversed() };
}

function partsOf(
  state: SkuState,
  mutation: Report,
  part: (told: OrderLineCounts, line: OrderLine) => Omit<Part, "lineId">,
): Part[] {
  return mutation.lines.flatMap((told) => {
    const line = lineOf(state, mutation, told);
    const own = line === undefined ? nothing : part(told, line);
    return own.quantity > 0 ? [{ lineId: told.lineId, ...own }] : [];
  });
}

const nothing = { quantity: 0, taken: [] };

function fulfilledPart(told: OrderLineCounts, line: OrderLine) {
  return fromOpen(line.open, told.fulfilled - line.fulfilled);
}

function cancelledPart(told: OrderLineCounts, line: OrderLine) {
  const part = fromOpen(cancellable(line), told.cancelled - line.cancelled);
  const allocated = Math.min(line.allocated, part.quantity);
  return allocated > 0 ? { ...part, allocated } : part;
}

function restockedPart(told: OrderLineCounts, line: OrderLine) {
  return cameBack(line, told.restocked - (line.returned - line.writtenOff));
}

function writtenOffPart(told: OrderLineCounts, line: OrderLine) {
  return cameBack(line, told.writtenOff - line.writtenOff);
}

function fromOpen(open: readonly Taken[], wanted: number) {
  const quantity = Math.min(wanted, sum(open));
  return quantity > 0 ? { quantity, taken: split(open, quantity).first } : nothing;
}

/** Goods come back to where the first of them were taken from. */
function cameBack(line: OrderLine, wanted: number) {
  const quantity = Math.min(wanted, line.fulfilled - line.returned);
  const [first] = line.taken;
  if (quantity <= 0 || first === undefined) return nothing;
  return { quantity, taken: [{ location: first.location, quantity }] };
}

function lineOf(state: SkuState, { channel, orderId }: Report, { lineId }: OrderLineCounts) {
  return state.orderLines.get(orderLineKey({ channel, orderId, lineId }));
}
