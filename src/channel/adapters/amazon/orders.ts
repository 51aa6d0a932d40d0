import { z } from "zod";
import { unreachable } from "../../../stock/refusal.ts";
import type { OrderReport, ReportedLine } from "../../kit/inbound.ts";

const OrderItem = z.looseObject({
  OrderItemId: z.string().min(1),
  SellerSKU: z.string().min(1),
  Quantity: z.int().min(0),
  QuantityShipped: z.int().min(0).optional(),
});
type OrderItem = z.infer<typeof OrderItem>;

const OrderStatus = z.enum([
  "Pending",
  "PendingAvailability",
  "Unshipped",
  "PartiallyShipped",
  "Shipped",
  "InvoiceUnconfirmed",
  "Unfulfillable",
  "Canceled",
]);
type OrderStatus = z.infer<typeof OrderStatus>;

/** `OrderChangeNotification` of the ORDER_CHANGE notification, schema version 1.0. */
export const OrderChange = z.looseObject({
  NotificationLevel: z.enum(["OrderLevel", "OrderItemLevel"]),
  SellerId: z.string(),
  AmazonOrderId: z.string().min(1),
  Summary: z.looseObject({
    MarketplaceId: z.string(),
    OrderStatus,
    PurchaseDate: z.string().nullish(),
    FulfillmentType: z.enum(["AFN", "MFN"]),
    OrderItems: z.array(OrderItem),
  }),
});
export type OrderChange = z.infer<typeof OrderChange>;

/**
 * What a notification says of an order; undefined if Amazon ships it from its own warehouses (AFN). Amazon tells what
 * an order is now: the quantity of an item falls when part of it is cancelled. `publishedAt` is when it said so.
 */
export function orderReport(change: OrderChange, publishedAt: string): OrderReport | undefined {
  const { OrderStatus: status, FulfillmentType, OrderItems, PurchaseDate } = change.Summary;
  if (FulfillmentType === "AFN") return undefined;
  const occurredAtMs = Date.parse(PurchaseDate ?? "");
  return {
    type: "order",
    orderId: change.AmazonOrderId,
    ...(!Number.isNaN(occurredAtMs) && { occurredAt: new Date(occurredAtMs).toISOString() }),
    // A notification of one item says nothing about the order's other items, so it must not count as the whole order.
    ...(change.NotificationLevel === "OrderLevel" && { stateAsOf: publishedAt }),
    lines: OrderItems.map((item) => lineOf(item, status)),
  };
}

function lineOf(item: OrderItem, status: OrderStatus): ReportedLine {
  const { OrderItemId, SellerSKU, Quantity, QuantityShipped = 0 } = item;
  const shipped = Math.min(QuantityShipped, Quantity);
  const line = { lineId: OrderItemId, external: SellerSKU, sku: SellerSKU, ordered: Quantity };
  const none = { cancelled: 0, fulfilled: 0, restocked: 0, writtenOff: 0 };
  switch (status) {
    case "Pending":
    case "PendingAvailability":
    case "Unshipped":
    case "PartiallyShipped":
    case "InvoiceUnconfirmed":
    case "Unfulfillable":
      return { ...line, ...none, fulfilled: shipped };
    case "Shipped":
      return { ...line, ...none, fulfilled: Quantity };
    case "Canceled":
      return { ...line, ...none, cancelled: Quantity - shipped, fulfilled: shipped };
    default:
      return unreachable(status);
  }
}
