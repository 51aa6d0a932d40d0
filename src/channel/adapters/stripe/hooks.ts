import { z } from "zod";
import { ExternalId, PositiveQuantity } from "../../../protocol/primitives.ts";

/** What is in every hook and event; the rest depends on the type. */
export const Envelope = z.looseObject({
  id: z.string().min(1).max(128),
  type: z.string(),
  livemode: z.boolean(),
  /** The account it is for. */
  context: z.string().nullish(),
});

export const priceAndAvailability = "delegated_commerce.product_price_availability";

export const PriceAndAvailability = z.looseObject({ data: z.looseObject({ sku_id: ExternalId }) });

export const orderApproval = "v1.delegated_checkout.finalize_checkout";

/** Stripe's page on the hook names a line's item by `id` alone; what is sent has `sku_id` beside it. */
const Line = z.looseObject({
  id: ExternalId,
  sku_id: ExternalId.nullish(),
  quantity: PositiveQuantity,
});

const Lines = z.array(Line).min(1).max(1_000);

/** The lines are `line_items_details` on Stripe's page, and `line_item_details` in what is sent. */
export const OrderApproval = z.looseObject({
  data: z
    .looseObject({
      checkout_session: ExternalId.nullish(),
      line_item_details: Lines.nullish(),
      line_items_details: Lines.nullish(),
    })
    .transform(
      ({ checkout_session: session, line_item_details: sent, line_items_details: named }, context) => {
        const lines = sent ?? named;
        if (lines !== undefined && lines !== null) return { session, lines };
        context.addIssue({ code: "custom", message: "it has no line items" });
        return z.NEVER;
      },
    ),
});

/** Events of an ordinary event destination that say a checkout will not be paid any more. */
export const abandoned: ReadonlySet<string> = new Set([
  "checkout.session.expired",
  "checkout.session.async_payment_failed",
]);

export const CheckoutEvent = z.looseObject({
  data: z.looseObject({ object: z.looseObject({ id: ExternalId }) }),
});
