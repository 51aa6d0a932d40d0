import type { OrderRow } from "./order-file.ts";

/**
 * What a row of an order file is. `unclear` rows fit none of the rules; like `not stock` they are reported with
 * their totals and never guessed. docs/replay.md has the evidence for each rule.
 */
export type RowKind = "sale" | "return" | "write-off" | "found" | "not stock" | "unclear";

/** Digits, then at most a few letters (`23313`, `85123A`, `15056BL`). Everything else is a charge, a fee or a voucher. */
const stockCode = /^\d{4,}[A-Za-z]{0,3}$/;

export function classify(row: OrderRow): RowKind {
  if (!stockCode.test(row.code)) return "not stock";
  if (row.invoice.startsWith("C")) return row.quantity < 0 ? "return" : "unclear";
  if (!/^\d/.test(row.invoice)) return "unclear";
  const isBooking = row.unitPrice === 0 && row.customer === "";
  if (isBooking && row.quantity < 0) return "write-off";
  if (isBooking && row.quantity > 0) return "found";
  return row.quantity > 0 ? "sale" : "unclear";
}

const damage = /damag|wet|broken|smash|crush|faulty|rust|mould|thrown|unsaleable/i;

/** Why units were written off, as far as the description says: most say `check` or nothing, then they are lost. */
export function writeOffReason(description: string): "damaged" | "lost" {
  return damage.test(description) ? "damaged" : "lost";
}
