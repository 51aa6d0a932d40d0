import { inMajorUnits } from "../protocol/currency.ts";
import type { StockStatus, StockView } from "../protocol/stock.ts";
import { offeredTo } from "../stock/offered.ts";

/** The media type of JSON-LD (W3C JSON-LD 1.1, section 9). */
export const jsonLdType = "application/ld+json";

const availability: Readonly<Record<StockStatus, string>> = {
  in_stock: "https://schema.org/InStock",
  low_stock: "https://schema.org/LimitedAvailability",
  backorder: "https://schema.org/BackOrder",
  out_of_stock: "https://schema.org/OutOfStock",
};

/**
 * A SKU as a schema.org Product with its Offer. `inventoryLevel` counts units that belong to no channel alone (C62 is
 * "one" in UN/CEFACT Recommendation 20). schema.org dates works, not products, so when this was true stands in
 * `subjectOf`, with the SKU's position. An Offer has a price if the seller has told one.
 */
export function productOf(stock: StockView, url: string): object {
  const { sku, title, price, epoch, version, asOf } = stock;
  const { quantity, status } = offeredTo(stock);
  return {
    "@context": "https://schema.org",
    "@type": "Product",
    "@id": url,
    sku,
    name: title ?? sku,
    offers: {
      "@type": "Offer",
      availability: availability[status],
      inventoryLevel: { "@type": "QuantitativeValue", value: quantity, unitCode: "C62" },
      ...(price !== undefined && {
        price: inMajorUnits(price.amount, price.currency),
        priceCurrency: price.currency,
      }),
    },
    subjectOf: { "@type": "CreativeWork", url, dateModified: asOf, version: `${epoch}.${version}` },
  };
}

/** JSON that can stand in a page as it is: no title can end the script element it is in. */
export function inlineJson(value: object): string {
  return JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
