import type { External } from "../../../protocol/channel.ts";
import type { AmazonSettings } from "./settings.ts";
import { defaultProductType } from "./settings.ts";

/** An item of the seller as Amazon's API names it. */
export interface AmazonItem {
  readonly sellerSku: string;
  readonly productType: string;
}

/** Without `external` the seller SKU is the SKU. */
export function itemOf(
  listing: { readonly sku: string; readonly external?: External | undefined },
  settings: AmazonSettings,
): AmazonItem {
  const { sku, external = {} } = listing;
  const named = typeof external === "string" ? { sellerSku: external } : external;
  return {
    sellerSku: named["sellerSku"] ?? sku,
    productType: named["productType"] ?? defaultProductType(settings),
  };
}

/** A seller SKU is unique within an Amazon seller account, whatever its product type. */
export function itemKey(external: External): string {
  return typeof external === "string" ? external : (external["sellerSku"] ?? JSON.stringify(external));
}
