import { unreachable } from "../../../stock/refusal.ts";
import type { OrderReport, ReportedLine } from "../../kit/inbound.ts";
import { itemFrom } from "./item.ts";
import type { WooSettings } from "./settings.ts";
import { metaNumber, type Order, type OrderLine, type Refund, toTimestamp } from "./shapes.ts";

/** Units that a line holds out of the shop's stock now. Written by WooCommerce when it takes or gives back stock. */
const heldMeta = "_reduced_stock";
/** Units of a line that refunds put back, since the order was placed. */
const restockedMeta = "_restock_refunded_items";

/** What an order's status says about its units. */
type Phase =
  /** Nothing is taken out of stock: not paid yet, or given back. */
  | "unsold"
  | "cancelled"
  | "sold"
  /** Shipped; or the money is back, and WooCommerce puts back only what a refund was told to restock. */
  | "gone"
  /** WooCommerce gives nothing back by itself, nor takes anything: what its own account of each line says. */
  | "as-held";

/** A status list of plugins. */
type Statuses = Pick<WooSettings, "soldStatuses" | "shippedStatuses">;

/**
 * What an order is now, as WooCommerce's own account of its stock has it. `refunds` may be left out: then units that
 * were refunded and not put back do not show yet. Undefined for an order in the bin, which says nothing about stock.
 */
export function orderReport(
  order: Order,
  refunds: readonly Refund[] | undefined,
  statuses: Statuses,
): OrderReport | undefined {
  if (order.status === "trash") return undefined;
  const phase = phaseOf(order, statuses);
  const refunded = refundedUnits(refunds ?? []);
  return {
    type: "order",
    orderId: String(order.id),
    ...(order.date_created_gmt && { occurredAt: toTimestamp(order.date_created_gmt) }),
    stateAsOf: toTimestamp(order.date_modified_gmt),
    lines: order.line_items
      .filter((line) => line.product_id > 0 || (line.sku ?? "") !== "")
      .map((line) => reportedLine(line, phase, refunded.get(line.id) ?? 0)),
  };
}

function reportedLine(line: OrderLine, phase: Phase, refunded: number): ReportedLine {
  const sku = line.sku ?? "";
  const title = line.name ?? "";
  const external = itemFrom(line.product_id, line.variation_id ?? 0);
  return {
    lineId: String(line.id),
    ...(external !== undefined && { external }),
    ...(sku !== "" && { sku }),
    ...(title !== "" && { title }),
    ...countsOf(line, phase, refunded),
  };
}

type Counts = Pick<ReportedLine, "ordered" | "cancelled" | "fulfilled" | "restocked" | "writtenOff">;

const none: Counts = { ordered: 0, cancelled: 0, fulfilled: 0, restocked: 0, writtenOff: 0 };

function countsOf(line: OrderLine, phase: Phase, refunded: number): Counts {
  const restocked = units(metaNumber(line, restockedMeta) ?? 0);
  const held = metaNumber(line, heldMeta);
  // An item that WooCommerce does not count has no account: then its quantity is what was sold.
  const sold = held === undefined ? Math.max(0, units(line.quantity) - restocked) : units(held);
  switch (phase) {
    case "unsold":
      return none;
    case "cancelled":
      return { ...none, ordered: units(line.quantity), cancelled: units(line.quantity) };
    case "as-held":
      return held === undefined ? none : { ...none, ordered: sold + restocked, cancelled: restocked };
    case "sold": {
      // Refunded and not put back: WooCommerce will not sell these units again, nor will they be shipped. They count as
      // gone and not as written off, because it gives them back after all if the order is cancelled later.
      const gone = Math.min(sold, Math.max(0, refunded - restocked));
      return { ...none, ordered: sold + restocked, cancelled: restocked, fulfilled: gone };
    }
    case "gone":
      return { ...none, ordered: sold + restocked, cancelled: restocked, fulfilled: sold };
    default:
      return unreachable(phase);
  }
}

function phaseOf(order: Order, { soldStatuses = [], shippedStatuses = [] }: Statuses): Phase {
  const { status } = order;
  if (shippedStatuses.includes(status)) return "gone";
  if (soldStatuses.includes(status)) return "sold";
  switch (status) {
    case "processing":
    case "on-hold":
      return "sold";
    case "completed":
    case "refunded":
      return "gone";
    case "cancelled":
      return "cancelled";
    case "pending":
    case "checkout-draft":
    case "auto-draft":
    case "draft":
      return "unsold";
    default:
      // `failed`, and what plugins add: those that follow a paid status keep its account.
      return "as-held";
  }
}

/** By line: units in all refunds. */
function refundedUnits(refunds: readonly Refund[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const line of refunds.flatMap((refund) => refund.line_items)) {
    const lineId = metaNumber(line, "_refunded_item_id");
    if (lineId !== undefined) counts.set(lineId, (counts.get(lineId) ?? 0) + units(Math.abs(line.quantity)));
  }
  return counts;
}

/** Plugins sell fractions; half a unit sold is a unit that nobody else may buy. */
function units(quantity: number): number {
  return Math.max(0, Math.ceil(quantity));
}
