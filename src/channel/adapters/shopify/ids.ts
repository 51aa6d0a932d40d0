import type { External } from "../../../protocol/channel.ts";

const prefix = "gid://shopify/";

/** A global id of this kind (`gid://shopify/InventoryItem/43729076`), or its number alone. */
export function gidPattern(kind: string): RegExp {
  return new RegExp(`^(?:${prefix}${kind}/)?[1-9]\\d{0,18}$`);
}

/** The global id, whichever way it is written. */
export function gidOf(kind: string, id: string): string {
  return `${prefix}${kind}/${numberOf(id)}`;
}

/** The number of a global id, whichever way it is written: the id that REST and webhooks use. */
export function numberOf(id: string): string {
  // Some carry parameters, as `gid://shopify/InventoryLevel/1?inventory_item_id=2`.
  const [path = ""] = id.split("?");
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The inventory item's number; what is not a listing of this kind keeps its text, so that it equals only itself. */
export function itemKey(external: External): string {
  const id = typeof external === "string" ? external : external["inventoryItemId"];
  return id === undefined ? JSON.stringify(external) : numberOf(id);
}

/** An item as a listing's `external` has it. */
export function externalOf(itemId: string, variantId?: string): External {
  return {
    inventoryItemId: gidOf("InventoryItem", itemId),
    ...(variantId !== undefined && { variantId: gidOf("ProductVariant", variantId) }),
  };
}
