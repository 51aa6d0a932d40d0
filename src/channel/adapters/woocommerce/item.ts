import type { External } from "../../../protocol/channel.ts";

/** A product, or a variation of one. */
export interface Item {
  readonly productId: string;
  readonly variationId?: string | undefined;
}

/** Undefined if the listing does not say which product it is. */
export function itemOf(external: External | undefined): Item | undefined {
  if (external === undefined) return undefined;
  if (typeof external === "string") return { productId: external };
  const { productId, variationId } = external;
  return productId === undefined ? undefined : { productId, variationId };
}

/** As WooCommerce writes ids: 0 stands for none. */
export function itemFrom(productId: number, variationId: number): External | undefined {
  if (productId <= 0) return undefined;
  const product = { productId: String(productId) };
  return variationId > 0 ? { ...product, variationId: String(variationId) } : product;
}

/** The id of the object that has the stock. */
export function ownId({ productId, variationId }: Item): string {
  return variationId ?? productId;
}

export function itemKey(external: External): string {
  const item = itemOf(external);
  if (item === undefined) return JSON.stringify(external);
  return item.variationId === undefined ? item.productId : `${item.productId}/${item.variationId}`;
}
