import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inlineJson, productOf } from "../../../src/agents/schema-org.ts";
import { inMajorUnits } from "../../../src/protocol/currency.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { offeredTo } from "../../../src/stock/offered.ts";

const url = "https://stock.example.com/v1/skus/TEE";
const nothing = { onHand: 0, committed: 0, reserved: 0, unavailable: 0, incoming: 0, safetyStock: 0 };

function stock(more: Partial<StockView> = {}): StockView {
  return {
    sku: "TEE",
    status: "in_stock",
    available: 12,
    ...nothing,
    locations: [],
    epoch: "k3v9",
    version: 42,
    asOf: "2026-11-23T09:00:00.123Z",
    ...more,
  };
}

describe("a SKU as a schema.org Product", () => {
  it("says what can be bought of it, when that was true, and no price that nobody told", () => {
    expect(productOf(stock({ title: "Tee, black, M" }), url)).toEqual({
      "@context": "https://schema.org",
      "@type": "Product",
      "@id": url,
      sku: "TEE",
      name: "Tee, black, M",
      offers: {
        "@type": "Offer",
        availability: "https://schema.org/InStock",
        inventoryLevel: { "@type": "QuantitativeValue", value: 12, unitCode: "C62" },
      },
      subjectOf: {
        "@type": "CreativeWork",
        url,
        dateModified: "2026-11-23T09:00:00.123Z",
        version: "k3v9.42",
      },
    });
  });

  it("has the price that the seller told, in whole units of the currency", () => {
    const priced = productOf(stock({ price: { amount: 1999, currency: "EUR" } }), url);
    expect(priced).toMatchObject({ offers: { price: "19.99", priceCurrency: "EUR" } });
  });

  it.each([
    [5, "EUR", "0.05"],
    [0, "USD", "0.00"],
    [1999, "JPY", "1999"],
    [1999, "KWD", "1.999"],
    [7, "CLF", "0.0007"],
  ])("%i minor units of %s are %s", (amount, currency, text) => {
    expect(inMajorUnits(amount, currency)).toBe(text);
  });

  it("can stand in a page as it is, whatever its title says", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.constantFrom("</script><script>x()", "<!--", "\u2028&amp;"),
        ),
        (title) => {
          const text = inlineJson(productOf(stock({ title }), url));
          expect(text).not.toMatch(/[<>&\u2028\u2029]/);
          expect(JSON.parse(text)).toMatchObject({ name: title });
        },
      ),
    );
  });
});

describe("what a buyer is offered", () => {
  it.each<[string, Partial<StockView>, Parameters<typeof offeredTo>[1], string | undefined, object]>([
    [
      "the last units are low",
      { status: "low_stock", available: 2 },
      undefined,
      undefined,
      { quantity: 2, status: "low_stock" },
    ],
    [
      "nothing is out of stock",
      { status: "out_of_stock", available: 0 },
      undefined,
      undefined,
      { quantity: 0, status: "out_of_stock" },
    ],
    [
      "more than there is can be sold",
      { status: "backorder", available: 0, backorderLimit: 3 },
      undefined,
      undefined,
      { quantity: 0, status: "backorder" },
    ],
    [
      "the backorder limit is used up",
      { status: "out_of_stock", available: -3, backorderLimit: 3 },
      undefined,
      undefined,
      { quantity: 0, status: "out_of_stock" },
    ],
    [
      "all that is left is another's",
      { available: 4, allocations: [{ channel: "web", quantity: 4 }] },
      undefined,
      "shop",
      { quantity: 0, status: "out_of_stock" },
    ],
    [
      "the same is its own",
      { available: 4, allocations: [{ channel: "web", quantity: 4 }] },
      undefined,
      "web",
      { quantity: 4, status: "in_stock" },
    ],
    [
      "a rule holds back what there is",
      { available: 4, backorderLimit: 9 },
      { buffer: 4 },
      undefined,
      { quantity: 0, status: "out_of_stock" },
    ],
    [
      "a retired SKU",
      { available: 0, backorderLimit: 9, retired: true },
      undefined,
      undefined,
      { quantity: 0, status: "out_of_stock" },
    ],
  ])("%s", (_, more, rule, channel, offered) => {
    expect(offeredTo(stock(more), rule, channel)).toEqual(offered);
  });
});
