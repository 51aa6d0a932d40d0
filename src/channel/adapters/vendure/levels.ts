import { z } from "zod";
import type { External } from "../../../protocol/channel.ts";
import { ExternalId } from "../../../protocol/primitives.ts";
import type { ChannelLevel, ListingReference } from "../../kit/adapter.ts";
import type { ApiAnswer } from "../../kit/api-failure.ts";
import { offeredBy, type OnHandLevel } from "../../kit/on-hand.ts";
import { ask, type Document, type VendureContext } from "./client.ts";

/** A listing's `external`: the product variant, as text or named; without it the variant is found by its SKU. */
export const VendureExternal = z
  .union([ExternalId, z.strictObject({ variantId: ExternalId })])
  .optional()
  .meta({ description: "The product variant's id", example: { variantId: "42" } });

export function variantIdOf(external: External): string {
  if (typeof external === "string") return external;
  return external["variantId"] ?? "";
}

const Flag = z.enum(["TRUE", "FALSE", "INHERIT"]);

export const StockLevels = z.array(
  z.looseObject({
    stockLocationId: z.string(),
    stockOnHand: z.int(),
    stockAllocated: z.int(),
    updatedAt: z.string().optional(),
  }),
);
export type StockLevels = z.infer<typeof StockLevels>;

const Variant = z.looseObject({
  id: z.string(),
  sku: z.string(),
  name: z.string(),
  trackInventory: Flag,
  useGlobalOutOfStockThreshold: z.boolean(),
  outOfStockThreshold: z.int(),
  stockLevels: StockLevels,
});
export type Variant = z.infer<typeof Variant>;

export const GlobalSettings = z.looseObject({ trackInventory: z.boolean(), outOfStockThreshold: z.int() });
export type GlobalSettings = z.infer<typeof GlobalSettings>;

const variantFields =
  "items{id sku name trackInventory useGlobalOutOfStockThreshold outOfStockThreshold stockLevels{stockLocationId stockOnHand stockAllocated updatedAt}}";
const globalFields = "globalSettings{trackInventory outOfStockThreshold}";

const Found = z.object({
  byId: z.object({ items: z.array(Variant) }),
  bySku: z.object({ items: z.array(Variant) }),
  globalSettings: GlobalSettings,
});
const findDocument: Document<z.infer<typeof Found>> = {
  query: `query($ids:[String!]!,$skus:[String!]!,$take:Int!){byId:productVariants(options:{filter:{id:{in:$ids}},take:$take}){${variantFields}} bySku:productVariants(options:{filter:{sku:{in:$skus}},take:$take}){${variantFields}} ${globalFields}}`,
  data: Found,
};

/** Variants of listings, and what holds for all of them. */
export interface Shelf {
  readonly globalSettings: GlobalSettings;
  /** The variants that a listing means: none, one, or several with the same SKU. */
  readonly variantsOf: (listing: ListingReference) => readonly Variant[];
}

/** Reads the variants of up to 50 listings. */
export async function readShelf(
  context: VendureContext,
  listings: readonly ListingReference[],
): Promise<ApiAnswer<Shelf>> {
  const ids = listings.flatMap(({ external }) => (external === undefined ? [] : variantIdOf(external)));
  const skus = listings.flatMap(({ sku, external }) => (external === undefined ? sku : []));
  // Twice as many by SKU: a shop may have one on two variants, and both must be seen to say so.
  const answer = await ask(context, findDocument, { ids, skus, take: listings.length * 2 });
  if (answer.outcome === "failed") return answer;
  const { byId, bySku, globalSettings } = answer.value;
  const variantsOf = ({ sku, external }: ListingReference): readonly Variant[] => {
    if (external === undefined) return bySku.items.filter((variant) => variant.sku === sku);
    const id = variantIdOf(external);
    return byId.items.filter((variant) => variant.id === id);
  };
  return { outcome: "ok", value: { globalSettings, variantsOf } };
}

const pageSize = 100;
const Page = z.object({
  productVariants: z.object({ items: z.array(Variant), totalItems: z.int() }),
  globalSettings: GlobalSettings,
});
const pageDocument: Document<z.infer<typeof Page>> = {
  query: `query($skip:Int!,$take:Int!){productVariants(options:{skip:$skip,take:$take,sort:{id:ASC}}){totalItems ${variantFields}} ${globalFields}}`,
  data: Page,
};

/** A page of all variants, and the number of the first one after it. */
export async function readVariants(
  context: VendureContext,
  skip: number,
): Promise<ApiAnswer<{ items: Variant[]; globalSettings: GlobalSettings; next: number | undefined }>> {
  const answer = await ask(context, pageDocument, { skip, take: pageSize });
  if (answer.outcome === "failed") return answer;
  const { productVariants, globalSettings } = answer.value;
  const end = skip + productVariants.items.length;
  const next = productVariants.items.length > 0 && end < productVariants.totalItems ? end : undefined;
  return { outcome: "ok", value: { items: productVariants.items, globalSettings, next } };
}

/** What a variant has at our location; undefined if it is not stocked there. */
export function levelOf(
  variant: Variant,
  stockLevels: StockLevels,
  stockLocationId: string,
  globalSettings: GlobalSettings,
): OnHandLevel | undefined {
  const level = stockLevels.find((candidate) => candidate.stockLocationId === stockLocationId);
  if (level === undefined) return undefined;
  const { useGlobalOutOfStockThreshold: isGlobal, outOfStockThreshold } = variant;
  const keptBack = isGlobal ? globalSettings.outOfStockThreshold : outOfStockThreshold;
  return { onHand: level.stockOnHand, allocated: level.stockAllocated, keptBack };
}

/** Whether Vendure counts this variant at all. */
export function isTracked(
  { trackInventory }: Pick<Variant, "trackInventory">,
  settings: GlobalSettings,
): boolean {
  return trackInventory === "INHERIT" ? settings.trackInventory : trackInventory === "TRUE";
}

export function toChannelLevel(
  variant: Variant,
  stockLocationId: string,
  globalSettings: GlobalSettings,
): ChannelLevel {
  const { id, sku, name, stockLevels } = variant;
  const level = isTracked(variant, globalSettings)
    ? levelOf(variant, stockLevels, stockLocationId, globalSettings)
    : undefined;
  const updatedAt = stockLevels.find((candidate) => candidate.stockLocationId === stockLocationId)?.updatedAt;
  return {
    external: { variantId: id },
    ...(sku !== "" && { sku }),
    title: name,
    ...(level !== undefined && { quantity: offeredBy(level) }),
    ...(updatedAt !== undefined && { updatedAt }),
  };
}
