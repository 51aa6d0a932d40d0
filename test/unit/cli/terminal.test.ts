import { expect, test } from "vitest";
import { catalogue, scarceSkus } from "../../../src/cli/demo/catalogue.ts";
import { progressBar, table } from "../../../src/cli/terminal.ts";

test("a table aligns names to the left and numbers to the right", () => {
  expect(
    table([
      ["orders", "7"],
      ["lines", "1234", "9 units"],
    ]),
  ).toBe("orders     7\nlines   1234  9 units");
});

test("a progress bar says how much is done", () => {
  expect(progressBar(1, 4, "orders")).toBe(`[${"#".repeat(8)}${".".repeat(24)}]  25 %  1/4 orders`);
  expect(progressBar(0, 0, "orders")).toContain("100 %");
});

test("the demo's catalogue has at least fifty different products, some of them scarce", () => {
  const skus = new Set(catalogue.map((product) => product.sku));
  expect(skus.size).toBe(catalogue.length);
  expect(skus.size).toBeGreaterThanOrEqual(50);
  expect(scarceSkus.every((sku) => skus.has(sku))).toBe(true);
});
