import type { Cloud } from "../cloud/cloud.ts";
import type { Books } from "./books.ts";
import type { Report } from "./violation.ts";

interface StoredCart {
  readonly stage: string;
  readonly legs: readonly { readonly sku: string; readonly reservationId?: string }[];
}

/** Ends of a cart after which nothing of it may have been sold. */
const unsold: ReadonlySet<string> = new Set(["active", "released", "expired", "refused"]);

/** Checks, when all is quiet, that of a reservation of several SKUs all was sold or nothing. */
export function checkCarts(cloud: Cloud, books: Books, report: Report): void {
  for (const { disk } of cloud.objects.of("ReservationObject")) {
    if (disk.query("SELECT 1 FROM sqlite_master WHERE name = 'reservations'").length === 0) continue;
    for (const { id, content } of disk.query("SELECT id, content FROM reservations")) {
      const { stage, legs } = JSON.parse(String(content)) as StoredCart;
      if (!unsold.has(stage)) continue;
      const sold = legs.find(
        ({ sku, reservationId = "" }) => books.of(sku).endOf(reservationId) === "committed",
      );
      if (sold === undefined) continue;
      report("a cart is sold whole or not at all", `${String(id)} is ${stage}, and its ${sold.sku} was sold`);
    }
  }
}
