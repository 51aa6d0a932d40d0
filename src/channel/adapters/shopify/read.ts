import {
  ChannelUnreadableError,
  type ChannelLevel,
  type LevelPage,
  type ListingReference,
} from "../../kit/adapter.ts";
import { ask, type Asked } from "./client.ts";
import { externalOf, gidOf, itemKey } from "./ids.ts";
import { availableOf, type Item, pageItems, readItems } from "./inventory.ts";
import type { ShopifyContext } from "./settings.ts";
import { learnItem } from "./variants.ts";

/** A page of the shop's items, those that are not stocked at the location too. */
export async function readPage(context: ShopifyContext, cursor: string | undefined): Promise<LevelPage> {
  const locationId = gidOf("Location", context.settings.locationId);
  const { inventoryItems } = dataOf(await ask(context, pageItems, { after: cursor ?? null, locationId }));
  const { nodes, pageInfo } = inventoryItems;
  const items = nodes.map((item) => levelOf(context, item));
  const next = pageInfo.hasNextPage ? pageInfo.endCursor : undefined;
  return next === undefined ? { items } : { items, next };
}

export async function readListings(
  context: ShopifyContext,
  listings: readonly ListingReference[],
): Promise<ChannelLevel[]> {
  const keys = listings.flatMap(({ external }) => (external === undefined ? [] : [itemKey(external)]));
  const ids = [...new Set(keys)].map((key) => gidOf("InventoryItem", key));
  if (ids.length === 0) return [];
  const locationId = gidOf("Location", context.settings.locationId);
  const { nodes } = dataOf(await ask(context, readItems, { ids, locationId }));
  return nodes.flatMap((item) => (item === undefined ? [] : [levelOf(context, item)]));
}

/** The data of an answer. Throws `ChannelUnreadableError`; only a shop out of points asks for silence. */
export function dataOf<Answer>(asked: Asked<Answer>): Answer {
  if (asked.isOk) return asked.data;
  const { reason, detail, retryAfterMs } = asked.failure;
  throw new ChannelUnreadableError(detail, reason === "throttled" ? retryAfterMs : undefined);
}

function levelOf(context: ShopifyContext, item: Item): ChannelLevel {
  const { id, sku, tracked, inventoryLevel, variants } = item;
  const variant = variants?.nodes[0];
  if (variant !== undefined) learnItem(context, variant.id, id);
  return {
    external: externalOf(id, variant?.id),
    sku: sku === "" ? undefined : sku,
    title: variant?.displayName,
    quantity: tracked ? availableOf(inventoryLevel) : undefined,
    updatedAt: inventoryLevel?.quantities[0]?.updatedAt ?? inventoryLevel?.updatedAt,
  };
}
