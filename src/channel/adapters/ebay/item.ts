import type { External } from "../../../protocol/channel.ts";

/** An offer as eBay's APIs name it. */
export interface EbayItem {
  readonly sku: string;
  readonly offerId: string;
  /** What eBay counts revisions by. */
  readonly listing: string;
}

/** Without `external` there is no offer to change. Without its `sku`, eBay knows it by the SKU itself. */
export function itemOf(listing: {
  readonly sku: string;
  readonly external?: External | undefined;
}): EbayItem | undefined {
  const { sku, external } = listing;
  if (external === undefined || typeof external === "string") return undefined;
  const offerId = external["offerId"];
  if (offerId === undefined) return undefined;
  return { sku: external["sku"] ?? sku, offerId, listing: external["listingId"] ?? `offer ${offerId}` };
}

/**
 * By eBay's SKU if it is given: an order names that and not the offer. A listing that gives no `sku` has the same one
 * on eBay, and is found by it.
 */
export function itemKey(external: External): string {
  if (typeof external === "string") return `offer ${external}`;
  const { sku, offerId, listingId, variationId } = external;
  if (sku !== undefined) return `sku ${sku}`;
  if (offerId !== undefined) return `offer ${offerId}`;
  return `item ${listingId ?? ""} ${variationId ?? ""}`.trim();
}
