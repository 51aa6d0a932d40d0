import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import type { OrderChange, OrderChangeLine, OrderLineResult } from "./contract.ts";
import type { LineRecord, Order } from "./order.ts";

/** What every mutation of an order says of itself. */
export function provenanceOf(from: Omit<Order, "lines" | "waiting"> | OrderChange) {
  const { channel, orderId, occurredAt, reference, actor } = from;
  return { channel, orderId, occurredAt, reference, actor };
}

/** What the SKUs' answers mean for a line of an order. */
export function lineResult(
  record: LineRecord,
  answers: ReadonlyMap<string, MutationResult>,
): OrderLineResult {
  const legs = record.legs.map((leg) =>
    legResult(record, leg.sku, leg.lineId, leg.perUnit, answers.get(leg.sku)),
  );
  const [leg] = legs;
  const { lineId, sku, quantity } = record.line;
  if (legs.length === 1 && leg !== undefined && leg.lineId === lineId) return leg;
  const worst = legs.find((part) => part.status !== "accepted")?.status ?? "accepted";
  const oversold = Math.max(
    0,
    ...legs.map((part, index) => Math.ceil(part.oversold / (record.legs[index]?.perUnit ?? 1))),
  );
  return { lineId, sku, quantity, status: worst, oversold, taken: [], components: legs };
}

function legResult(
  { line }: LineRecord,
  sku: string,
  lineId: string,
  perUnit: number,
  answer: MutationResult | undefined,
): OrderLineResult {
  const quantity = line.quantity * perUnit;
  if (answer === undefined) throw new Error(`SKU ${sku} left line ${lineId} unanswered`);
  if (answer.outcome === "refused") {
    const status = answer.refusal.code === "sku-not-found" ? "unmatched" : "refused";
    return { lineId, sku, quantity, status, oversold: 0, taken: [] };
  }
  const { event, position } = answer;
  const recorded =
    event?.type === "ordered" ? event.lines.find((candidate) => candidate.lineId === lineId) : undefined;
  const oversold = recorded?.oversold ?? 0;
  const status = oversold > 0 ? "oversold" : "accepted";
  return { lineId, sku, quantity, status, oversold, taken: recorded?.taken ?? [], ...position };
}

const doneStatus = { cancel: "cancelled", fulfil: "fulfilled", return: "returned" } as const;

export function changeLine(type: OrderChange["type"], sku: string, result: MutationResult): OrderChangeLine {
  if (result.outcome === "refused") {
    const { refusal } = result;
    const line = { sku, status: "refused" as const, lines: [], detail: refusal.code, ...result.position };
    if (refusal.code !== "quantity-not-open") return line;
    const { lineId, requested, open } = refusal;
    return { ...line, notOpen: { lineId, requested, open } };
  }
  const { event, position } = result;
  const lines = event !== undefined && "lines" in event ? event.lines : [];
  return {
    sku,
    status: doneStatus[type],
    lines: lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
    ...position,
  };
}

/** The request that a change of an order is for one SKU. */
export function changeRequest(
  change: OrderChange,
  parts: readonly { readonly lineId: string; readonly quantity?: number | undefined }[],
): MutationRequest {
  const { key, fingerprint, note, restock = true, location } = change;
  // Without a list, what is open is for the SKU to say.
  const lines =
    change.lines === undefined ? undefined : parts.map(({ lineId, quantity }) => ({ lineId, quantity }));
  const common = { ...provenanceOf(change), note, lines };
  const mutation =
    change.type === "return"
      ? { ...common, type: "return" as const, restock, location }
      : { ...common, type: change.type };
  return { key, fingerprint, mutation };
}
