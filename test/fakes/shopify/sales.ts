import type { Items } from "./items.ts";
import type { Bought, FakeFulfilment, FakeLine, FakeOrder, Orders, RestockType } from "./orders.ts";
import type { Webhooks } from "./webhooks.ts";

/** What buyers and the merchant do to orders: stock moves, and webhooks tell. */
export class Sales {
  readonly #items: Items;
  readonly #orders: Orders;
  readonly #webhooks: Webhooks;
  readonly #locationId: number;
  readonly #now: () => number;

  constructor(items: Items, orders: Orders, webhooks: Webhooks, locationId: number, now: () => number) {
    this.#items = items;
    this.#orders = orders;
    this.#webhooks = webhooks;
    this.#locationId = locationId;
    this.#now = now;
  }

  sell(...bought: Bought[]): FakeOrder {
    const order = this.#orders.place(bought, this.#now());
    for (const line of order.lines) this.#commit(line, line.quantity);
    this.#webhooks.fire("orders/create", this.#orders.payload(order));
    return order;
  }

  fulfil(
    order: FakeOrder,
    line: FakeLine,
    quantity: number,
    status: FakeFulfilment["status"] = "success",
  ): void {
    order.fulfilments.push({ id: this.#orders.id(), status, units: [{ line, quantity }] });
    line.open -= quantity;
    line.shipped += quantity;
    this.#updated(order, "orders/updated");
  }

  /** Money back. Units that are restocked are for sale again. */
  refund(order: FakeOrder, line: FakeLine, quantity: number, restockType: RestockType): void {
    const refund = { id: this.#orders.id(), units: [{ line, quantity, restockType }] };
    order.refunds.push(refund);
    this.#take(line, quantity, restockType);
    this.#webhooks.fire("refunds/create", this.#orders.refundPayload(order, refund));
    this.#updated(order, "orders/updated");
  }

  /** The merchant changes how many are ordered. */
  editQuantity(order: FakeOrder, line: FakeLine, quantity: number, isRestocked: boolean): void {
    const current = line.quantity - line.removed;
    if (quantity > current) {
      line.quantity += quantity - current;
      line.open += quantity - current;
      this.#commit(line, quantity - current);
    } else {
      const restockType = isRestocked ? "cancel" : "no_restock";
      order.refunds.push({
        id: this.#orders.id(),
        units: [{ line, quantity: current - quantity, restockType }],
      });
      this.#take(line, current - quantity, restockType, true);
    }
    this.#edited(order, line, quantity - current);
  }

  addLine(order: FakeOrder, bought: Bought): FakeLine {
    const line = this.#orders.addLine(order, bought);
    this.#commit(line, line.quantity);
    this.#edited(order, line, line.quantity);
    return line;
  }

  /** What has not left yet is taken back. */
  cancel(order: FakeOrder, isRestocked: boolean): void {
    const restockType = isRestocked ? "cancel" : "no_restock";
    const units = order.lines
      .filter(({ open }) => open > 0)
      .map((line) => ({ line, quantity: line.open, restockType }) as const);
    order.refunds.push({ id: this.#orders.id(), units });
    for (const { line, quantity } of units) this.#take(line, quantity, restockType, true);
    order.cancelledAtMs = this.#now();
    this.#updated(order, "orders/cancelled");
  }

  #commit({ item }: FakeLine, quantity: number): void {
    const level = item && this.#items.level(item, this.#locationId);
    if (level === undefined) return;
    level.available -= quantity;
    level.committed += quantity;
    level.updatedAtMs = this.#now();
  }

  /** Of a refund without restock, shipped units come first; an edit or cancellation only reaches open ones. */
  #take(
    line: FakeLine,
    quantity: number,
    restockType: RestockType,
    isOnlyOpen = restockType === "cancel",
  ): void {
    const ofShipped = isOnlyOpen ? Math.max(0, quantity - line.open) : Math.min(quantity, line.shipped);
    line.removed += quantity;
    line.shipped -= ofShipped;
    line.open -= quantity - ofShipped;
    const level = line.item && this.#items.level(line.item, this.#locationId);
    if (level !== undefined && restockType !== "no_restock") level.available += quantity;
  }

  #edited(order: FakeOrder, line: FakeLine, delta: number): void {
    const change = [{ id: line.id, delta: Math.abs(delta) }];
    const line_items = { additions: delta > 0 ? change : [], removals: delta > 0 ? [] : change };
    this.#webhooks.fire("orders/edited", {
      order_edit: { id: this.#orders.id(), order_id: order.id, line_items },
    });
    this.#updated(order, "orders/updated");
  }

  #updated(order: FakeOrder, topic: string): void {
    order.updatedAtMs = this.#now();
    this.#webhooks.fire(topic, this.#orders.payload(order));
  }
}
