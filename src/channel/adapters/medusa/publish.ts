import { z } from "zod";
import type { Publication, PublishResult } from "../../kit/adapter.ts";
import { type OnHandApi, publishOnHand, type StockedItem } from "../../kit/on-hand-publish.ts";
import { ask, type MedusaContext } from "./client.ts";
import { findItems, type InventoryItem, Level, levelAt, toOnHand } from "./levels.ts";

const Written = z.looseObject({ created: z.array(Level), updated: z.array(Level) });

/** Tells the shop, in one read and one write. */
export async function publishLevels(
  context: MedusaContext,
  publications: readonly Publication[],
): Promise<PublishResult[]> {
  return publishOnHand(apiOf(context), publications);
}

function apiOf(context: MedusaContext): OnHandApi<InventoryItem> {
  const { locationId } = context.settings;
  return {
    async read(publications) {
      const found = await findItems(context, publications);
      if (found.outcome === "failed") return found;
      return {
        outcome: "ok",
        value: publications.map((publication) =>
          stockedItem(publication, found.value(publication), locationId),
        ),
      };
    },
    async write(writes) {
      const create: object[] = [];
      const update: object[] = [];
      for (const { item, onHand } of writes) {
        const level = { inventory_item_id: item.id, location_id: locationId, stocked_quantity: onHand };
        (levelAt(item, locationId) === undefined ? create : update).push(level);
      }
      const path = "admin/inventory-items/location-levels/batch";
      const answer = await ask(context, { method: "POST", path, body: { create, update } }, Written);
      if (answer.outcome === "failed") return answer;
      const levels = [...answer.value.created, ...answer.value.updated];
      return {
        outcome: "ok",
        value: writes.map(({ item }) => {
          const level = levels.find((candidate) => candidate.inventory_item_id === item.id);
          return level === undefined ? silent(item, locationId) : toOnHand(level);
        }),
      };
    },
  };
}

function stockedItem(
  publication: Publication,
  item: InventoryItem | undefined,
  locationId: string,
): StockedItem<InventoryItem> | PublishResult {
  if (item === undefined) {
    const what = publication.external === undefined ? `the SKU ${publication.sku}` : "this id";
    return { outcome: "rejected", detail: `the shop has no inventory item with ${what}` };
  }
  const level = levelAt(item, locationId);
  // An item that is not stocked at the location yet gets its level by the write.
  const nothing = { onHand: 0, allocated: 0, keptBack: 0 };
  return { outcome: "stocked", item, level: level === undefined ? nothing : toOnHand(level) };
}

function silent({ id }: InventoryItem, locationId: string): PublishResult {
  return { outcome: "retry", detail: `the shop does not say what ${id} has at ${locationId} now` };
}
