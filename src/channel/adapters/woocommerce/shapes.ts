import { z } from "zod";

/** GMT without a zone, as WooCommerce writes `_gmt` fields: "2026-11-23T09:00:00". */
export const GmtTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);

/** RFC 3339 for the time in a `_gmt` field. */
export function toTimestamp(gmt: string): string {
  return `${gmt}.000Z`;
}

/** What is read of a product or a variation. `manage_stock` is "parent" if a variation's stock is its product's. */
export const Product = z.looseObject({
  id: z.int(),
  type: z.string().optional(),
  name: z.string().optional(),
  sku: z.string().nullish(),
  parent_id: z.int().optional(),
  manage_stock: z.union([z.boolean(), z.literal("parent")]).optional(),
  stock_quantity: z.number().nullish(),
  date_modified_gmt: GmtTime.nullish(),
});
export type Product = z.infer<typeof Product>;

/** Which fields of a product are asked for. */
export const productFields = Object.keys(Product.shape).join(",");

export const ItemError = z.looseObject({
  code: z.union([z.string(), z.number()]).optional(),
  message: z.string().optional(),
  data: z.unknown().optional(),
});
export type ItemError = z.infer<typeof ItemError>;

/** The answer to a batch: objects, or errors in their place. */
export const BatchAnswer = z.looseObject({
  update: z.array(z.looseObject({ id: z.coerce.number(), error: ItemError.optional() })).default([]),
});

const Meta = z.looseObject({ key: z.unknown(), value: z.unknown() });

export const OrderLine = z.looseObject({
  id: z.int(),
  name: z.string().nullish(),
  product_id: z.int(),
  variation_id: z.int().nullish(),
  quantity: z.number(),
  sku: z.string().nullish(),
  meta_data: z.array(Meta).default([]),
});
export type OrderLine = z.infer<typeof OrderLine>;

export const Order = z.looseObject({
  id: z.int().positive(),
  status: z.string(),
  date_created_gmt: GmtTime.nullish(),
  date_modified_gmt: GmtTime,
  line_items: z.array(OrderLine),
  refunds: z.array(z.looseObject({ id: z.int() })).default([]),
});
export type Order = z.infer<typeof Order>;

export const orderFields = Object.keys(Order.shape).join(",");

/** A refund; its lines have negative quantities and name the line they refund. */
export const Refund = z.looseObject({ id: z.int(), line_items: z.array(OrderLine).default([]) });
export type Refund = z.infer<typeof Refund>;

export const Webhook = z.looseObject({
  id: z.int(),
  name: z.string().optional(),
  status: z.string(),
  topic: z.string(),
  delivery_url: z.string(),
});
export type Webhook = z.infer<typeof Webhook>;

export const Setting = z.looseObject({ value: z.unknown() });

/** A number in an item's meta data, which PHP writes as a number or as text; undefined if it is not there. */
export function metaNumber(line: OrderLine, key: string): number | undefined {
  const value = line.meta_data.find((meta) => meta.key === key)?.value;
  if (value === undefined || value === null || value === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
