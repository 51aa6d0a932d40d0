import type { Cloud } from "../cloud/cloud.ts";
import type { Line } from "../load/steps.ts";
import type { Shop as SellingShop } from "../market/shop.ts";
import type { History } from "../load/history.ts";
import type { Books } from "./books.ts";
import type { Report } from "./violation.ts";

interface OrderLine {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly status: string;
  readonly components?: readonly OrderLine[];
}

type Kits = ReadonlyMap<string, readonly Line[]>;

/** Checks at the end that every order is in the ledgers once and whole: what shops sold, and what callers were told. */
export function checkOrders(
  cloud: Cloud,
  books: Books,
  shops: readonly SellingShop[],
  kits: Kits,
  history: History,
  report: Report,
): void {
  for (const shop of shops) checkShop(books, shop, kits, report);
  checkKnown(cloud, books, report);
  for (const { step, attempts } of history.deeds.values()) {
    const { action } = step;
    const answer = attempts.findLast((attempt) => (attempt.answer?.status ?? 500) < 300)?.answer;
    if (action.type !== "order" || answer === undefined) continue;
    const { lines } = JSON.parse(answer.text) as { lines: OrderLine[] };
    for (const line of lines) checkLine(books, `${action.channel}/o${step.id}`, line, report);
  }
}

function checkLine(books: Books, order: string, line: OrderLine, report: Report): void {
  const { sku, lineId, quantity, status, components } = line;
  if (components !== undefined) {
    for (const part of components) checkLine(books, order, part, report);
    return;
  }
  if (status !== "accepted" && status !== "oversold") return;
  const recorded = books.of(sku).lines.get(`${order}/${lineId}`)?.ordered ?? 0;
  if (recorded !== quantity) {
    report(
      "orders are recorded once and whole",
      `${order}, line ${lineId}: ${recorded} of ${quantity} ${sku} are recorded`,
    );
  }
}

/** Whatever a SKU has recorded of an order, the order's own object must know, or nobody could ever cancel it. */
function checkKnown(cloud: Cloud, books: Books, report: Report): void {
  const stores = cloud.objects
    .of("OrderObject")
    .map(({ name, disk }) => ({ channel: name.slice(0, name.lastIndexOf("/")), disk }));
  for (const { sku, rows } of books.all) {
    for (const { event } of rows) {
      if (event.type !== "ordered") continue;
      const { channel, orderId } = event;
      const isKnown = stores.some(
        (store) =>
          store.channel === channel &&
          store.disk.query("SELECT 1 FROM sqlite_master WHERE name = 'orders'").length > 0 &&
          store.disk.query(
            "SELECT 1 FROM orders WHERE order_id = ?1 UNION ALL SELECT 1 FROM pending WHERE order_id = ?1",
            orderId,
          ).length > 0,
      );
      if (isKnown) continue;
      report(
        "orders are recorded once and whole",
        `${sku} has ${channel}/${orderId}, and no object of orders does`,
      );
    }
  }
}

/** What is told of a SKU that is gone is kept for somebody to map, or not recorded any more. */
function checkShop(books: Books, { plan, orders }: SellingShop, kits: Kits, report: Report): void {
  for (const { id, sku, ordered, cancelled, fulfilled, restocked } of orders.values()) {
    const changes = books
      .of(sku)
      .rows.filter(({ event }) => "components" in event && event.type !== "derived");
    // What was sold before it became a kit stays what it was; when that was is not looked at.
    if (changes.some(({ event }) => event.type === "updated")) continue;
    const legs =
      changes.length === 0 ? undefined : kits.get(sku)?.map((part) => ({ ...part, lineId: `1/${part.sku}` }));
    const names = [sku, ...(legs ?? []).map((leg) => leg.sku)];
    if (names.some((name) => books.of(name).rows.some(({ event }) => event.type === "retired"))) continue;
    for (const leg of legs ?? [{ sku, quantity: 1, lineId: "1" }]) {
      const line = books.of(leg.sku).lines.get(`${plan.id}/${id}/${leg.lineId}`);
      const isSame =
        line?.ordered === ordered * leg.quantity &&
        line.cancelled === cancelled * leg.quantity &&
        line.fulfilled === fulfilled * leg.quantity &&
        line.restocked === restocked * leg.quantity;
      if (isSame) continue;
      const told = JSON.stringify({ ordered, cancelled, fulfilled, restocked });
      const recorded = `${leg.sku} has recorded ${JSON.stringify(line)}`;
      report("orders are recorded once and whole", `${plan.id} says of ${id} ${told}, ${recorded}`);
    }
  }
}
