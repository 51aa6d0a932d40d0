import { z } from "zod";
import { maybe } from "./maybe.ts";
import type { RestockType, ShopLine, ShopOrder } from "./orders.ts";

const Id = z.union([z.string().regex(/^\d{1,19}$/), z.int().positive()]).transform(String);
const Units = z.int().min(0);

const PayloadLine = z.looseObject({
  id: Id,
  variant_id: maybe(Id),
  sku: maybe(z.string()),
  name: maybe(z.string()),
  quantity: Units,
  current_quantity: Units,
  fulfillable_quantity: maybe(z.int()),
  gift_card: maybe(z.boolean()),
  requires_shipping: maybe(z.boolean()),
  variant_inventory_management: maybe(z.string()),
  fulfillment_service: maybe(z.string()),
});
type PayloadLine = z.infer<typeof PayloadLine>;

const restockTypes: readonly RestockType[] = ["cancel", "return", "no_restock", "legacy_restock"];

/** What `orders/create`, `orders/updated` and `orders/cancelled` carry: the whole order as REST has it. */
const OrderPayload = z.looseObject({
  id: Id,
  created_at: maybe(z.iso.datetime({ offset: true })),
  cancelled_at: maybe(z.string()),
  line_items: z.array(PayloadLine),
  fulfillments: z.array(
    z.looseObject({
      status: maybe(z.string()),
      line_items: z.array(z.looseObject({ id: Id, quantity: Units })),
    }),
  ),
  refunds: z.array(
    z.looseObject({
      refund_line_items: z.array(
        z.looseObject({ line_item_id: Id, quantity: Units, restock_type: z.enum(restockTypes) }),
      ),
    }),
  ),
});

/** Every payload about an order names it in one of these ways. */
const Named = z.union([
  z
    .looseObject({ order_edit: z.looseObject({ order_id: Id }) })
    .transform(({ order_edit }) => order_edit.order_id),
  z.looseObject({ order_id: Id }).transform(({ order_id }) => order_id),
  z.looseObject({ id: Id }).transform(({ id }) => id),
]);

/** The number of the order that a payload is about; undefined if it names none. */
export function orderIdIn(payload: unknown): string | undefined {
  const parsed = Named.safeParse(payload);
  return parsed.success ? parsed.data : undefined;
}

/**
 * The order as far as the payload alone tells: undefined if it lacks something, such as the inventory item of a variant
 * that `itemOf` does not know, or the shelf of a line that somebody else ships.
 */
export function orderIn(
  payload: unknown,
  itemOf: (variantId: string) => string | undefined,
): ShopOrder | undefined {
  const parsed = OrderPayload.safeParse(payload);
  if (!parsed.success) return undefined;
  const { id, created_at, cancelled_at, line_items, fulfillments, refunds } = parsed.data;
  const lines = line_items.map((line) => lineIn(line, itemOf));
  if (lines.some((line) => line === undefined)) return undefined;
  return {
    orderId: id,
    ...(created_at !== undefined && { placedAt: created_at }),
    isCancelled: cancelled_at !== undefined,
    lines: lines.filter((line) => line !== undefined),
    fulfilments: fulfillments
      .filter(({ status }) => status === "success")
      .flatMap((fulfilment) =>
        fulfilment.line_items.map((line) => ({ lineId: line.id, quantity: line.quantity })),
      ),
    refunds: refunds.flatMap((refund) =>
      refund.refund_line_items.map((line) => ({
        lineId: line.line_item_id,
        quantity: line.quantity,
        restockType: line.restock_type,
      })),
    ),
  };
}

function lineIn(line: PayloadLine, itemOf: (variantId: string) => string | undefined): ShopLine | undefined {
  const { variant_id: variantId, sku, name, fulfillment_service: service, fulfillable_quantity: open } = line;
  const isService = line.requires_shipping === false && line.variant_inventory_management === undefined;
  const isGiftCard = line.gift_card === true || service === "gift_card";
  const isStock = !isGiftCard && !isService;
  const itemId = variantId === undefined ? undefined : itemOf(variantId);
  // Whose shelf a fulfilment service is, and which item a new variant has, only Shopify knows.
  if (isStock && service !== undefined && service !== "manual") return undefined;
  if (isStock && variantId !== undefined && itemId === undefined) return undefined;
  return {
    lineId: line.id,
    itemId,
    variantId,
    sku: sku === "" ? undefined : sku,
    title: name,
    quantity: line.quantity,
    currentQuantity: line.current_quantity,
    openQuantity: open,
    isStock,
  };
}
