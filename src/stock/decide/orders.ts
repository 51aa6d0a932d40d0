import { defaultLocation } from "../../protocol/default-location.ts";
import { isNewer } from "../../protocol/position.ts";
import type { Taken } from "../../protocol/stock.ts";
import { allocate } from "../allocate.ts";
import { evolve } from "../evolve.ts";
import type { MutationOf, OrderLinePart } from "../mutation.ts";
import { cancellable, fromAllocation, oversold, split, sum } from "../quantities.ts";
import { exists, type OrderLine, orderLineKey, type SkuState } from "../state.ts";
import { type Decision, events, provenance, recorded, refuse, refuseWithoutStock } from "./decision.ts";

/**
 * Records what was sold elsewhere. A fact: it stands even if it takes more than there is, and then says by how
 * much. A line is known by (channel, order id, line id); telling it again changes nothing.
 */
export function decideOrder(state: SkuState, mutation: MutationOf<"order">, nowMs: number): Decision {
  const without = refuseWithoutStock(state);
  if (without !== undefined) return without;
  const { channel, orderId } = mutation;
  const lines: (LineTaken & { oversold: number; allocated?: number })[] = [];
  let after = state;
  let known: OrderLine | undefined;

  for (const line of mutation.lines) {
    const recordedLine = after.orderLines.get(orderLineKey({ channel, orderId, lineId: line.lineId }));
    if (recordedLine !== undefined) {
      if (recordedLine.ordered !== line.quantity) {
        return refuse({
          code: "order-line-conflict",
          lineId: line.lineId,
          recorded: recordedLine.ordered,
          requested: line.quantity,
        });
      }
      if (isNewer(recordedLine, known)) known = recordedLine;
      continue;
    }
    const { lineId, quantity } = line;
    const { taken } = allocate(after, quantity, line);
    const before = oversold(after);
    const allocated = fromAllocation(after, channel, quantity);
    const alone = { lineId, quantity, taken, oversold: 0, ...(allocated > 0 && { allocated }) };
    after = evolve(after, { type: "ordered", atMs: nowMs, channel, orderId, lines: [alone] });
    lines.push({ ...alone, oversold: oversold(after) - before });
  }

  if (lines.length === 0 && known !== undefined) return recorded(known);
  return events({ type: "ordered", ...provenance(mutation, nowMs), channel, orderId, lines });
}

/** Takes back what is still open of an order: its units can be sold again. */
export function decideCancel(state: SkuState, mutation: MutationOf<"cancel">, nowMs: number): Decision {
  return takeFromOpen(state, mutation, cancellable, (lines) => {
    const { channel, orderId } = mutation;
    const given = withAllocated(state, mutation, lines);
    return events({ type: "cancelled", ...provenance(mutation, nowMs), channel, orderId, lines: given });
  });
}

/** Records that units of an order left the building: they are committed no longer, nor on hand. */
export function decideFulfil(state: SkuState, mutation: MutationOf<"fulfil">, nowMs: number): Decision {
  return takeFromOpen(
    state,
    mutation,
    ({ open }) => open,
    (lines) => {
      const { channel, orderId } = mutation;
      return events({ type: "fulfilled", ...provenance(mutation, nowMs), channel, orderId, lines });
    },
  );
}

/** Records goods that came back. They need not be recorded as fulfilled yet: that fact may be late. */
export function decideReturn(state: SkuState, mutation: MutationOf<"return">, nowMs: number): Decision {
  if (!exists(state)) return refuse({ code: "sku-not-found" });
  const { channel, orderId, restock, location } = mutation;
  const known = linesOf(state, channel, orderId);
  const parts: readonly OrderLinePart[] =
    mutation.lines ?? known.filter(returnable).map(({ lineId }) => ({ lineId }));
  const lines: LineTaken[] = [];
  // What came back by the parts before: the same line may be named twice.
  const back = new Map<string, number>();
  for (const { lineId, quantity: wanted } of parts) {
    const line = known.find((candidate) => candidate.lineId === lineId);
    if (line === undefined) return refuse({ code: "order-not-found" });
    const before = back.get(lineId) ?? 0;
    const open = owned(line) - before;
    const quantity = wanted ?? Math.max(0, line.fulfilled - line.returned - before);
    if (quantity > open || quantity === 0) {
      return refuse({ code: "quantity-not-open", lineId, requested: quantity, open });
    }
    back.set(lineId, before + quantity);
    const to = location ?? line.taken[0]?.location ?? defaultLocation;
    lines.push({ lineId, quantity, taken: [{ location: to, quantity }] });
  }
  if (lines.length === 0) return refuseWithoutOpen(known, owned);
  return events({ type: "returned", ...provenance(mutation, nowMs), channel, orderId, restock, lines });
}

/** Says of each cancelled part how many of its units were the channel's own, and are again. */
function withAllocated(state: SkuState, order: MutationOf<"cancel">, lines: readonly LineTaken[]) {
  const left = new Map<string, number>();
  return lines.map((part) => {
    const line = state.orderLines.get(orderLineKey({ ...order, lineId: part.lineId }));
    const own = left.get(part.lineId) ?? line?.allocated ?? 0;
    const allocated = Math.min(own, part.quantity);
    left.set(part.lineId, own - allocated);
    return allocated > 0 ? { ...part, allocated } : part;
  });
}

function returnable(line: OrderLine): boolean {
  return line.fulfilled > line.returned;
}

/** Units that the buyer has or may still get. */
function owned(line: OrderLine): number {
  return line.ordered - line.cancelled - line.returned;
}

/** The refusal of a change that names no line of an order, and finds none to change. */
function refuseWithoutOpen(known: readonly OrderLine[], openOf: (line: OrderLine) => number): Decision {
  const line = known.find((candidate) => openOf(candidate) > 0) ?? known[0];
  if (line === undefined) return refuse({ code: "order-not-found" });
  return refuse({ code: "quantity-not-open", lineId: line.lineId, requested: 0, open: openOf(line) });
}

type LineTaken = { lineId: string; quantity: number; taken: Taken[] };

function takeFromOpen(
  state: SkuState,
  mutation: MutationOf<"cancel" | "fulfil">,
  openOf: (line: OrderLine) => readonly Taken[],
  record: (lines: LineTaken[]) => Decision,
): Decision {
  if (!exists(state)) return refuse({ code: "sku-not-found" });
  const { channel, orderId } = mutation;
  const known = linesOf(state, channel, orderId);
  const parts: readonly OrderLinePart[] =
    mutation.lines ?? known.filter((line) => sum(openOf(line)) > 0).map(({ lineId }) => ({ lineId }));
  const lines: LineTaken[] = [];
  // What is left open after the parts before: the same line may be named twice.
  const left = new Map<string, readonly Taken[]>();
  for (const { lineId, quantity: wanted } of parts) {
    const line = state.orderLines.get(orderLineKey({ channel, orderId, lineId }));
    if (line === undefined) return refuse({ code: "order-not-found" });
    const openParts = left.get(lineId) ?? openOf(line);
    const open = sum(openParts);
    const quantity = wanted ?? open;
    if (quantity > open || quantity === 0) {
      return refuse({ code: "quantity-not-open", lineId, requested: quantity, open });
    }
    const { first, rest } = split(openParts, quantity);
    left.set(lineId, rest);
    lines.push({ lineId, quantity, taken: first });
  }
  return lines.length > 0 ? record(lines) : refuseWithoutOpen(known, (line) => sum(openOf(line)));
}

function linesOf(state: SkuState, channel: string, orderId: string): OrderLine[] {
  return [...state.orderLines.values()].filter(
    (line) => line.channel === channel && line.orderId === orderId,
  );
}
