import { connection, type Page } from "./connection.ts";
import { type FakeItem, gid, type Items } from "./items.ts";

export type RestockType = "cancel" | "return" | "no_restock" | "legacy_restock";

export interface FakeLine {
  readonly id: number;
  /** Undefined: something typed into the order by hand, or a product that is gone by now. */
  item?: FakeItem | undefined;
  readonly sku: string;
  readonly title: string;
  readonly isGiftCard: boolean;
  quantity: number;
  /** Units that were refunded or taken off. */
  removed: number;
  /** Units still to be shipped. */
  open: number;
  /** Units that were shipped and not refunded. */
  shipped: number;
}

export interface FakeFulfilment {
  readonly id: number;
  status: "success" | "pending" | "cancelled";
  readonly units: { readonly line: FakeLine; readonly quantity: number }[];
}

export interface FakeRefund {
  readonly id: number;
  readonly units: { readonly line: FakeLine; readonly quantity: number; readonly restockType: RestockType }[];
}

export interface FakeOrder {
  readonly id: number;
  readonly createdAtMs: number;
  updatedAtMs: number;
  cancelledAtMs?: number;
  readonly lines: FakeLine[];
  readonly fulfilments: FakeFulfilment[];
  readonly refunds: FakeRefund[];
}

/** What a buyer takes; without an item, something that is not in the catalogue. */
export interface Bought {
  readonly item?: FakeItem;
  readonly quantity: number;
  readonly title?: string;
  readonly sku?: string;
  readonly isGiftCard?: boolean;
}

/** The shop's orders, as its two APIs tell them. */
export class Orders {
  readonly #orders = new Map<number, FakeOrder>();
  readonly #items: Items;
  #nextId = 5_000_000_000_001;

  constructor(items: Items) {
    this.#items = items;
  }

  id(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }

  place(bought: readonly Bought[], nowMs: number): FakeOrder {
    const order: FakeOrder = {
      id: this.id(),
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      lines: [],
      fulfilments: [],
      refunds: [],
    };
    for (const one of bought) this.addLine(order, one);
    this.#orders.set(order.id, order);
    return order;
  }

  addLine(order: FakeOrder, { item, quantity, title, sku, isGiftCard = false }: Bought): FakeLine {
    const line = {
      id: this.id(),
      item,
      sku: sku ?? item?.sku ?? "",
      title: title ?? item?.title ?? "Custom",
      isGiftCard,
      quantity,
      removed: 0,
      open: quantity,
      shipped: 0,
    };
    order.lines.push(line);
    return line;
  }

  find(id: number | undefined): FakeOrder | undefined {
    return id === undefined ? undefined : this.#orders.get(id);
  }

  /** What webhooks of the topics `orders/...` carry. */
  payload(order: FakeOrder): object {
    const time = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "+00:00");
    return {
      id: order.id,
      admin_graphql_api_id: gid("Order", order.id),
      created_at: time(order.createdAtMs),
      updated_at: time(order.updatedAtMs),
      cancelled_at: order.cancelledAtMs === undefined ? null : time(order.cancelledAtMs),
      name: "#1001",
      test: false,
      line_items: order.lines.map((line) => this.#linePayload(line)),
      fulfillments: order.fulfilments.map(({ id, status, units }) => ({
        id,
        order_id: order.id,
        status,
        line_items: units.map(({ line, quantity }) => ({ ...this.#linePayload(line), quantity })),
      })),
      refunds: order.refunds.map((refund) => this.refundPayload(order, refund)),
    };
  }

  refundPayload(order: FakeOrder, { id, units }: FakeRefund): object {
    return {
      id,
      order_id: order.id,
      restock: units.some(({ restockType }) => restockType !== "no_restock"),
      refund_line_items: units.map(({ line, quantity, restockType }) => ({
        id: id * 10 + 1,
        line_item_id: line.id,
        quantity,
        restock_type: restockType,
        line_item: this.#linePayload(line),
      })),
      transactions: [],
    };
  }

  #linePayload(line: FakeLine): object {
    const { item } = line;
    return {
      id: line.id,
      admin_graphql_api_id: gid("LineItem", line.id),
      variant_id: item?.variantId ?? null,
      sku: line.sku === "" ? null : line.sku,
      name: line.title,
      quantity: line.quantity,
      current_quantity: line.quantity - line.removed,
      fulfillable_quantity: line.open,
      gift_card: line.isGiftCard,
      requires_shipping: item?.requiresShipping ?? !line.isGiftCard,
      variant_inventory_management: item?.isTracked === true ? "shopify" : null,
      fulfillment_service: line.isGiftCard ? "gift_card" : (item?.fulfillmentService ?? "manual"),
      product_exists: item !== undefined,
      price: "19.00",
    };
  }

  view(order: FakeOrder): object {
    return {
      id: gid("Order", order.id),
      createdAt: new Date(order.createdAtMs).toISOString(),
      updatedAt: new Date(order.updatedAtMs).toISOString(),
      cancelledAt: order.cancelledAtMs === undefined ? null : new Date(order.cancelledAtMs).toISOString(),
      lineItems: (args: Page) => connection(order.lines, args, (line) => this.#lineView(line)),
      fulfillments: ({ first }: { first?: number }) =>
        order.fulfilments.slice(0, first ?? 10).map((fulfilment) => this.fulfilmentView(fulfilment)),
      refunds: ({ first }: { first?: number }) =>
        order.refunds.slice(0, first ?? 10).map((refund) => this.refundView(refund)),
    };
  }

  fulfilmentNamed(id: number | undefined): object | null {
    const all = [...this.#orders.values()].flatMap(({ fulfilments }) => fulfilments);
    const found = all.find((fulfilment) => fulfilment.id === id);
    return found === undefined ? null : this.fulfilmentView(found);
  }

  refundNamed(id: number | undefined): object | null {
    const all = [...this.#orders.values()].flatMap(({ refunds }) => refunds);
    const found = all.find((refund) => refund.id === id);
    return found === undefined ? null : this.refundView(found);
  }

  fulfilmentView({ id, status, units }: FakeFulfilment): object {
    return {
      id: gid("Fulfillment", id),
      status: status.toUpperCase(),
      fulfillmentLineItems: (args: Page) =>
        connection(units, args, ({ line, quantity }) => ({ quantity, lineItem: this.#lineView(line) })),
    };
  }

  refundView({ id, units }: FakeRefund): object {
    return {
      id: gid("Refund", id),
      refundLineItems: (args: Page) =>
        connection(units, args, ({ line, quantity, restockType }) => ({
          quantity,
          restockType: restockType.toUpperCase(),
          lineItem: this.#lineView(line),
        })),
    };
  }

  #lineView(line: FakeLine): object {
    const { item } = line;
    const service = item?.fulfillmentService ?? "manual";
    return {
      id: gid("LineItem", line.id),
      sku: line.sku === "" ? null : line.sku,
      name: line.title,
      quantity: line.quantity,
      currentQuantity: line.quantity - line.removed,
      unfulfilledQuantity: line.open,
      isGiftCard: line.isGiftCard,
      requiresShipping: item?.requiresShipping ?? !line.isGiftCard,
      fulfillmentService: {
        type: line.isGiftCard ? "GIFT_CARD" : service === "manual" ? "MANUAL" : "THIRD_PARTY",
        location: () => this.#serviceLocation(service),
      },
      variant: item === undefined ? null : this.#items.variantView(item),
    };
  }

  /** A fulfilment service has a location of its own name. */
  #serviceLocation(service: string): object | null {
    const location = [...this.#items.locations.values()].find(({ name }) => name === service);
    return location === undefined ? null : { id: gid("Location", location.id) };
  }
}
