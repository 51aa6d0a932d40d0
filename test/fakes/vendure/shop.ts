/** A variant and its stock, by location. */
export interface FakeVariant {
  readonly id: string;
  sku: string;
  readonly name: string;
  trackInventory: "TRUE" | "FALSE" | "INHERIT";
  useGlobalOutOfStockThreshold: boolean;
  outOfStockThreshold: number;
  readonly levels: Map<string, FakeLevel>;
}
export interface FakeLevel {
  onHand: number;
  allocated: number;
  updatedAtMs: number;
}

export interface FakeLine {
  readonly id: string;
  readonly variant: FakeVariant;
  readonly orderPlacedQuantity: number;
  quantity: number;
}
export interface FakeFulfillment {
  readonly id: string;
  state: string;
  readonly lines: readonly { readonly orderLineId: string; readonly quantity: number }[];
}
export interface FakeEntry {
  readonly id: string;
  readonly type: string;
  readonly createdAtMs: number;
  readonly data: object;
}
export interface FakeOrder {
  readonly id: string;
  readonly code: string;
  state: string;
  updatedAtMs: number;
  readonly placedAtMs: number | undefined;
  readonly lines: FakeLine[];
  readonly fulfillments: FakeFulfillment[];
  readonly modifications: {
    readonly id: string;
    readonly lines: { orderLineId: string; quantity: number }[];
  }[];
  readonly history: FakeEntry[];
}

/** A Vendure shop as its stock movements work (3.7), in virtual time, with one stock location that sells. */
export class VendureShop {
  readonly variants: FakeVariant[] = [];
  readonly orders: FakeOrder[] = [];
  readonly locations = [
    { id: "1", name: "Default" },
    { id: "2", name: "Shop floor" },
  ];
  readonly settings = { trackInventory: true, outOfStockThreshold: 0 };
  /** Called before each write of a level: what happens in the shop between a read and a write. */
  beforeWrite: () => void = () => undefined;
  readonly #now: () => number;
  #ids = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  addVariant(sku: string, onHand?: number): FakeVariant {
    const variant: FakeVariant = {
      id: String(this.variants.length + 1),
      sku,
      name: `Name of ${sku}`,
      trackInventory: "INHERIT",
      useGlobalOutOfStockThreshold: true,
      outOfStockThreshold: 0,
      levels: new Map(),
    };
    if (onHand !== undefined) this.setOnHand(variant, "1", onHand);
    this.variants.push(variant);
    return variant;
  }

  setOnHand(variant: FakeVariant, locationId: string, onHand: number): void {
    this.beforeWrite();
    const level = variant.levels.get(locationId);
    const allocated = level?.allocated ?? 0;
    variant.levels.set(locationId, { onHand, allocated, updatedAtMs: this.#now() });
  }

  /** What the shop would sell of it. */
  saleable(variant: FakeVariant): number {
    const { onHand, allocated } = this.#level(variant);
    return onHand - allocated - this.#threshold(variant);
  }

  /** A paid order. What is not there is sold all the same, and not allocated: so does the real one if two race. */
  sell(variant: FakeVariant, quantity: number): FakeOrder {
    const id = this.#newId();
    const line: FakeLine = { id: this.#newId(), variant, orderPlacedQuantity: quantity, quantity };
    const order: FakeOrder = {
      id,
      code: `ORDER-${id}`,
      state: "PaymentSettled",
      updatedAtMs: this.#now(),
      placedAtMs: this.#now(),
      lines: [line],
      fulfillments: [],
      modifications: [],
      history: [],
    };
    this.orders.push(order);
    this.#allocate(variant, quantity);
    return order;
  }

  /** A cart that nobody has paid. */
  fillCart(variant: FakeVariant, quantity: number): void {
    const order = this.sell(variant, 0);
    this.orders.pop();
    const [line] = order.lines;
    if (line !== undefined) line.quantity = quantity;
    this.orders.push({ ...order, state: "AddingItems", placedAtMs: undefined });
  }

  /** Takes units out of the order: those not sent are released, those sent go back on the shelf. */
  cancel(order: FakeOrder, quantity: number): void {
    const line = only(order);
    const sent = this.#sent(order, line);
    const unsent = Math.min(line.quantity - sent, quantity);
    this.#level(line.variant).allocated -= unsent;
    this.#level(line.variant).onHand += quantity - unsent;
    line.quantity -= quantity;
    if (line.quantity === 0) order.state = "Cancelled";
    // The real one writes ids as numbers here.
    this.#note(order, "ORDER_CANCELLATION", { lines: [{ orderLineId: Number(line.id), quantity }] });
    order.updatedAtMs = this.#now();
  }

  modify(order: FakeOrder, quantity: number): void {
    const line = only(order);
    const difference = quantity - line.quantity;
    if (difference < 0) this.cancel(order, -difference);
    else {
      this.#allocate(line.variant, difference);
      line.quantity = quantity;
    }
    const modification = { id: this.#newId(), lines: [{ orderLineId: line.id, quantity: difference }] };
    order.modifications.push(modification);
    this.#note(order, "ORDER_MODIFIED", { modificationId: Number(modification.id) });
    order.updatedAtMs = this.#now();
  }

  /** A parcel leaves. The order itself is not touched by that. */
  fulfil(order: FakeOrder, quantity: number): FakeFulfillment {
    const line = only(order);
    const lines = [{ orderLineId: line.id, quantity }];
    const fulfillment: FakeFulfillment = { id: this.#newId(), state: "Pending", lines };
    order.fulfillments.push(fulfillment);
    const level = this.#level(line.variant);
    level.onHand -= quantity;
    level.allocated -= quantity;
    this.#note(order, "ORDER_FULFILLMENT_TRANSITION", {
      fulfillmentId: Number(fulfillment.id),
      from: "Created",
      to: "Pending",
    });
    return fulfillment;
  }

  cancelFulfillment(order: FakeOrder, fulfillment: FakeFulfillment): void {
    fulfillment.state = "Cancelled";
    for (const { quantity } of fulfillment.lines) {
      this.#level(only(order).variant).onHand += quantity;
      this.#allocate(only(order).variant, quantity);
    }
    this.#note(order, "ORDER_FULFILLMENT_TRANSITION", {
      fulfillmentId: Number(fulfillment.id),
      from: "Pending",
      to: "Cancelled",
    });
    order.updatedAtMs = this.#now();
  }

  #allocate(variant: FakeVariant, quantity: number): void {
    const level = this.#level(variant);
    level.allocated += Math.max(0, Math.min(quantity, this.saleable(variant)));
  }

  #sent(order: FakeOrder, line: FakeLine): number {
    const live = order.fulfillments
      .filter(({ state }) => state !== "Cancelled")
      .flatMap(({ lines }) => lines);
    const units = live.reduce((total, { quantity }) => total + quantity, 0);
    return Math.min(line.quantity, units);
  }

  #level(variant: FakeVariant): FakeLevel {
    const level = variant.levels.get("1");
    if (level !== undefined) return level;
    const empty = { onHand: 0, allocated: 0, updatedAtMs: this.#now() };
    variant.levels.set("1", empty);
    return empty;
  }

  #threshold({ useGlobalOutOfStockThreshold, outOfStockThreshold }: FakeVariant): number {
    return useGlobalOutOfStockThreshold ? this.settings.outOfStockThreshold : outOfStockThreshold;
  }

  #note(order: FakeOrder, type: string, data: object): void {
    order.history.push({ id: this.#newId(), type, createdAtMs: this.#now(), data });
  }

  #newId(): string {
    this.#ids += 1;
    return String(this.#ids);
  }
}

function only(order: FakeOrder): FakeLine {
  const [line] = order.lines;
  if (line === undefined) throw new Error("the order has no line");
  return line;
}
