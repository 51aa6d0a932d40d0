import type { External } from "../../../protocol/channel.ts";
import type { OrderReport, ReportedLine } from "../../kit/inbound.ts";
import type { LineItem, Order } from "./shapes.ts";

/**
 * What an order says about stock; undefined if none of it is the seller's to ship. eBay's line items never lose
 * units: an order is cancelled as a whole or not at all, and a refund is an amount of money.
 */
export function orderReport(order: Order, marketplaceId?: string): OrderReport | undefined {
  // eBay's own fulfilment ships from stock that was sent there.
  if (order.program?.fulfillmentProgram?.fulfilledBy === "EBAY") return undefined;
  const isCancelled = order.cancelStatus?.cancelState === "CANCELED";
  const lines = order.lineItems
    .filter((line) => isStocked(line) && isIn(line, marketplaceId))
    .map((line) => reportedLine(line, isCancelled));
  if (lines.length === 0) return undefined;
  return {
    type: "order",
    orderId: order.orderId,
    ...(order.creationDate && { occurredAt: new Date(order.creationDate).toISOString() }),
    lines,
  };
}

function isStocked({ giftDetails }: LineItem): boolean {
  return giftDetails === undefined || giftDetails === null;
}

function isIn({ listingMarketplaceId }: LineItem, marketplaceId: string | undefined): boolean {
  return marketplaceId === undefined || !listingMarketplaceId || listingMarketplaceId === marketplaceId;
}

function reportedLine(line: LineItem, isCancelled: boolean): ReportedLine {
  const { lineItemId: lineId, quantity: ordered, lineItemFulfillmentStatus: status } = line;
  const isShipped = status === "FULFILLED";
  // Of a line that is partly on its way eBay does not say how many units: none is put back on sale by a guess.
  const isUntouched = !isShipped && status !== "IN_PROGRESS";
  return {
    lineId,
    ...namesOf(line),
    ...(line.title && { title: line.title }),
    ordered,
    cancelled: isCancelled && isUntouched ? ordered : 0,
    fulfilled: isShipped ? ordered : 0,
    restocked: 0,
    writtenOff: 0,
  };
}

/** An order names the SKU, never the offer. Listings made without the Inventory API may have no SKU. */
function namesOf(line: LineItem): { readonly external?: External; readonly sku?: string } {
  const { sku, legacyItemId, legacyVariationId } = line;
  if (sku) return { external: { sku }, sku };
  if (!legacyItemId) return {};
  return {
    external: { listingId: legacyItemId, ...(legacyVariationId && { variationId: legacyVariationId }) },
  };
}
