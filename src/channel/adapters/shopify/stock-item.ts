import type { PublishResult } from "../../kit/adapter.ts";
import { ask, failedResult } from "./client.ts";
import { gidOf } from "./ids.ts";
import { activate, availableOf } from "./inventory.ts";
import { closeKey, keyFor } from "./key.ts";
import type { ShopifyContext } from "./settings.ts";
import { said } from "./user-errors.ts";

/** An item that is stocked at the location, or why it is not. */
export type Stocked =
  | { readonly result?: undefined; readonly available: number }
  | { readonly result: PublishResult };

/** Stocks an item at the channel's location (`inventoryActivate`), which sets no quantity. */
export async function stockItem(context: ShopifyContext, itemId: string): Promise<Stocked> {
  const { channel, settings } = context;
  const key = await keyFor(context, ["stock", channel, settings.shop, settings.locationId, itemId]);
  const asked = await ask(context, activate, {
    inventoryItemId: gidOf("InventoryItem", itemId),
    locationId: gidOf("Location", settings.locationId),
    key: key.text,
  });
  if (!asked.isOk) return { result: failedResult(asked.failure) };
  closeKey(context, key);
  const { inventoryLevel, userErrors } = asked.data.inventoryActivate;
  const [error] = userErrors;
  if (error !== undefined) {
    const detail = `the item is not stocked at the channel's location, and cannot be put there: ${said(error)}`;
    return { result: { outcome: "rejected", detail } };
  }
  const available = availableOf(inventoryLevel);
  if (available !== undefined) return { available };
  return { result: { outcome: "retry", detail: "Shopify does not say what the item has at the location" } };
}
