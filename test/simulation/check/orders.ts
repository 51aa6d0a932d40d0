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

/** Checks at the end that every order is in the ledgers once and whole: what shops sold, and what callers were told. */
export function checkOrders(
  books: Books,
  shops: readonly SellingShop[],
  history: History,
  report: Report,
): void {
  for (const shop of shops) checkShop(books, shop, report);
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

/** What is told of a SKU that is gone is kept for somebody to map, or not recorded any more. */
function checkShop(books: Books, { plan, orders }: SellingShop, report: Report): void {
  for (const { id, sku, ordered, cancelled, fulfilled, restocked } of orders.values()) {
    const line = books.of(sku).lines.get(`${plan.id}/${id}/1`);
    const isSame =
      line?.ordered === ordered &&
      line.cancelled === cancelled &&
      line.fulfilled === fulfilled &&
      line.restocked === restocked;
    const isGone = books.of(sku).rows.some(({ event }) => event.type === "retired");
    if (isSame || isGone) continue;
    const told = JSON.stringify({ ordered, cancelled, fulfilled, restocked });
    report(
      "orders are recorded once and whole",
      `${plan.id} says of ${id} ${told}, recorded is ${JSON.stringify(line)}`,
    );
  }
}
