import { z } from "zod";
import type { External } from "../../../protocol/channel.ts";
import type { ChannelLevel, LevelPage, ListingReference } from "../../kit/adapter.ts";
import { read, type WooContext } from "./client.ts";
import { itemFrom, itemOf, ownId } from "./item.ts";
import { countOf } from "./publish.ts";
import { Product, productFields, toTimestamp } from "./shapes.ts";

const pageSize = 100;

/** Where reading goes on: a page of products, then the variations of the variable ones among them. */
const Cursor = z.strictObject({
  /** The page of products that comes next; 0 after the last one. */
  page: z.int().min(0),
  parents: z.array(z.int()),
  variationPage: z.int().min(1),
});
type Cursor = z.infer<typeof Cursor>;

const start: Cursor = { page: 1, parents: [], variationPage: 1 };

const Products = z.array(Product);

/** One request per call: a page of products, or a page of one product's variations. */
export async function readPage(context: WooContext, text: string | undefined): Promise<LevelPage> {
  const cursor = text === undefined ? start : Cursor.parse(JSON.parse(text));
  const [parent] = cursor.parents;
  return parent === undefined ? productPage(context, cursor.page) : variationPage(context, cursor, parent);
}

async function productPage(context: WooContext, page: number): Promise<LevelPage> {
  const products = await read(context, "products", pageQuery(page), Products);
  const parents = products.filter(({ type }) => type === "variable").map(({ id }) => id);
  const items = products.filter(isStocked).flatMap((product) => levelOf(product, itemFrom(product.id, 0)));
  const isLast = products.length < pageSize;
  return {
    items,
    next: nextOf({ page: isLast ? 0 : page + 1, parents, variationPage: 1 }),
  };
}

async function variationPage(context: WooContext, cursor: Cursor, parent: number): Promise<LevelPage> {
  const { page, parents, variationPage: at } = cursor;
  const variations = await read(context, `products/${parent}/variations`, pageQuery(at), Products);
  const items = variations.flatMap((variation) => levelOf(variation, itemFrom(parent, variation.id)));
  const isLast = variations.length < pageSize;
  return {
    items,
    next: nextOf({ page, parents: isLast ? parents.slice(1) : parents, variationPage: isLast ? 1 : at + 1 }),
  };
}

/** What the shop shows of these listings. */
export async function readListings(
  context: WooContext,
  listings: readonly ListingReference[],
): Promise<ChannelLevel[]> {
  const items = listings.flatMap(({ external }) => itemOf(external) ?? []);
  const byParent = Map.groupBy(items, ({ productId, variationId }) =>
    variationId === undefined ? "" : productId,
  );
  const levels: ChannelLevel[] = [];
  for (const [parent, own] of byParent) {
    const path = parent === "" ? "products" : `products/${parent}/variations`;
    const ids = [...new Set(own.map(ownId))];
    const query = { include: ids.join(","), per_page: String(pageSize), _fields: productFields };
    for (const product of await read(context, path, query, Products)) {
      const external = parent === "" ? itemFrom(product.id, 0) : itemFrom(Number(parent), product.id);
      levels.push(...levelOf(product, external));
    }
  }
  return levels;
}

/** A variable product has stock of its own only if it counts it for its variations. */
function isStocked(product: Product): boolean {
  if (product.type === "grouped" || product.type === "external") return false;
  return product.type !== "variable" || product.manage_stock === true;
}

function levelOf(product: Product, external: External | undefined): ChannelLevel[] {
  if (external === undefined) return [];
  const sku = product.sku ?? "";
  const name = product.name ?? "";
  const quantity = countOf(product);
  const level: ChannelLevel = {
    external,
    ...(sku !== "" && { sku }),
    ...(name !== "" && { title: name }),
    ...(quantity !== undefined && { quantity }),
    ...(product.date_modified_gmt && { updatedAt: toTimestamp(product.date_modified_gmt) }),
  };
  return [level];
}

/** In the order of ids, so that a product that is added meanwhile moves no other. */
function pageQuery(page: number): Record<string, string> {
  return {
    page: String(page),
    per_page: String(pageSize),
    orderby: "id",
    order: "asc",
    _fields: productFields,
  };
}

function nextOf(cursor: Cursor): string | undefined {
  return cursor.page === 0 && cursor.parents.length === 0 ? undefined : JSON.stringify(cursor);
}
