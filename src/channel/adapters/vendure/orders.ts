import { z } from "zod";
import type { OrderReport, ReportedLine } from "../../kit/inbound.ts";
import type { PolledOrder } from "../../kit/order-cursor.ts";
import {
  addUnits,
  cancelUnits,
  type LineCount,
  newCount,
  sendUnits,
  settleUnits,
  unsendUnits,
} from "../../kit/order-history.ts";

const Line = z.looseObject({
  id: z.string(),
  quantity: z.int(),
  orderPlacedQuantity: z.int(),
  productVariant: z.looseObject({
    id: z.string(),
    sku: z.string(),
    name: z.string(),
    trackInventory: z.enum(["TRUE", "FALSE", "INHERIT"]),
  }),
});
const Portion = z.looseObject({ orderLineId: z.string(), quantity: z.int() });

const HistoryEntry = z.looseObject({
  id: z.string(),
  type: z.string(),
  createdAt: z.string(),
  data: z.looseObject({
    fulfillmentId: z.coerce.string().optional(),
    from: z.string().optional(),
    to: z.string().optional(),
    lines: z.array(z.looseObject({ orderLineId: z.coerce.string(), quantity: z.int() })).optional(),
    modificationId: z.coerce.string().optional(),
  }),
});
type HistoryEntry = z.infer<typeof HistoryEntry>;

/** An order as `orderFields` asks for it. */
export const VendureOrder = z.looseObject({
  id: z.string(),
  code: z.string(),
  updatedAt: z.string(),
  orderPlacedAt: z.string(),
  lines: z.array(Line),
  fulfillments: z
    .array(z.looseObject({ id: z.string(), state: z.string(), lines: z.array(Portion) }))
    .nullable(),
  modifications: z.array(z.looseObject({ id: z.string(), lines: z.array(Portion) })),
  history: z.object({ items: z.array(HistoryEntry) }),
});
export type VendureOrder = z.infer<typeof VendureOrder>;

export const orderFields =
  'id code updatedAt orderPlacedAt lines{id quantity orderPlacedQuantity productVariant{id sku name trackInventory}} fulfillments{id state lines{orderLineId quantity}} modifications{id lines{orderLineId quantity}} history(options:{filter:{type:{in:["ORDER_CANCELLATION","ORDER_MODIFIED","ORDER_FULFILLMENT_TRANSITION"]}},take:1000}){items{id type createdAt data}}';

/** What an order says, and when. `tracksByDefault`: what the shop does with variants that inherit. */
export function toPolledOrder(order: VendureOrder, tracksByDefault: boolean): PolledOrder {
  return {
    placedAtMs: Date.parse(order.orderPlacedAt),
    updatedAtMs: Date.parse(order.updatedAt),
    standing: "settled",
    report: toReport(order, tracksByDefault),
  };
}

/**
 * The counts of an order, gone through its history: Vendure itself keeps only the present quantity of a line, and a
 * line that lost two units and got one back must count as both.
 */
export function toReport(order: VendureOrder, tracksByDefault: boolean): OrderReport {
  const counts = new Map(order.lines.map((line) => [line.id, newCount(line.orderPlacedQuantity)]));
  for (const entry of [...order.history.items].sort(byTime)) replay(entry, order, counts);
  return {
    type: "order",
    orderId: order.code,
    occurredAt: new Date(order.orderPlacedAt).toISOString(),
    lines: order.lines.flatMap((line) => {
      const { trackInventory } = line.productVariant;
      const isTracked = trackInventory === "INHERIT" ? tracksByDefault : trackInventory === "TRUE";
      const count = counts.get(line.id);
      if (!isTracked || count === undefined) return [];
      // Whatever the history does not explain has still happened.
      settleUnits(count, line.quantity);
      return [reportOf(line, count)];
    }),
  };
}

function replay(entry: HistoryEntry, order: VendureOrder, counts: ReadonlyMap<string, LineCount>): void {
  const { type, data } = entry;
  if (type === "ORDER_CANCELLATION") {
    each(data.lines, counts, cancelUnits);
    return;
  }
  if (type === "ORDER_MODIFIED") {
    const modification = order.modifications.find(({ id }) => id === data.modificationId);
    // What a modification takes away is in the history as a cancellation, too.
    each(modification?.lines, counts, (count, units) => addUnits(count, Math.max(0, units)));
    return;
  }
  const fulfillment = order.fulfillments?.find(({ id }) => id === data.fulfillmentId);
  if (data.from === "Created" && data.to === "Pending") each(fulfillment?.lines, counts, sendUnits);
  if (data.to === "Cancelled") each(fulfillment?.lines, counts, unsendUnits);
}

function each(
  portions: readonly { readonly orderLineId: string; readonly quantity: number }[] | undefined,
  counts: ReadonlyMap<string, LineCount>,
  change: (count: LineCount, units: number) => void,
): void {
  for (const { orderLineId, quantity } of portions ?? []) {
    const count = counts.get(orderLineId);
    if (count !== undefined) change(count, quantity);
  }
}

function reportOf({ id, productVariant }: z.infer<typeof Line>, count: LineCount): ReportedLine {
  const { ordered, cancelled, fulfilled, restocked, writtenOff } = count;
  return {
    lineId: id,
    external: { variantId: productVariant.id },
    ...(productVariant.sku !== "" && { sku: productVariant.sku }),
    title: productVariant.name,
    ordered,
    cancelled,
    fulfilled,
    restocked,
    writtenOff,
  };
}

/** Times may have whole seconds only (SQLite); ids that count tell the order within one. */
function byTime(a: HistoryEntry, b: HistoryEntry): number {
  const difference = Date.parse(a.createdAt) - Date.parse(b.createdAt);
  return difference === 0 ? Number(a.id) - Number(b.id) || 0 : difference;
}
