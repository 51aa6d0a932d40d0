import { setTimeout as sleep } from "node:timers/promises";
import { InsufficientStockError, type Order, type StockwireClient } from "../../client/index.ts";
import { type Timed, timed } from "../tool-client.ts";
import { catalogue, scarceSkus } from "./catalogue.ts";
import type { Market } from "./market.ts";
import type { SalesBook } from "./sales.ts";

/** What everybody in the demo's shop needs. They all go home when the signal aborts. */
export interface Shop {
  readonly client: StockwireClient;
  readonly sales: SalesBook;
  readonly closing: AbortSignal;
}

/** A hold that nobody comes back for ends after this. */
const holdSeconds = 5;
/** Every fifth buyer is after something scarce. */
const scarceShare = 0.2;

/** Buys on a marketplace what that marketplace shows, as fast as people click. The order reaches us as a fact. */
export async function shopOnMarket(shop: Shop, market: Market, name: string): Promise<void> {
  for (let count = 1; !shop.closing.aborted; count += 1) {
    await pause(shop, 150, 450);
    const shown = market.receiver.shown.all().filter((one) => one.quantity > 0);
    const isAfterScarce = wantsScarce();
    const wanted = pick(shown.filter((one) => scarceSkus.includes(one.sku) === isAfterScarce)) ?? pick(shown);
    if (market.state !== "open" || wanted === undefined || shop.closing.aborted) continue;
    const quantity = between(1, Math.min(3, wanted.quantity));
    const lines = [{ lineId: "1", sku: wanted.sku, quantity }];
    const order = { channel: market.id, orderId: `${name}-${count}`, lines };
    recordOrder(shop.sales, market.id, await timed(() => shop.client.orders.record(order)));
  }
}

function recordOrder(sales: SalesBook, where: string, answered: Timed<Order>): void {
  for (const { sku, quantity, oversold, epoch, version } of answered.body.lines) {
    if (epoch === undefined || version === undefined)
      throw new Error(`order line of ${sku} was not recorded`);
    sales.taken(sku, quantity, { epoch, version }, answered);
    sales.sold(where, sku, quantity);
    if (oversold === 0) continue;
    sales.counts.oversoldLines += 1;
    sales.counts.oversoldUnits += oversold;
    sales.tell(`${where} OVERSOLD ${oversold} x ${sku}`);
  }
}

/** Buys directly: takes something into the basket, thinks it over, then pays, puts it back, or just walks away. */
export async function shopDirectly(shop: Shop, name: string): Promise<void> {
  const { client, sales } = shop;
  for (let count = 1; !shop.closing.aborted; count += 1) {
    await pause(shop, 100, 500);
    const sku = pick(wantsScarce() ? scarceSkus : catalogue.map((product) => product.sku));
    if (sku === undefined || shop.closing.aborted) continue;
    const quantity = between(1, 4);
    const reservation = { lines: [{ sku, quantity }], ttlSeconds: holdSeconds };
    const held = await timed(() => client.reservations.create(reservation)).catch(unlessShort);
    if (held === undefined) {
      sales.counts.refused += 1;
      sales.tell(`direct refused ${quantity} x ${sku}`);
      continue;
    }
    if (held.body.event !== undefined) sales.taken(sku, quantity, held.body.event.data, held);
    await pause(shop, 200, 1_200);
    const mood = Math.random();
    if (mood < 0.75) {
      await client.reservations.commit(held.body.id, { orderId: `${name}-${count}` });
      sales.sold("direct", sku, quantity);
    } else {
      // Given back now, or by the service when the hold expires: either way the units are for sale again.
      sales.stock.change(sku, quantity);
      if (mood < 0.9) {
        await client.reservations.release(held.body.id);
        sales.counts.givenBack += 1;
      } else {
        sales.counts.walkedAway += 1;
      }
    }
  }
}

/** Receives deliveries of what has sold out or nearly so, though not of everything and not at once. */
export async function restock(shop: Shop, market: Market): Promise<void> {
  const { client, sales } = shop;
  for (;;) {
    await pause(shop, 1_500, 2_500);
    const low = pick(market.receiver.shown.all().filter((one) => one.quantity <= 3));
    if (shop.closing.aborted) return;
    if (low === undefined) continue;
    const delta = between(5, 20);
    const delivery = { delta, reason: "received", reference: "demo delivery" } as const;
    const { event, stock } = await client.stock.adjust(low.sku, delivery);
    sales.stock.change(low.sku, delta);
    sales.stock.acknowledgements.note(low.sku, event?.data ?? stock);
    sales.counts.unitsReceived += delta;
    sales.tell(`received ${delta} x ${low.sku}`);
  }
}

/** Waits a random time between two in milliseconds, or until the shop closes. */
async function pause(shop: Shop, minMs: number, maxMs: number): Promise<void> {
  try {
    await sleep(between(minMs, maxMs), undefined, { signal: shop.closing });
  } catch (error) {
    if (!shop.closing.aborted) throw error;
  }
}

function wantsScarce(): boolean {
  return Math.random() < scarceShare;
}

function between(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}

function pick<Item>(items: readonly Item[]): Item | undefined {
  return items[Math.floor(Math.random() * items.length)];
}

function unlessShort(error: unknown): undefined {
  if (error instanceof InsufficientStockError) return undefined;
  throw error;
}
