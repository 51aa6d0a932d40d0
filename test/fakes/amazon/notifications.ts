export interface FakeOrderItem {
  readonly itemId: string;
  readonly sku: string;
  quantity: number;
  shipped: number;
}

export interface FakeOrder {
  readonly orderId: string;
  readonly fulfillment: "AFN" | "MFN";
  readonly purchasedAtMs: number;
  status: string;
  readonly items: FakeOrderItem[];
}

/** An ORDER_CHANGE notification as Amazon puts it on a queue (schema version 1.0). */
export function orderChange(order: FakeOrder, sellerId: string, marketplaceId: string, nowMs: number) {
  const at = new Date(nowMs).toISOString();
  const shipped = order.items.reduce((sum, item) => sum + item.shipped, 0);
  const ordered = order.items.reduce((sum, item) => sum + item.quantity, 0);
  return {
    NotificationVersion: "1.0",
    NotificationType: "ORDER_CHANGE",
    PayloadVersion: "1.0",
    EventTime: at,
    Payload: {
      OrderChangeNotification: {
        NotificationLevel: "OrderLevel",
        SellerId: sellerId,
        AmazonOrderId: order.orderId,
        OrderChangeType: "OrderStatusChange",
        OrderChangeTrigger: { TimeOfOrderChange: at, ChangeReason: "OrderStatusChange" },
        Summary: {
          MarketplaceId: marketplaceId,
          OrderStatus: order.status,
          PurchaseDate: new Date(order.purchasedAtMs).toISOString(),
          DestinationPostalCode: null,
          FulfillmentType: order.fulfillment,
          OrderType: "StandardOrder",
          NumberOfItemsShipped: shipped,
          NumberOfItemsUnshipped: ordered - shipped,
          OrderItems: order.items.map(({ itemId, sku, quantity, shipped: left }) => ({
            OrderItemId: itemId,
            SellerSKU: sku,
            SupplySourceId: null,
            Quantity: quantity,
            QuantityShipped: left,
          })),
        },
      },
    },
    NotificationMetadata: {
      ApplicationId: "app-id-1",
      SubscriptionId: "subscription-id-1",
      PublishTime: at,
      NotificationId: `n-${order.orderId}-${nowMs}`,
    },
  };
}
