import type { ChannelLevel, LevelPage, ListingReference } from "../../kit/adapter.ts";
import { type ApiResult, nextQuery, read, request, valueOf } from "./client.ts";
import { inParallel } from "./parallel.ts";
import { itemOf } from "./item.ts";
import { baseUrl, type EbayContext } from "./settings.ts";
import { BulkItems, type InventoryItem, InventoryItems, Offer, Offers } from "./shapes.ts";

const inventory = "/sell/inventory/v1";
const pageSize = 25;
/** Inventory items that one request may name. */
const bulkMax = 25;
/** Requests at once while reading; publishing needs its connections too. */
const requestsAtOnce = 2;

/** Pages through the seller's inventory items; one level for each published fixed-price offer of them. */
export async function readPage(context: EbayContext, cursor: string | undefined): Promise<LevelPage> {
  const query = cursor ?? new URLSearchParams({ limit: String(pageSize), offset: "0" }).toString();
  const page = await read(context, `${inventory}/inventory_item?${query}`, InventoryItems);
  const items = (page.inventoryItems ?? []).filter(({ sku }) => sku !== undefined && sku !== "");
  const levels = await inParallel(items, requestsAtOnce, (item) => levelsOf(context, item));
  const next = nextQuery(page.next, baseUrl(context.settings));
  return { items: levels.flat(), ...(next !== undefined && { next }) };
}

async function levelsOf(context: EbayContext, item: InventoryItem): Promise<ChannelLevel[]> {
  const { sku = "" } = item;
  const offers = await offersOf(context, sku);
  return offers
    .filter((offer) => isLive(offer, context))
    .map((offer) => {
      const listingId = offer.listing?.listingId;
      const external = { sku, offerId: offer.offerId, ...(listingId !== undefined && { listingId }) };
      return { external, sku, ...shownOf(item, offer) };
    });
}

/** Offers of one SKU. eBay answers 404 if it has none. */
export async function offersOf(context: EbayContext, sku: string): Promise<Offer[]> {
  const query = new URLSearchParams({ sku, limit: "100" }).toString();
  const result = await request(context, { method: "GET", path: `${inventory}/offer?${query}` }, Offers);
  return foundIn(result)?.offers ?? [];
}

/** Only a published offer can be told a quantity; an auction's cannot be changed. */
function isLive({ status, format, marketplaceId }: Offer, { settings }: EbayContext): boolean {
  const isHere = settings.marketplaceId === undefined || marketplaceId === settings.marketplaceId;
  return status === "PUBLISHED" && format !== "AUCTION" && isHere;
}

/** What eBay offers of these listings now: the lesser one of the item's quantity and the offer's. */
export async function readListings(
  context: EbayContext,
  listings: readonly ListingReference[],
): Promise<ChannelLevel[]> {
  const wanted = listings.flatMap((listing) => {
    const item = itemOf(listing);
    return item === undefined ? [] : [{ external: listing.external ?? {}, item }];
  });
  const items = await readItems(
    context,
    wanted.map(({ item }) => item.sku),
  ).then(valueOf);
  const levels = await inParallel(
    wanted,
    requestsAtOnce,
    async ({ external, item }): Promise<ChannelLevel[]> => {
      const behind = items.get(item.sku);
      if (behind === undefined) return [];
      const path = `${inventory}/offer/${encodeURIComponent(item.offerId)}`;
      const offer = foundIn(await request(context, { method: "GET", path }, Offer));
      return offer === undefined ? [] : [{ external, sku: item.sku, ...shownOf(behind, offer) }];
    },
  );
  return levels.flat();
}

/** Inventory items by SKU, 25 in one request; those that eBay does not know are not in it. */
export async function readItems(
  context: EbayContext,
  skus: readonly string[],
): Promise<ApiResult<Map<string, InventoryItem>>> {
  const found = new Map<string, InventoryItem>();
  const distinct = [...new Set(skus)];
  for (let begin = 0; begin < distinct.length; begin += bulkMax) {
    const requests = distinct.slice(begin, begin + bulkMax).map((sku) => ({ sku }));
    const wanted = {
      method: "POST",
      path: `${inventory}/bulk_get_inventory_item`,
      body: { requests },
    } as const;
    const result = await request(context, wanted, BulkItems);
    if (!result.isOk) return result;
    for (const { sku, inventoryItem } of result.value.responses) {
      const name = sku ?? inventoryItem?.sku;
      if (name !== undefined && inventoryItem) found.set(name, inventoryItem);
    }
  }
  return { isOk: true, value: found };
}

/** Units that eBay can ship of an item; undefined if it does not count it. */
export function quantityOf(item: InventoryItem): number | undefined {
  return item.availability?.shipToLocationAvailability?.quantity;
}

function shownOf(item: InventoryItem, offer: Offer): Pick<ChannelLevel, "title" | "quantity"> {
  const quantities = [quantityOf(item), offer.availableQuantity ?? undefined].filter(
    (one) => one !== undefined,
  );
  const title = item.product?.title;
  return {
    ...(title !== undefined && { title }),
    ...(quantities.length > 0 && { quantity: Math.min(...quantities) }),
  };
}

function foundIn<Value>(result: ApiResult<Value>): Value | undefined {
  if (!result.isOk && result.problem.status === 404) return undefined;
  return valueOf(result);
}
