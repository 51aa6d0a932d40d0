import { z } from "zod";
import type { Publication, PublishResult } from "../../kit/adapter.ts";
import type { OnHandLevel } from "../../kit/on-hand.ts";
import { type OnHandApi, publishOnHand, type StockedItem } from "../../kit/on-hand-publish.ts";
import { ask, type Document, type VendureContext } from "./client.ts";
import {
  type GlobalSettings,
  isTracked,
  levelOf,
  readShelf,
  type Shelf,
  StockLevels,
  type Variant,
} from "./levels.ts";

const Updated = z.object({
  updateProductVariants: z.array(z.looseObject({ id: z.string(), stockLevels: StockLevels }).nullable()),
});
const updateDocument: Document<z.infer<typeof Updated>> = {
  query:
    "mutation($input:[UpdateProductVariantInput!]!){updateProductVariants(input:$input){id stockLevels{stockLocationId stockOnHand stockAllocated}}}",
  data: Updated,
};

/** A variant as it was read; the settings are needed again to understand what a write made. */
interface Item {
  readonly variant: Variant;
  readonly globalSettings: GlobalSettings;
}

/** Tells the shop, in one read and one write. */
export async function publishLevels(
  context: VendureContext,
  publications: readonly Publication[],
): Promise<PublishResult[]> {
  return publishOnHand(apiOf(context), publications);
}

function apiOf(context: VendureContext): OnHandApi<Item> {
  const { stockLocationId } = context.settings;
  return {
    async read(publications) {
      const shelf = await readShelf(context, publications);
      if (shelf.outcome === "failed") return shelf;
      const found = publications.map((publication) => itemOf(publication, shelf.value, stockLocationId));
      return { outcome: "ok", value: found };
    },
    async write(writes) {
      const input = writes.map(({ item, onHand }) => ({
        id: item.variant.id,
        stockLevels: [{ stockLocationId, stockOnHand: onHand }],
      }));
      const answer = await ask(context, updateDocument, { input });
      if (answer.outcome === "failed") return answer;
      const { updateProductVariants: updated } = answer.value;
      const levels = writes.map(({ item: { variant, globalSettings } }) => {
        const stockLevels = updated.find((candidate) => candidate?.id === variant.id)?.stockLevels ?? [];
        return levelOf(variant, stockLevels, stockLocationId, globalSettings) ?? noLocation(stockLocationId);
      });
      return { outcome: "ok", value: levels };
    },
  };
}

function itemOf(
  publication: Publication,
  { variantsOf, globalSettings }: Shelf,
  stockLocationId: string,
): StockedItem<Item> | PublishResult {
  const [variant, second] = variantsOf(publication);
  if (variant === undefined) {
    const what = publication.external === undefined ? `the SKU ${publication.sku}` : "this id";
    return rejected(`the shop has no product variant with ${what}`);
  }
  if (second !== undefined) {
    return rejected(`several product variants have the SKU ${publication.sku}: name one with \`external\``);
  }
  if (!isTracked(variant, globalSettings)) {
    return rejected(`the shop does not track the inventory of variant ${variant.id}: turn that on there`);
  }
  const level =
    levelOf(variant, variant.stockLevels, stockLocationId, globalSettings) ??
    emptyLevel(variant, globalSettings);
  return { outcome: "stocked", item: { variant, globalSettings }, level };
}

/** A variant that has no level at the location gets one by the write. */
function emptyLevel(variant: Variant, { outOfStockThreshold }: GlobalSettings): OnHandLevel {
  const keptBack = variant.useGlobalOutOfStockThreshold ? outOfStockThreshold : variant.outOfStockThreshold;
  return { onHand: 0, allocated: 0, keptBack };
}

function noLocation(stockLocationId: string): PublishResult {
  return rejected(`the shop says nothing of this variant at stock location ${stockLocationId}`);
}

function rejected(detail: string): PublishResult {
  return { outcome: "rejected", detail };
}
