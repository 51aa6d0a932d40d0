import { z } from "zod";
import { document } from "./document.ts";
import { maybe } from "./maybe.ts";

const Page = z.looseObject({ hasNextPage: z.boolean(), endCursor: maybe(z.string()) });
const LineRef = z.looseObject({ id: z.string() });

const Service = z.looseObject({
  type: z.string(),
  location: maybe(z.looseObject({ id: z.string() })),
});
export type Service = z.infer<typeof Service>;

const Variant = z.looseObject({
  id: z.string(),
  inventoryItem: z.looseObject({ id: z.string(), tracked: z.boolean() }),
});

const Lines = z.looseObject({
  nodes: z.array(
    z.looseObject({
      id: z.string(),
      sku: maybe(z.string()),
      name: z.string(),
      quantity: z.int().min(0),
      currentQuantity: z.int().min(0),
      unfulfilledQuantity: z.int(),
      isGiftCard: z.boolean(),
      requiresShipping: z.boolean(),
      fulfillmentService: maybe(Service),
      variant: maybe(Variant),
    }),
  ),
  pageInfo: Page,
});
export type OrderLines = z.infer<typeof Lines>;

const FulfilmentLines = z.looseObject({
  nodes: z.array(z.looseObject({ quantity: maybe(z.int().min(0)), lineItem: LineRef })),
  pageInfo: Page,
});

const RefundLines = z.looseObject({
  nodes: z.array(
    z.looseObject({
      quantity: z.int().min(0),
      restockType: z.enum(["CANCEL", "RETURN", "NO_RESTOCK", "LEGACY_RESTOCK"]),
      lineItem: LineRef,
    }),
  ),
  pageInfo: Page,
});

const Fulfilment = z.looseObject({
  id: z.string(),
  status: z.string(),
  fulfillmentLineItems: FulfilmentLines,
});
const Refund = z.looseObject({ id: z.string(), refundLineItems: RefundLines });

/** Fulfilments and refunds in the first answer, and lines of each; more of them are asked for one by one. */
export const partsInFirst = 10;

/** Shopify lists no more of them than that in one go, and has no pages of them. */
export const partsMax = 250;

const lineFields = `fragment StockwireLine on LineItem {
  id sku name quantity currentQuantity unfulfilledQuantity isGiftCard requiresShipping
  fulfillmentService { type location { id } }
  variant { id inventoryItem { id tracked } }
}`;

/** An order with what most orders have of everything. */
export const readOrder = document<{ readonly id: string }>()(
  "StockwireOrder",
  `query StockwireOrder($id: ID!) {
  order(id: $id) {
    id createdAt cancelledAt
    lineItems(first: 50) { nodes { ...StockwireLine } pageInfo { hasNextPage endCursor } }
    fulfillments(first: ${partsInFirst}) {
      id status
      fulfillmentLineItems(first: 10) {
        nodes { quantity lineItem { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
    refunds(first: ${partsInFirst}) {
      id
      refundLineItems(first: 10) {
        nodes { quantity restockType lineItem { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
${lineFields}`,
  z.looseObject({
    order: maybe(
      z.looseObject({
        id: z.string(),
        createdAt: z.iso.datetime({ offset: true }),
        cancelledAt: maybe(z.string()),
        lineItems: Lines,
        fulfillments: z.array(Fulfilment),
        refunds: z.array(Refund),
      }),
    ),
  }),
);

/** Further lines of an order. */
export const readOrderLines = document<{ readonly id: string; readonly after: string | null }>()(
  "StockwireOrderLines",
  `query StockwireOrderLines($id: ID!, $after: String) {
  order(id: $id) {
    lineItems(first: 100, after: $after) { nodes { ...StockwireLine } pageInfo { hasNextPage endCursor } }
  }
}
${lineFields}`,
  z.looseObject({ order: maybe(z.looseObject({ lineItems: Lines })) }),
);

/** All fulfilments and refunds of an order with very many of them, by name. */
export const readOrderParts = document<{ readonly id: string }>()(
  "StockwireOrderParts",
  `query StockwireOrderParts($id: ID!) {
  order(id: $id) {
    fulfillments(first: ${partsMax}) { id status }
    refunds(first: ${partsMax}) { id }
  }
}`,
  z.looseObject({
    order: maybe(
      z.looseObject({
        fulfillments: z.array(z.looseObject({ id: z.string(), status: z.string() })),
        refunds: z.array(z.looseObject({ id: z.string() })),
      }),
    ),
  }),
);

/** Lines of a fulfilment. */
export const readFulfilment = document<{ readonly id: string; readonly after: string | null }>()(
  "StockwireFulfilment",
  `query StockwireFulfilment($id: ID!, $after: String) {
  fulfillment(id: $id) {
    fulfillmentLineItems(first: 100, after: $after) {
      nodes { quantity lineItem { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`,
  z.looseObject({ fulfillment: maybe(z.looseObject({ fulfillmentLineItems: FulfilmentLines })) }),
);

/** Lines of a refund. */
export const readRefund = document<{ readonly id: string; readonly after: string | null }>()(
  "StockwireRefund",
  `query StockwireRefund($id: ID!, $after: String) {
  refund(id: $id) {
    refundLineItems(first: 100, after: $after) {
      nodes { quantity restockType lineItem { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`,
  z.looseObject({ refund: maybe(z.looseObject({ refundLineItems: RefundLines })) }),
);
