import { describe, expect, test } from "vitest";
import { classify, writeOffReason } from "../../../src/cli/replay/classify.ts";
import { orderRow } from "./order-rows.ts";

const booking = { unitPrice: 0, customer: "" };

describe("a row is", () => {
  test.each([
    ["a sale", "sale", {}],
    ["a sale, without a customer too", "sale", { customer: "" }],
    ["a sale, given away to a customer too", "sale", { unitPrice: 0 }],
    ["a return on a cancelling invoice", "return", { invoice: "C700001", quantity: -1 }],
    ["a write-off if units vanish without price and customer", "write-off", { ...booking, quantity: -3 }],
    ["found if units appear without price and customer", "found", { ...booking, quantity: 3 }],
    ["unclear if a customer is sold less than nothing", "unclear", { quantity: -1 }],
    ["unclear if it is about no units", "unclear", { quantity: 0 }],
    ["unclear if a cancelling invoice sells", "unclear", { invoice: "C700001", quantity: 1 }],
    ["unclear on an invoice of an unknown kind", "unclear", { invoice: "A563185" }],
  ] as const)("%s", (_, kind, parts) => {
    expect(classify(orderRow(parts))).toBe(kind);
  });

  test.each(["23313", "85123A", "85123a", "15056BL"])("stock if its code is %s", (code) => {
    expect(classify(orderRow({ code }))).toBe("sale");
  });

  test.each([
    "POST",
    "DOT",
    "M",
    "BANK CHARGES",
    "D",
    "C2",
    "AMAZONFEE",
    "S",
    "CRUK",
    "PADS",
    "gift_0001_20",
  ])("not stock if its code is %s, on any invoice", (code) => {
    expect(classify(orderRow({ code }))).toBe("not stock");
    expect(classify(orderRow({ code, invoice: "C700001", quantity: -1 }))).toBe("not stock");
  });
});

test.each([
  ["damaged", "damaged"],
  ["wet?", "damaged"],
  ["check", "lost"],
  ["lost??", "lost"],
  ["", "lost"],
])("what is written off as %j is %s", (description, reason) => {
  expect(writeOffReason(description)).toBe(reason);
});
