export interface FakeLevel {
  stocked: number;
  reserved: number;
  updatedAtMs: number;
}
export interface FakeItem {
  readonly id: string;
  sku: string | null;
  readonly title: string;
  readonly levels: Map<string, FakeLevel>;
}

/** A variant, and how many units of which inventory items one of it takes. */
export interface FakeVariant {
  readonly sku: string;
  manageInventory: boolean;
  readonly parts: readonly { readonly item: FakeItem; readonly required: number }[];
}

export interface FakeAction {
  readonly action: string;
  readonly details: object;
  readonly ordering: number;
  readonly return_id: string | null;
}
export interface FakeChange {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly return_id: string | null;
  readonly actions: readonly FakeAction[];
}
export interface FakeOrder {
  readonly id: string;
  readonly lineId: string;
  readonly variant: FakeVariant;
  readonly createdAtMs: number;
  updatedAtMs: number;
  status: string;
  paymentStatus: string;
  version: number;
  quantity: number;
  fulfilled: number;
  isLeftBehind: boolean;
  readonly changes: FakeChange[];
  readonly returns: { readonly id: string; readonly location_id: string | null }[];
}

export const locationId = "sloc_main";

/** A Medusa shop as its inventory and order modules work (2.21), in virtual time; orders have one line. */
export class MedusaShop {
  readonly items: FakeItem[] = [];
  readonly orders: FakeOrder[] = [];
  readonly locations = [
    { id: locationId, name: "Warehouse" },
    { id: "sloc_other", name: "Other" },
  ];
  /** Called before each write of a level: what happens in the shop between a read and a write. */
  beforeWrite: () => void = () => undefined;
  readonly #now: () => number;
  #ids = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  addVariant(sku: string, stocked?: number): FakeVariant {
    return { sku, manageInventory: true, parts: [{ item: this.addItem(sku, stocked), required: 1 }] };
  }

  addItem(sku: string, stocked?: number): FakeItem {
    const item: FakeItem = { id: this.#newId("iitem"), sku, title: `Title of ${sku}`, levels: new Map() };
    if (stocked !== undefined) {
      item.levels.set(locationId, { stocked, reserved: 0, updatedAtMs: this.#now() });
    }
    this.items.push(item);
    return item;
  }

  available(variant: FakeVariant): number {
    const [part] = variant.parts;
    const level = part?.item.levels.get(locationId);
    return level === undefined ? 0 : level.stocked - level.reserved;
  }

  /** A completed cart. `not_paid`: the order is there, and its payment is still being authorised. */
  sell(variant: FakeVariant, quantity: number, paymentStatus = "authorized"): FakeOrder {
    const order: FakeOrder = {
      id: this.#newId("order"),
      lineId: this.#newId("ordli"),
      variant,
      createdAtMs: this.#now(),
      updatedAtMs: this.#now(),
      status: "pending",
      paymentStatus,
      version: 1,
      quantity,
      fulfilled: 0,
      isLeftBehind: false,
      changes: [],
      returns: [],
    };
    this.orders.push(order);
    this.#move(variant, { reserved: quantity });
    return order;
  }

  /** A checkout that fails after its order was made: the order is deleted, and was never there. */
  takeBack(order: FakeOrder): void {
    this.orders.splice(this.orders.indexOf(order), 1);
    this.#move(order.variant, { reserved: -order.quantity });
  }

  /** The same, and Medusa fails to delete it: it stays behind, unpaid and without reservations. */
  leaveBehind(order: FakeOrder): void {
    this.#move(order.variant, { reserved: -order.quantity });
    order.isLeftBehind = true;
  }

  /** Refused while parcels are on their way, as the real one does. A cancelled order keeps its quantities. */
  cancel(order: FakeOrder): void {
    if (order.fulfilled > 0) throw new Error("All fulfillments must be canceled before canceling an order");
    this.#move(order.variant, { reserved: -order.quantity });
    order.status = "canceled";
    order.paymentStatus = "canceled";
    this.#change(order, []);
  }

  edit(order: FakeOrder, quantity: number): void {
    const difference = quantity - order.quantity;
    this.#move(order.variant, { reserved: difference });
    order.quantity = quantity;
    order.paymentStatus = "not_paid";
    this.#change(order, [["ITEM_UPDATE", { quantity, quantity_diff: difference }]]);
  }

  fulfil(order: FakeOrder, quantity: number): void {
    this.#move(order.variant, { reserved: -quantity, stocked: -quantity });
    order.fulfilled += quantity;
    this.#change(order, [["FULFILL_ITEM", { quantity }]]);
  }

  cancelFulfillment(order: FakeOrder, quantity: number): void {
    this.#move(order.variant, { reserved: quantity, stocked: quantity });
    order.fulfilled -= quantity;
    // The real one writes a text here.
    this.#change(order, [["CANCEL_ITEM_FULFILLMENT", { quantity: String(quantity) }]]);
  }

  /** What came back; only into a location does it come back on a shelf. */
  takeReturn(order: FakeOrder, received: number, damaged: number, intoLocation = true): void {
    const id = this.#newId("return");
    order.returns.push({ id, location_id: intoLocation ? locationId : null });
    if (intoLocation) this.#move(order.variant, { stocked: received });
    this.#change(order, [["RETURN_ITEM", { quantity: received + damaged }]], id);
    const actions: [string, object][] = [];
    if (received > 0) actions.push(["RECEIVE_RETURN_ITEM", { quantity: received }]);
    if (damaged > 0) actions.push(["RECEIVE_DAMAGED_RETURN_ITEM", { quantity: damaged }]);
    this.#change(order, actions, id);
  }

  /** An edit that nobody has confirmed changes nothing. */
  requestEdit(order: FakeOrder, quantity: number): void {
    const details = { quantity, quantity_diff: quantity - order.quantity, reference_id: order.lineId };
    const version = order.version + 1;
    const action = { action: "ITEM_UPDATE", details, ordering: 99, return_id: null };
    const change = {
      id: this.#newId("ordch"),
      status: "requested",
      version,
      return_id: null,
      actions: [action],
    };
    order.changes.push(change);
    order.updatedAtMs = this.#now();
  }

  #change(order: FakeOrder, actions: readonly [string, object][], returnId: string | null = null): void {
    order.version += 1;
    order.updatedAtMs = this.#now();
    const ordering = order.changes.flatMap((change) => change.actions).length;
    order.changes.push({
      id: this.#newId("ordch"),
      status: "confirmed",
      version: order.version,
      return_id: returnId,
      actions: actions.map(([action, details], index) => ({
        action,
        details: { ...details, reference_id: order.lineId },
        ordering: ordering + index,
        return_id: returnId,
      })),
    });
  }

  #move(variant: FakeVariant, { stocked = 0, reserved = 0 }: { stocked?: number; reserved?: number }): void {
    for (const { item, required } of variant.parts) {
      const level = item.levels.get(locationId) ?? { stocked: 0, reserved: 0, updatedAtMs: 0 };
      item.levels.set(locationId, {
        stocked: level.stocked + stocked * required,
        reserved: level.reserved + reserved * required,
        updatedAtMs: this.#now(),
      });
    }
  }

  #newId(prefix: string): string {
    this.#ids += 1;
    return `${prefix}_${String(this.#ids).padStart(4, "0")}`;
  }
}
