import { json, paged, refusal } from "./answers.ts";

export interface FakeLine {
  readonly lineItemId: string;
  readonly sku?: string;
  readonly title: string;
  readonly legacyItemId: string;
  readonly legacyVariationId?: string;
  readonly listingMarketplaceId: string;
  readonly quantity: number;
  lineItemFulfillmentStatus: "NOT_STARTED" | "IN_PROGRESS" | "FULFILLED";
  refunds: object[];
  giftDetails?: object;
}

export interface FakeOrder {
  readonly orderId: string;
  readonly creationDate: string;
  lastModifiedDate: string;
  orderPaymentStatus: string;
  cancelStatus: { cancelState: string; cancelRequests: object[] };
  program?: object;
  readonly lineItems: FakeLine[];
}

/** The orders of one seller, as the Fulfillment API v1 tells them. */
export class OrdersFake {
  readonly orders: FakeOrder[] = [];
  /** Orders that are not told yet: eBay knows them from checkout on. */
  readonly hidden = new Set<string>();

  answer(url: URL, method: string): Response {
    if (method !== "GET" || url.pathname !== "/sell/fulfillment/v1/order")
      throw refusal(404, 2002, "Resource not found");
    const visible = this.orders.filter(({ orderId }) => !this.hidden.has(orderId));
    const ids = url.searchParams.get("orderIds")?.split(",");
    if (ids !== undefined) {
      if (ids.length > 50) throw refusal(400, 30810, "At most 50 order ids");
      return json(
        200,
        paged(
          visible.filter(({ orderId }) => ids.includes(orderId)),
          url,
          "orders",
          50,
          200,
        ),
      );
    }
    const filter = url.searchParams.get("filter");
    const range =
      /^lastmodifieddate:\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\.\.(\d{4}-\d\d-\d\dT[\d:.]+Z)?\]$/.exec(
        filter ?? "",
      );
    if (filter !== null && range === null) throw refusal(400, 30700, "Invalid filter");
    const [, from = "", to = "9999"] = range ?? [];
    const found = visible.filter(
      ({ lastModifiedDate }) => lastModifiedDate >= from && lastModifiedDate <= to,
    );
    return json(
      200,
      paged(
        found.sort((a, b) => (a.creationDate < b.creationDate ? 1 : -1)),
        url,
        "orders",
        50,
        200,
      ),
    );
  }
}
