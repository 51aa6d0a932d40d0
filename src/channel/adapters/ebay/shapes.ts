import { z } from "zod";
import { ApiError } from "./client.ts";

const Availability = z.looseObject({
  shipToLocationAvailability: z.looseObject({ quantity: z.int().min(0).optional() }).nullish(),
});

/** An inventory item: what stands behind one or several offers (Inventory API v1). */
export const InventoryItem = z.looseObject({
  sku: z.string().optional(),
  availability: Availability.nullish(),
  product: z.looseObject({ title: z.string().optional() }).nullish(),
});
export type InventoryItem = z.infer<typeof InventoryItem>;

export const InventoryItems = z.looseObject({
  inventoryItems: z.array(InventoryItem).nullish(),
  next: z.string().nullish(),
});

export const BulkItems = z.looseObject({
  responses: z.array(
    z.looseObject({
      sku: z.string().optional(),
      statusCode: z.int(),
      inventoryItem: InventoryItem.nullish(),
      errors: z.array(ApiError).nullish(),
    }),
  ),
});

export const Offer = z.looseObject({
  offerId: z.string().min(1),
  sku: z.string().optional(),
  marketplaceId: z.string().optional(),
  format: z.string().optional(),
  status: z.string().optional(),
  availableQuantity: z.int().min(0).nullish(),
  listing: z.looseObject({ listingId: z.string().optional() }).nullish(),
});
export type Offer = z.infer<typeof Offer>;

export const Offers = z.looseObject({ offers: z.array(Offer).nullish() });

/** The answer to `bulk_update_price_quantity`: about an inventory item, an offer, or both. */
export const Revised = z.looseObject({
  responses: z.array(
    z.looseObject({
      sku: z.string().nullish(),
      offerId: z.string().nullish(),
      statusCode: z.int(),
      errors: z.array(ApiError).nullish(),
    }),
  ),
});
export type Revised = z.infer<typeof Revised>;

const LineItem = z.looseObject({
  lineItemId: z.string().min(1),
  sku: z.string().nullish(),
  title: z.string().nullish(),
  legacyItemId: z.string().nullish(),
  legacyVariationId: z.string().nullish(),
  listingMarketplaceId: z.string().nullish(),
  quantity: z.int().min(0),
  lineItemFulfillmentStatus: z.string().nullish(),
  /** Only on digital gift cards. */
  giftDetails: z.looseObject({}).nullish(),
});
export type LineItem = z.infer<typeof LineItem>;

/** An order (Fulfillment API v1), as far as it is about stock. */
export const Order = z.looseObject({
  orderId: z.string().min(1),
  creationDate: z.iso.datetime({ offset: true }).nullish(),
  lastModifiedDate: z.iso.datetime({ offset: true }),
  cancelStatus: z.looseObject({ cancelState: z.string().nullish() }).nullish(),
  program: z
    .looseObject({ fulfillmentProgram: z.looseObject({ fulfilledBy: z.string().nullish() }).nullish() })
    .nullish(),
  lineItems: z.array(LineItem),
});
export type Order = z.infer<typeof Order>;

export const Orders = z.looseObject({ orders: z.array(Order).nullish(), next: z.string().nullish() });
