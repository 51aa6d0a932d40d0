import { expect, test } from "vitest";
import { computeOpeningStock } from "../../../src/cli/replay/opening-stock.ts";
import { planDay } from "../../../src/cli/replay/plan.ts";
import type { DayPlan } from "../../../src/cli/replay/planned.ts";
import { orderRow } from "./order-rows.ts";

const codes = Array.from({ length: 200 }, (_, index) => String(10_000 + index));
const day = planDay([
  ...codes.map((code) => orderRow({ code, quantity: 10 })),
  ...codes.map((code) => orderRow({ code, invoice: "700002", quantity: 2 })),
  orderRow({ code: "99998", invoice: "700003", quantity: 1 }),
  orderRow({ code: "99999", invoice: "C700004", quantity: -4 }),
]);

function runningOut(plan: DayPlan, opening: ReadonlyMap<string, number>): string[] {
  const sold = new Map<string, number>();
  for (const { sku, quantity } of plan.invoices.flatMap(({ orders }) => orders.flat())) {
    sold.set(sku, (sold.get(sku) ?? 0) + quantity);
  }
  return [...opening].filter(([sku, quantity]) => (sold.get(sku) ?? 0) > quantity).map(([sku]) => sku);
}

test.each([0, 0.1, 0.25])("a share of %d of the SKUs runs out, and no other", (share) => {
  const opening = computeOpeningStock(day, share);
  expect(opening.size).toBe(202);
  expect(runningOut(day, opening)).toHaveLength(Math.round(202 * share));
});

test("what runs out was there in the morning", () => {
  const opening = computeOpeningStock(day, 1);
  expect(Math.min(...opening.values())).toBeGreaterThan(0);
  // One unit sold cannot run out, and what only comes back is not asked for.
  expect(runningOut(day, opening)).toHaveLength(200);
});

test("the same day opens with the same stock, and a greater share keeps those that ran out before", () => {
  expect(computeOpeningStock(day, 0.1)).toEqual(computeOpeningStock(day, 0.1));
  const more = runningOut(day, computeOpeningStock(day, 0.2));
  expect(more).toEqual(expect.arrayContaining(runningOut(day, computeOpeningStock(day, 0.1))));
});
