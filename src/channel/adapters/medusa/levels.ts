import { z } from "zod";
import type { External } from "../../../protocol/channel.ts";
import { ExternalId } from "../../../protocol/primitives.ts";
import type { ChannelLevel, ListingReference } from "../../kit/adapter.ts";
import type { ApiAnswer } from "../../kit/api-failure.ts";
import { offeredBy, type OnHandLevel } from "../../kit/on-hand.ts";
import { ask, type MedusaContext } from "./client.ts";

/** A listing's `external`: the inventory item, as text or named; without it the item is found by its SKU. */
export const MedusaExternal = z
  .union([ExternalId, z.strictObject({ inventoryItemId: ExternalId })])
  .optional()
  .meta({ description: "The inventory item's id", example: { inventoryItemId: "iitem_01J8ZC" } });

export function inventoryItemIdOf(external: External): string {
  if (typeof external === "string") return external;
  return external["inventoryItemId"] ?? "";
}

/** Medusa counts in decimals. Of a part of a unit, none can be sold. */
export const Level = z.looseObject({
  inventory_item_id: z.string(),
  location_id: z.string(),
  stocked_quantity: z.number().transform((units) => Math.floor(units)),
  reserved_quantity: z.number().transform((units) => Math.ceil(units)),
  updated_at: z.string().optional(),
});
export type Level = z.infer<typeof Level>;

const InventoryItem = z.looseObject({
  id: z.string(),
  sku: z.string().nullish(),
  title: z.string().nullish(),
  location_levels: z.array(Level).nullish(),
});
export type InventoryItem = z.infer<typeof InventoryItem>;

const Page = z.looseObject({ inventory_items: z.array(InventoryItem), count: z.int() });

const fields = [
  "id,sku,title",
  "location_levels.inventory_item_id,location_levels.location_id",
  "location_levels.stocked_quantity,location_levels.reserved_quantity,location_levels.updated_at",
].join(",");

/** Characters that the looked up values may take of an address, and that each name takes. */
const lookUpLengthMax = 1_400;
const nameLength = "&sku%5B%5D=".length;

/** The items that a listing means: none, or one. */
export type FindItem = (listing: ListingReference) => InventoryItem | undefined;

/** Reads the inventory items of up to 50 listings. */
export async function findItems(
  context: MedusaContext,
  listings: readonly ListingReference[],
): Promise<ApiAnswer<FindItem>> {
  const ids = listings.flatMap(({ external }) => (external === undefined ? [] : inventoryItemIdOf(external)));
  const skus = listings.flatMap(({ sku, external }) => (external === undefined ? sku : []));
  const [byId, bySku] = await Promise.all([list(context, "id[]", ids), list(context, "sku[]", skus)]);
  if (byId.outcome === "failed") return byId;
  if (bySku.outcome === "failed") return bySku;
  const find: FindItem = ({ sku, external }) => {
    if (external === undefined) return bySku.value.find((item) => item.sku === sku);
    const id = inventoryItemIdOf(external);
    return byId.value.find((item) => item.id === id);
  };
  return { outcome: "ok", value: find };
}

async function list(
  context: MedusaContext,
  name: string,
  values: readonly string[],
): Promise<ApiAnswer<InventoryItem[]>> {
  const items: InventoryItem[] = [];
  for (const part of partsOf(values)) {
    const query = [
      ...part.map((value) => [name, value] as const),
      ["limit", String(part.length)] as const,
      ["fields", fields] as const,
    ];
    const answer = await ask(context, { method: "GET", path: "admin/inventory-items", query }, Page);
    if (answer.outcome === "failed") return answer;
    items.push(...answer.value.inventory_items);
  }
  return { outcome: "ok", value: items };
}

/** What is looked up stands in the address of a request, which must not become too long. */
function partsOf(values: readonly string[]): string[][] {
  const parts: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const value of values) {
    const more = encodeURIComponent(value).length + nameLength;
    length += more;
    if (length > lookUpLengthMax) {
      parts.push([]);
      length = more;
    }
    parts.at(-1)?.push(value);
  }
  return parts;
}

const pageSize = 100;

/** A page of all inventory items, and the number of the first one after it. */
export async function readItems(
  context: MedusaContext,
  offset: number,
): Promise<ApiAnswer<{ items: InventoryItem[]; next: number | undefined }>> {
  const query = [
    ["limit", String(pageSize)],
    ["offset", String(offset)],
    ["order", "id"],
    ["fields", fields],
  ] as const;
  const answer = await ask(context, { method: "GET", path: "admin/inventory-items", query }, Page);
  if (answer.outcome === "failed") return answer;
  const { inventory_items: items, count } = answer.value;
  const end = offset + items.length;
  return { outcome: "ok", value: { items, next: items.length > 0 && end < count ? end : undefined } };
}

export function levelAt({ location_levels: levels }: InventoryItem, locationId: string): Level | undefined {
  return levels?.find((level) => level.location_id === locationId);
}

export function toOnHand({ stocked_quantity: onHand, reserved_quantity: allocated }: Level): OnHandLevel {
  return { onHand, allocated, keptBack: 0 };
}

export function toChannelLevel(item: InventoryItem, locationId: string): ChannelLevel {
  const { id, sku, title } = item;
  const level = levelAt(item, locationId);
  return {
    external: { inventoryItemId: id },
    ...(typeof sku === "string" && sku !== "" && { sku }),
    ...(typeof title === "string" && { title }),
    ...(level !== undefined && { quantity: offeredBy(toOnHand(level)), updatedAt: level.updated_at }),
  };
}
