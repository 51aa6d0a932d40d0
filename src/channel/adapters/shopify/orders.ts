import type { OrderReport, ReportedLine } from "../../kit/inbound.ts";
import { externalOf } from "./ids.ts";

/** An order as both of Shopify's APIs describe it, ids as numbers. */
export interface ShopOrder {
  readonly orderId: string;
  readonly placedAt?: string | undefined;
  readonly isCancelled: boolean;
  readonly lines: readonly ShopLine[];
  readonly fulfilments: readonly ShopUnits[];
  readonly refunds: readonly RefundedUnits[];
}

export interface ShopLine {
  readonly lineId: string;
  readonly itemId?: string | undefined;
  readonly variantId?: string | undefined;
  readonly sku?: string | undefined;
  readonly title?: string | undefined;
  /** Units ever ordered, those taken off again included. */
  readonly quantity: number;
  /** The same without those that were refunded or taken off. */
  readonly currentQuantity: number;
  /** Units still to be shipped, as far as Shopify says. */
  readonly openQuantity?: number | undefined;
  /** Whether units leave a shelf of ours: no gift card, no service, not shipped by somebody else. */
  readonly isStock: boolean;
}

/** Units of a line that were shipped. */
export interface ShopUnits {
  readonly lineId: string;
  readonly quantity: number;
}

export type RestockType = "cancel" | "return" | "no_restock" | "legacy_restock";

export interface RefundedUnits extends ShopUnits {
  readonly restockType: RestockType;
}

/** All that has happened to an order's stock. Lines that name neither a variant nor a SKU have none. */
export function toReport(order: ShopOrder): OrderReport {
  const { orderId, placedAt, lines } = order;
  const stocked = lines.filter(
    ({ isStock, itemId, sku }) => isStock && (itemId !== undefined || sku !== undefined),
  );
  return {
    type: "order",
    orderId,
    ...(placedAt !== undefined && { occurredAt: placedAt }),
    lines: stocked.map((line) => reported(line, order)),
  };
}

function reported(line: ShopLine, order: ShopOrder): ReportedLine {
  const { lineId, itemId, variantId, sku, title } = line;
  return {
    lineId,
    ...(itemId !== undefined && { external: externalOf(itemId, variantId) }),
    ...(sku !== undefined && { sku }),
    ...(title !== undefined && { title }),
    ...countsOf(line, order),
  };
}

type Counts = Pick<ReportedLine, "ordered" | "cancelled" | "fulfilled" | "restocked" | "writtenOff">;

/**
 * What became of a line's units. `cancel` takes back units that have not left, `return` units that have, `no_restock`
 * says that refunded units do not come back. What a record says of more units than there are of that kind counts for
 * the other kind, so the counts always add up.
 */
function countsOf(line: ShopLine, { fulfilments, refunds, isCancelled }: ShopOrder): Counts {
  const ordered = line.quantity;
  const shipped = Math.min(ordered, unitsOf(line, fulfilments));
  const refunded = (type: RestockType) =>
    unitsOf(
      line,
      refunds.filter(({ restockType }) => restockType === type),
    );
  const cancels = refunded("cancel");
  const returns = refunded("return");
  const losses = refunded("no_restock");
  const legacy = refunded("legacy_restock");
  const open = ordered - shipped;

  const takenOff = Math.min(open, cancels + legacy);
  const restocked = Math.min(shipped, returns + (cancels + legacy - takenOff));
  const returnedOpen = Math.min(open - takenOff, returns + (cancels + legacy - takenOff) - restocked);
  const lost = lostUnits(line, ordered - shipped - takenOff - returnedOpen, shipped - restocked, losses);

  // Taken off by an edit, or with the whole order, and no record says how: it is on the shelf.
  const left = ordered - shipped - takenOff - returnedOpen - lost;
  const gone = isCancelled ? ordered : ordered - line.currentQuantity;
  const unrecorded = Math.max(0, gone - cancels - returns - losses - legacy);
  const cancelled = takenOff + returnedOpen + Math.min(left, unrecorded);
  const fulfilled = shipped + lost;
  return { ordered, cancelled, fulfilled, restocked, writtenOff: Math.min(losses, fulfilled - restocked) };
}

/**
 * Units that will never be shipped and are not for sale again. A refund without restock takes shipped units first
 * (Shopify/shopify-api-ruby#667), unless Shopify says that fewer are still to be shipped.
 */
function lostUnits(line: ShopLine, open: number, kept: number, losses: number): number {
  const atLeast = Math.max(0, losses - kept);
  const missing = line.openQuantity === undefined ? atLeast : Math.max(atLeast, open - line.openQuantity);
  return Math.min(open, losses, missing);
}

function unitsOf({ lineId }: ShopLine, units: readonly ShopUnits[]): number {
  return units.reduce((total, unit) => (unit.lineId === lineId ? total + unit.quantity : total), 0);
}
