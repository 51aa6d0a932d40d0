import type { OrderReport } from "../../../src/channel/kit/inbound.ts";
import type { PolledOrder } from "../../../src/channel/kit/order-cursor.ts";

/** An order as the shop keeps it; one line, counted as `OrderReport` says. */
export interface ShopOrder {
  readonly id: string;
  readonly sku: string;
  readonly placedAtMs: number;
  updatedAtMs: number;
  readonly ordered: number;
  cancelled: number;
  fulfilled: number;
  restocked: number;
}

/** Units of it that are not for sale any more. */
export function unitsOf({ ordered, cancelled, restocked }: ShopOrder): number {
  return ordered - cancelled - restocked;
}

/** Changes an order; answers how many units the shop puts back on sale by it. */
export function changed(order: ShopOrder, change: "cancel" | "fulfil" | "restock", nowMs: number): number {
  const open = order.ordered - order.cancelled - order.fulfilled;
  const back = change === "restock" ? order.fulfilled - order.restocked : change === "cancel" ? open : 0;
  if (change === "cancel") order.cancelled += open;
  else if (change === "fulfil") order.fulfilled += open;
  else order.restocked = order.fulfilled;
  order.updatedAtMs = Math.floor(nowMs);
  return back;
}

export function reportOf({
  id,
  sku,
  placedAtMs,
  ordered,
  cancelled,
  fulfilled,
  restocked,
}: ShopOrder): OrderReport {
  const counts = { ordered, cancelled, fulfilled, restocked, writtenOff: 0 };
  return {
    type: "order",
    orderId: id,
    occurredAt: new Date(placedAtMs).toISOString(),
    lines: [{ lineId: "1", sku, ...counts }],
  };
}

export function polled(order: ShopOrder): PolledOrder {
  const { placedAtMs, updatedAtMs } = order;
  return { placedAtMs, updatedAtMs, standing: "settled", report: reportOf(order) };
}
