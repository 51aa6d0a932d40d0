import { z } from "zod";
import {
  type ChannelLevel,
  ChannelUnreadableError,
  type LevelPage,
  type ListingReference,
} from "../../kit/adapter.ts";
import { read, request } from "./client.ts";
import { itemOf } from "./item.ts";
import { type AmazonContext, channelCode } from "./settings.ts";

/** Amazon's own limits on one search. */
const pageSize = 20;
const identifiersMax = 20;
/** A search pages through so many items at most; then another one goes on from where it ended. */
const searchItemsMax = 1_000;

const Summary = z.looseObject({
  marketplaceId: z.string(),
  itemName: z.string().optional(),
  createdDate: z.string(),
});

const Item = z.looseObject({
  sku: z.string().min(1),
  summaries: z.array(Summary).optional(),
  fulfillmentAvailability: z
    .array(z.looseObject({ fulfillmentChannelCode: z.string(), quantity: z.int().min(0).optional() }))
    .optional(),
});
type Item = z.infer<typeof Item>;

const SearchResults = z.looseObject({
  items: z.array(Item),
  pagination: z.looseObject({ nextToken: z.string().optional() }).optional(),
});

const Cursor = z.strictObject({
  /** Items created then or later. */
  from: z.string().optional(),
  token: z.string().optional(),
  /** Items that this search has told. */
  told: z.int(),
  /** The newest time of creation told so far, and the SKUs created then: the next search begins with them again. */
  edge: z.strictObject({ created: z.string(), skus: z.array(z.string()) }).optional(),
});
type Cursor = z.infer<typeof Cursor>;

/** Pages through the seller's own items, the oldest first. Those that only Amazon's warehouses hold are left out. */
export async function readPage(context: AmazonContext, text: string | undefined): Promise<LevelPage> {
  const cursor: Cursor = text === undefined ? { told: 0 } : Cursor.parse(JSON.parse(text));
  const found = await search(context, {
    sortBy: "createdDate",
    sortOrder: "ASC",
    pageSize: String(pageSize),
    ...(cursor.from !== undefined && { createdAfter: cursor.from }),
    ...(cursor.token !== undefined && { pageToken: cursor.token }),
  });
  const fresh = found.items.filter(({ sku }) => cursor.edge?.skus.includes(sku) !== true);
  const next = nextCursor(cursor, edgeAfter(context, cursor, fresh), found);
  return {
    items: fresh.filter((item) => isOurs(context, item)).map((item) => levelOf(context, item)),
    ...(next !== undefined && { next: JSON.stringify(next) }),
  };
}

function edgeAfter(context: AmazonContext, { edge }: Cursor, items: readonly Item[]): Cursor["edge"] {
  const last = items.at(-1);
  const created = last && summaryOf(context, last)?.createdDate;
  if (created === undefined) return edge;
  const skus = items
    .filter((item) => summaryOf(context, item)?.createdDate === created)
    .map(({ sku }) => sku);
  return { created, skus: edge?.created === created ? [...edge.skus, ...skus] : skus };
}

function nextCursor(
  cursor: Cursor,
  edge: Cursor["edge"],
  { items, pagination }: z.infer<typeof SearchResults>,
): Cursor | undefined {
  const told = cursor.told + items.length;
  // A search ends at its limit whether or not there is more, so a full one is always followed by another.
  if (told < searchItemsMax) {
    return pagination?.nextToken === undefined
      ? undefined
      : { ...cursor, edge, token: pagination.nextToken, told };
  }
  if (edge === undefined || edge.created === cursor.from) {
    throw new ChannelUnreadableError(
      `Amazon lists no more than ${searchItemsMax} items that were created at one time`,
    );
  }
  return { from: edge.created, told: 0, edge };
}

/** What Amazon offers of these listings now; up to 20 in one request. */
export async function readListings(
  context: AmazonContext,
  listings: readonly ListingReference[],
): Promise<ChannelLevel[]> {
  const skus = listings.map((listing) => itemOf(listing, context.settings).sellerSku);
  // A list of identifiers is separated by commas, so an SKU that has one must be asked for alone.
  const listable = skus.filter((sku) => !sku.includes(","));
  const levels: ChannelLevel[] = [];
  for (let begin = 0; begin < listable.length; begin += identifiersMax) {
    const identifiers = listable.slice(begin, begin + identifiersMax);
    const query = { identifiers: identifiers.join(","), identifiersType: "SKU", pageSize: String(pageSize) };
    const { items } = await search(context, query);
    levels.push(...items.map((item) => levelOf(context, item)));
  }
  for (const sku of skus.filter((one) => one.includes(","))) levels.push(...(await readAlone(context, sku)));
  return levels;
}

async function readAlone(context: AmazonContext, sku: string): Promise<ChannelLevel[]> {
  const { sellerId, marketplaceId } = context.settings;
  const path = `/listings/2021-08-01/items/${encodeURIComponent(sellerId)}/${encodeURIComponent(sku)}`;
  const query = { marketplaceIds: marketplaceId, includedData: "summaries,fulfillmentAvailability" };
  const result = await request(context, { method: "GET", path, query }, Item);
  if (result.isOk) return [levelOf(context, result.value)];
  if (result.problem.status === 404) return [];
  throw new ChannelUnreadableError(result.problem.detail, result.problem.retryAfterMs);
}

/** `searchListingsItems` of Listings Items API 2021-08-01. */
export function search(context: AmazonContext, query: Readonly<Record<string, string>>) {
  const { sellerId, marketplaceId } = context.settings;
  return read(
    context,
    `/listings/2021-08-01/items/${encodeURIComponent(sellerId)}`,
    { marketplaceIds: marketplaceId, includedData: "summaries,fulfillmentAvailability", ...query },
    SearchResults,
  );
}

/** Whether the seller's own stock stands behind the item, or nothing is known yet. */
function isOurs(context: AmazonContext, { fulfillmentAvailability = [] }: Item): boolean {
  return (
    fulfillmentAvailability.length === 0 || availabilityOf(context, fulfillmentAvailability) !== undefined
  );
}

function levelOf(context: AmazonContext, item: Item): ChannelLevel {
  const quantity = availabilityOf(context, item.fulfillmentAvailability ?? [])?.quantity;
  const title = summaryOf(context, item)?.itemName;
  return {
    external: item.sku,
    sku: item.sku,
    ...(title !== undefined && { title }),
    ...(quantity !== undefined && { quantity }),
  };
}

function availabilityOf(context: AmazonContext, availability: NonNullable<Item["fulfillmentAvailability"]>) {
  const code = channelCode(context.settings);
  return availability.find(({ fulfillmentChannelCode }) => fulfillmentChannelCode === code);
}

function summaryOf(context: AmazonContext, { summaries = [] }: Item) {
  return summaries.find(({ marketplaceId }) => marketplaceId === context.settings.marketplaceId);
}
