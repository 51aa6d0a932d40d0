import type { Publication } from "../../../src/channel/kit/adapter.ts";
import { comparePositions, type Position } from "../../../src/protocol/position.ts";
import { publishedQuantity } from "../../../src/stock/publication.ts";
import type { Book } from "../check/book.ts";
import type { Shop } from "./shop.ts";
import { type ShopOrder, unitsOf } from "./orders.ts";

/**
 * How long a sale is waited for that nobody tells of: after that the number counts as changed by hand. A shop that is
 * asked for its orders is waited for as long as it cannot be asked, and units are withheld for an hour at most.
 */
const patience = { toldMs: 10 * 60_000, askedMs: 60 * 60_000 };

/**
 * Why a number that the shop is told puts units on sale again that it has sold, and of whose sale the number knows
 * nothing; undefined if it does not.
 */
export function refuseRaise(publication: Publication, offered: number, shop: Shop): string | undefined {
  const { sku, quantity, available } = publication;
  if (quantity <= offered) return undefined;
  // Its orders are in the ledgers of what it is made of.
  if (shop.books.of(sku).rows.some(({ event }) => event.type === "derived")) return undefined;
  const { id, rule } = shop.plan;
  const sold = [...shop.orders.values()].filter((order) => order.sku === sku);
  const counted = countedUnits(shop.books.of(sku), id, publication);
  const patienceMs = shop.plan.reports === "poll" ? patience.askedMs : patience.toldMs;
  const late = sold.filter(
    (order) => unitsOf(order) > (counted.get(order.id) ?? 0) && order.updatedAtMs > shop.nowMs - patienceMs,
  );
  const sinceMs = Math.min(...late.map(({ placedAtMs }) => placedAtMs));
  const isHidden = (shop.hiddenAtMs.get(sku) ?? 0) >= sinceMs;
  if (late.length === 0 || isHidden) return undefined;
  const missing = (order: ShopOrder) => unitsOf(order) - (counted.get(order.id) ?? 0);
  // What was cancelled unheard is there: the number may count on it, though it does not know.
  const unseen = [...late, ...sold.filter((order) => missing(order) < 0)].reduce(
    (sum, order) => sum + missing(order),
    0,
  );
  const most = publishedQuantity({ available, locations: [] }, rule, id) - unseen;
  if (quantity <= Math.max(0, most)) return undefined;
  return `${id} offers ${offered} of ${sku}, has sold ${unseen} more than is known at version ${publication.version}, and is told ${quantity}`;
}

/** Units of a channel's orders that a SKU's ledger has taken away by a position, by order. */
function countedUnits(book: Book, channel: string, position: Position): Map<string, number> {
  const units = new Map<string, number>();
  for (const row of book.rows) {
    if (comparePositions(row.position, position) > 0) break;
    const { event } = row;
    if (!("orderId" in event) || event.channel !== channel || !("lines" in event)) continue;
    for (const { quantity } of event.lines) {
      const sign =
        event.type === "ordered"
          ? 1
          : event.type === "cancelled" || (event.type === "returned" && event.restock)
            ? -1
            : 0;
      units.set(event.orderId, (units.get(event.orderId) ?? 0) + sign * quantity);
    }
  }
  return units;
}
