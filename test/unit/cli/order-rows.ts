import type { OrderRow } from "../../../src/cli/replay/order-file.ts";

/** A row of an ordinary sale, with the parts a test cares about put in. */
export function orderRow(parts: Partial<OrderRow>): OrderRow {
  return {
    fileLine: 2,
    invoice: "700001",
    code: "10101",
    description: "BLUE GARDEN LANTERN",
    quantity: 1,
    invoicedAtMs: Date.UTC(2024, 2, 4, 8, 5),
    unitPrice: 3.25,
    customer: "20001.0",
    ...parts,
  };
}
