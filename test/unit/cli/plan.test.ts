import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseOrderFile } from "../../../src/cli/replay/order-file.ts";
import { planDay } from "../../../src/cli/replay/plan.ts";
import { orderRow } from "./order-rows.ts";

describe("a planned day", () => {
  test("has one order line per row, numbered by the row within its invoice", () => {
    const day = planDay([
      orderRow({ code: "10101", quantity: 3 }),
      orderRow({ code: "POST" }),
      orderRow({ code: "10101", quantity: 2 }),
    ]);
    expect(day.invoices).toMatchObject([
      {
        orders: [
          [
            { lineId: "1", sku: "10101", quantity: 3 },
            { lineId: "3", sku: "10101", quantity: 2 },
          ],
        ],
      },
    ]);
    expect(day.notStock.get("POST")).toEqual({ rows: 1, quantity: 1, value: 3.25 });
  });

  test("splits an order that has more lines than a request may have", () => {
    const day = planDay(Array.from({ length: 1_001 }, () => orderRow({})));
    expect(day.invoices[0]?.orders.map((lines) => lines.length)).toEqual([1_000, 1]);
  });

  test("cancels the buyer's own lines, oldest first, where they cover what comes back", () => {
    const day = planDay([
      orderRow({ invoice: "700001", quantity: 3 }),
      orderRow({ invoice: "700002", quantity: 4 }),
      orderRow({ invoice: "C700003", quantity: -5 }),
      orderRow({ invoice: "C700004", quantity: -2 }),
    ]);
    const [first, second] = day.invoices.slice(2);
    expect(first?.cancellations).toEqual([
      { invoice: "700001", lines: [{ lineId: "1", sku: "10101", quantity: 3 }] },
      { invoice: "700002", lines: [{ lineId: "1", sku: "10101", quantity: 2 }] },
    ]);
    expect(second?.cancellations).toEqual([
      { invoice: "700002", lines: [{ lineId: "1", sku: "10101", quantity: 2 }] },
    ]);
  });

  test("names a line once where two rows of a cancellation take from it", () => {
    const day = planDay([
      orderRow({ invoice: "700001", quantity: 5 }),
      orderRow({ invoice: "C700002", quantity: -1 }),
      orderRow({ invoice: "C700002", quantity: -2 }),
    ]);
    expect(day.invoices[1]?.cancellations).toEqual([
      { invoice: "700001", lines: [{ lineId: "1", sku: "10101", quantity: 3 }] },
    ]);
  });

  test.each([
    ["more comes back than was sold", { quantity: -6 }],
    ["somebody else bought it", { quantity: -1, customer: "20002.0" }],
    ["nobody is named", { quantity: -1, customer: "" }],
  ])("takes goods back as a return where %s", (_, parts) => {
    const day = planDay([orderRow({ quantity: 5 }), orderRow({ invoice: "C700002", ...parts })]);
    expect(day.invoices[1]?.cancellations).toEqual([]);
    expect(day.invoices[1]?.adjustments).toMatchObject([
      { sku: "10101", delta: -parts.quantity, reason: "returned" },
    ]);
  });

  test("keeps codes apart that differ only in case, unless told otherwise", () => {
    const rows = [orderRow({ code: "85123a" }), orderRow({ code: "85123A" })];
    expect([...planDay(rows).titles.keys()]).toEqual(["85123a", "85123A"]);
    expect(planDay(rows).caseVariants).toBe(1);
    expect([...planDay(rows, { foldCase: true }).titles.keys()]).toEqual(["85123A"]);
  });

  test("takes a title from a row with a price, not from a remark", () => {
    const remark = orderRow({ invoice: "700000", description: "check", unitPrice: 0, customer: "" });
    expect(planDay([remark, orderRow({})]).titles.get("10101")).toBe("BLUE GARDEN LANTERN");
  });

  test("is in the order of time even if the file is not", () => {
    const late = orderRow({ invoice: "700002", invoicedAtMs: 2_000 });
    const early = orderRow({ invoice: "700001", invoicedAtMs: 1_000 });
    expect(planDay([late, early]).invoices.map(({ invoice }) => invoice)).toEqual(["700001", "700002"]);
  });
});

test("the fixture holds every kind of row", () => {
  const text = readFileSync(new URL("../../fixtures/orders.csv", import.meta.url), "utf8");
  const day = planDay(parseOrderFile(text));
  expect(day.rows).toEqual({
    sale: 22,
    return: 4,
    "write-off": 3,
    found: 1,
    "not stock": 9,
    unclear: 1,
  });
  const cancelled = day.invoices.flatMap(({ cancellations }) => cancellations);
  expect(cancelled.map(({ invoice, lines }) => [invoice, lines.length])).toEqual([
    ["700002", 2],
    ["700001", 1],
    ["700016", 1],
  ]);
  expect([...day.notStock.keys()].toSorted()).toEqual([
    "AMAZONFEE",
    "BANK CHARGES",
    "C2",
    "D",
    "DOT",
    "M",
    "POST",
    "gift_0001_20",
  ]);
});
