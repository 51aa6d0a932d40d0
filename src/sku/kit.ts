import type { Component } from "../protocol/stock.ts";
import type { ComponentStock } from "../stock/mutation.ts";
import { publishedQuantity } from "../stock/publication.ts";

/** Reads what a kit is made of, and has each component tell the kit of its changes from now on. */
export async function readComponents(
  skus: Env["SKU"],
  kit: string,
  components: readonly Component[],
): Promise<ComponentStock[]> {
  return Promise.all(
    components.map(async ({ sku }) => {
      const stock = await skus.getByName(sku).readFor(kit);
      if (stock === undefined) return { sku, available: 0 };
      const { epoch, version } = stock;
      // Nobody's to build kits of: what belongs to one channel alone.
      return { sku, available: publishedQuantity(stock), epoch, version };
    }),
  );
}
