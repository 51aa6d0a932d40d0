import { Catalogue, type FakeProduct, productJson } from "./catalogue.ts";
import { type FakeOrder, orderJson, Orders } from "./orders.ts";
import { Rest } from "./rest.ts";
import { Webhooks } from "./webhooks.ts";

/** A WooCommerce shop in virtual time: its stock, orders, refunds and webhooks, and its REST API v3 as `fetch`. */
export class WooShop {
  readonly url = "https://shop.example";
  readonly catalogue = new Catalogue();
  readonly orders = new Orders(this.catalogue);
  readonly webhooks = new Webhooks();
  readonly rest: Rest;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.rest = new Rest(this, now);
  }

  readonly fetch = (url: string, init: RequestInit): Promise<Response> => this.rest.fetch(url, init);

  product(sku: string, stock: number, more: Partial<FakeProduct> = {}): FakeProduct {
    return this.catalogue.add({ sku, stock, ...more }, this.#now());
  }

  /** A buyer's order: takes stock at once if it is paid, and tells the webhooks. */
  async sell(items: readonly { id: number; quantity: number }[], status = "processing"): Promise<FakeOrder> {
    const order = this.orders.place(items, status, this.#now());
    await this.#tell("order.created", order);
    return order;
  }

  async setStatus(order: FakeOrder, status: string): Promise<void> {
    this.orders.setStatus(order, status, this.#now());
    await this.#tell("order.updated", order);
  }

  async refund(order: FakeOrder, units: ReadonlyMap<number, number>, isRestocked: boolean): Promise<void> {
    this.orders.refund(order, units, isRestocked, this.#now());
    await this.#tell("order.updated", order);
  }

  async editQuantity(order: FakeOrder, lineId: number, quantity: number): Promise<void> {
    this.orders.editQuantity(order, lineId, quantity, this.#now());
    await this.#tell("order.updated", order);
  }

  /** Somebody types another number into the admin page. */
  async edit(product: FakeProduct, stock: number): Promise<void> {
    product.stock = stock;
    product.modifiedAtMs = this.#now();
    await this.webhooks.fire("product.updated", productJson(product), this.#now());
  }

  async #tell(topic: string, order: FakeOrder): Promise<void> {
    await this.webhooks.fire(topic, orderJson(order, this.catalogue), this.#now());
  }
}
