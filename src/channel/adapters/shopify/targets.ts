import type { Publication, PublishResult } from "../../kit/adapter.ts";
import { itemKey } from "./ids.ts";

/** An item and what it is to have. */
export interface Target {
  /** Of the publication. */
  readonly index: number;
  readonly itemId: string;
  readonly publication: Publication;
  /** What it must have before; null if that is not known. */
  readonly changeFrom: number | null;
}

/** One target for each item: no two quantities of one request may be for the same item. */
export function targetsOf(
  publications: readonly Publication[],
  results: Map<number, PublishResult>,
): Target[] {
  const byItem = new Map<string, Target>();
  for (const [index, publication] of publications.entries()) {
    const { external, expected } = publication;
    if (external === undefined) {
      const detail =
        "the listing has no `external`, so its inventory item is not known: give it one, or import the shop's listings";
      results.set(index, { outcome: "rejected", detail });
      continue;
    }
    const itemId = itemKey(external);
    const other = byItem.get(itemId);
    if (other === undefined) {
      byItem.set(itemId, { index, itemId, publication, changeFrom: expected ?? null });
    } else {
      const detail = `the listing of ${other.publication.sku} has the same inventory item: an item shows one SKU's stock`;
      results.set(index, { outcome: "rejected", detail });
    }
  }
  // So that the same items make the same request, in whatever order they come.
  return [...byItem.values()].sort((a, b) => (a.itemId < b.itemId ? -1 : 1));
}
