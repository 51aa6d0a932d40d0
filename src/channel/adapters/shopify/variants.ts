import { numberOf } from "./ids.ts";
import type { ShopifyContext } from "./settings.ts";

/** Variants remembered, some 100 bytes each. */
const rememberedMax = 20_000;

const items = new WeakMap<ShopifyContext, Map<string, string>>();

/** Shopify said that this variant has this inventory item. Only a memory: what it lacks is looked up. */
export function learnItem(context: ShopifyContext, variantId: string, itemId: string): void {
  const known = items.get(context) ?? new Map<string, string>();
  if (known.size < rememberedMax) known.set(numberOf(variantId), numberOf(itemId));
  items.set(context, known);
}

/** The number of a variant's inventory item, which orders do not name; undefined if it was not heard of yet. */
export function knownItem(context: ShopifyContext, variantId: string): string | undefined {
  return items.get(context)?.get(numberOf(variantId));
}
