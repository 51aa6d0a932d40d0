import { type Catalogue, gmt } from "./catalogue.ts";

export interface FakeLine {
  readonly id: number;
  readonly productId: number;
  readonly variationId: number;
  quantity: number;
  /** `_reduced_stock`: absent until WooCommerce has taken stock for the line. */
  reduced?: { readonly metaId: number; units: number } | undefined;
  /** `_restock_refunded_items`. */
  restocked: number;
}

export interface FakeRefund {
  readonly id: number;
  readonly lines: readonly { readonly lineId: number; readonly units: number }[];
}

export interface FakeOrder {
  readonly id: number;
  status: string;
  readonly createdAtMs: number;
  modifiedAtMs: number;
  lines: FakeLine[];
  refunds: FakeRefund[];
  /** Whether stock was reduced for the order as a whole; not in the API. */
  isReduced: boolean;
}

/** Statuses at which WooCommerce takes stock, and those at which it gives it back (wc-stock-functions.php). */
const reducing = new Set(["processing", "completed", "on-hold"]);
const restoring = new Set(["cancelled", "pending"]);

/** Orders, and what WooCommerce does to stock for them. */
export class Orders {
  readonly all = new Map<number, FakeOrder>();
  readonly #catalogue: Catalogue;
  #lastId = 700;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  place(items: readonly { id: number; quantity: number }[], status: string, nowMs: number): FakeOrder {
    const lines = items.map(({ id, quantity }) => {
      const { parentId } = this.#catalogue.get(id);
      return {
        id: this.newId(),
        productId: parentId === 0 ? id : parentId,
        variationId: parentId === 0 ? 0 : id,
        quantity,
        restocked: 0,
      };
    });
    const order: FakeOrder = {
      id: this.newId(),
      status: "new",
      createdAtMs: nowMs,
      modifiedAtMs: nowMs,
      lines,
      refunds: [],
      isReduced: false,
    };
    this.all.set(order.id, order);
    this.setStatus(order, status, nowMs);
    return order;
  }

  setStatus(order: FakeOrder, status: string, nowMs: number): void {
    order.status = status;
    order.modifiedAtMs = nowMs;
    if (reducing.has(status) && !order.isReduced) this.#reduce(order, nowMs);
    if (restoring.has(status) && order.isReduced) this.#restore(order, nowMs);
    // wc_order_fully_refunded: a refund of the money alone, without lines.
    if (status === "refunded") order.refunds.push({ id: this.newId(), lines: [] });
  }

  /** wc_create_refund and wc_restock_refunded_items. */
  refund(order: FakeOrder, units: ReadonlyMap<number, number>, isRestocked: boolean, nowMs: number): void {
    const lines = [...units].map(([lineId, count]) => ({ lineId, units: count }));
    order.refunds.push({ id: this.newId(), lines });
    order.modifiedAtMs = nowMs;
    for (const line of order.lines) {
      const count = units.get(line.id) ?? 0;
      const canRestock = isRestocked && count > 0 && line.reduced !== undefined && line.reduced.units !== 0;
      if (!canRestock || line.reduced === undefined || !this.#catalogue.move(stockId(line), count, nowMs))
        continue;
      line.reduced.units -= count;
      line.restocked += count;
    }
  }

  /** wc_maybe_adjust_line_item_product_stock, as the admin page calls it; 0 removes the line. */
  editQuantity(order: FakeOrder, lineId: number, quantity: number, nowMs: number): void {
    const line = order.lines.find((one) => one.id === lineId);
    if (line === undefined) throw new Error(`no line ${lineId}`);
    const held = line.reduced?.units ?? 0;
    const change = quantity === 0 ? -held : quantity - line.restocked - held;
    line.quantity = quantity;
    order.modifiedAtMs = nowMs;
    if (change !== 0 && this.#catalogue.move(stockId(line), -change, nowMs)) {
      line.reduced = { metaId: line.reduced?.metaId ?? this.newId(), units: quantity - line.restocked };
      if (quantity > 0) order.isReduced = true;
    }
    if (quantity === 0) order.lines = order.lines.filter((one) => one !== line);
  }

  newId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #reduce(order: FakeOrder, nowMs: number): void {
    for (const line of order.lines) {
      if (line.reduced !== undefined && line.reduced.units !== 0) continue;
      if (!this.#catalogue.move(stockId(line), -line.quantity, nowMs)) continue;
      line.reduced = { metaId: this.newId(), units: line.quantity };
    }
    order.isReduced = true;
  }

  #restore(order: FakeOrder, nowMs: number): void {
    for (const line of order.lines) {
      if (line.reduced === undefined || line.reduced.units === 0) continue;
      if (this.#catalogue.move(stockId(line), line.reduced.units, nowMs)) line.reduced = undefined;
    }
    order.isReduced = false;
  }
}

function stockId(line: FakeLine): number {
  return line.variationId === 0 ? line.productId : line.variationId;
}

/** After class-wc-rest-orders-v2-controller.php: meta data of lines shows what begins with an underscore too. */
export function orderJson(order: FakeOrder, catalogue: Catalogue): Record<string, unknown> {
  return {
    id: order.id,
    parent_id: 0,
    number: String(order.id),
    status: order.status,
    currency: "EUR",
    date_created: gmt(order.createdAtMs + 3_600_000),
    date_created_gmt: gmt(order.createdAtMs),
    date_modified: gmt(order.modifiedAtMs + 3_600_000),
    date_modified_gmt: gmt(order.modifiedAtMs),
    total: "20.00",
    meta_data: [],
    line_items: order.lines.map((line) => ({
      id: line.id,
      name: "An item",
      product_id: line.productId,
      variation_id: line.variationId,
      quantity: line.quantity,
      sku: catalogue.products.get(stockId(line))?.sku ?? null,
      meta_data: metaOf(line),
    })),
    refunds: order.refunds.map(({ id }) => ({ id, reason: "", total: "-10.00" })),
  };
}

function metaOf(line: FakeLine): unknown[] {
  const metas = [{ id: 1, key: "pa_size", value: "m", display_key: "Size", display_value: "M" }];
  const add = (id: number, key: string, value: string) =>
    metas.push({ id, key, value, display_key: key, display_value: value });
  if (line.reduced !== undefined) add(line.reduced.metaId, "_reduced_stock", String(line.reduced.units));
  if (line.restocked > 0) add(line.id + 1, "_restock_refunded_items", String(line.restocked));
  return metas;
}

export function refundJson(refund: FakeRefund, order: FakeOrder): Record<string, unknown> {
  return {
    id: refund.id,
    amount: "10.00",
    reason: "",
    line_items: refund.lines.map(({ lineId, units }) => {
      const line = order.lines.find(({ id }) => id === lineId);
      return {
        id: refund.id + lineId,
        product_id: line?.productId ?? 0,
        variation_id: line?.variationId ?? 0,
        quantity: -units,
        meta_data: [{ id: 9, key: "_refunded_item_id", value: String(lineId) }],
      };
    }),
  };
}
