import { z } from "zod";
import { document } from "./document.ts";
import { maybe } from "./maybe.ts";

/** Set quantities in one mutation; the API takes no longer arrays. */
export const quantitiesMax = 250;

/** Items read in one request: 250 would cost more than one request may. */
export const levelsMax = 100;
const itemsInPage = 50;

/** One quantity of `InventorySetQuantitiesInput`. */
export interface QuantityInput {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly quantity: number;
  /** What the location must have now; null sets it whatever it has. Must be there either way. */
  readonly changeFromQuantity: number | null;
}

/** An error that Shopify finds in what it was given; `field` is the path to it. */
export const UserError = z.looseObject({
  code: maybe(z.string()),
  field: maybe(z.array(z.string())),
  message: z.string(),
});
export type UserError = z.infer<typeof UserError>;

const Quantities = z.array(z.looseObject({ quantity: z.int(), updatedAt: maybe(z.string()) }));
const Level = maybe(z.looseObject({ isActive: z.boolean(), updatedAt: z.string(), quantities: Quantities }));

const Item = z.looseObject({
  id: z.string(),
  sku: maybe(z.string()),
  tracked: z.boolean(),
  inventoryLevel: Level,
  variants: maybe(
    z.looseObject({ nodes: z.array(z.looseObject({ id: z.string(), displayName: z.string() })) }),
  ),
});
export type Item = z.infer<typeof Item>;

/** Nodes by id; those that are not there are null. */
const Nodes = <Node extends z.ZodType>(node: Node) => z.looseObject({ nodes: z.array(maybe(node)) });

/** Sets available quantities, all of them or none. */
export const setQuantities = document<{
  readonly key: string;
  readonly input: {
    readonly name: "available";
    readonly reason: string;
    readonly referenceDocumentUri: string;
    readonly quantities: readonly QuantityInput[];
  };
}>()(
  "StockwireSet",
  `mutation StockwireSet($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    userErrors { code field message }
  }
}`,
  z.looseObject({ inventorySetQuantities: z.looseObject({ userErrors: z.array(UserError) }) }),
);

/** Stocks an item at a location. What it had there before it was taken off is there again. */
export const activate = document<{
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly key: string;
}>()(
  "StockwireStock",
  `mutation StockwireStock($inventoryItemId: ID!, $locationId: ID!, $key: String!) {
  inventoryActivate(inventoryItemId: $inventoryItemId, locationId: $locationId) @idempotent(key: $key) {
    inventoryLevel { isActive updatedAt quantities(names: ["available"]) { quantity updatedAt } }
    userErrors { field message }
  }
}`,
  z.looseObject({
    inventoryActivate: z.looseObject({ inventoryLevel: Level, userErrors: z.array(UserError) }),
  }),
);

/** What items have at a location. */
export const readLevels = document<{ readonly ids: readonly string[]; readonly locationId: string }>()(
  "StockwireLevels",
  `query StockwireLevels($ids: [ID!]!, $locationId: ID!) {
  nodes(ids: $ids) {
    ... on InventoryItem {
      id
      inventoryLevel(locationId: $locationId) {
        isActive updatedAt quantities(names: ["available"]) { quantity updatedAt }
      }
    }
  }
}`,
  Nodes(z.looseObject({ id: z.string(), inventoryLevel: Level })),
);

const itemFields = `fragment StockwireItem on InventoryItem {
  id sku tracked
  inventoryLevel(locationId: $locationId) {
    isActive updatedAt quantities(names: ["available"]) { quantity updatedAt }
  }
  variants(first: 1) { nodes { id displayName } }
}`;

/** Everything about some items. */
export const readItems = document<{ readonly ids: readonly string[]; readonly locationId: string }>()(
  "StockwireItems",
  `query StockwireItems($ids: [ID!]!, $locationId: ID!) {
  nodes(ids: $ids) { ... on InventoryItem { ...StockwireItem } }
}
${itemFields}`,
  Nodes(Item),
);

/** Pages through all items of the shop. */
export const pageItems = document<{ readonly after: string | null; readonly locationId: string }>()(
  "StockwireItemPage",
  `query StockwireItemPage($after: String, $locationId: ID!) {
  inventoryItems(first: ${itemsInPage}, after: $after) {
    nodes { ...StockwireItem }
    pageInfo { hasNextPage endCursor }
  }
}
${itemFields}`,
  z.looseObject({
    inventoryItems: z.looseObject({
      nodes: z.array(Item),
      pageInfo: z.looseObject({ hasNextPage: z.boolean(), endCursor: maybe(z.string()) }),
    }),
  }),
);

/** The available quantity of a level; undefined if the item is not stocked there. */
export function availableOf(level: z.infer<typeof Level>): number | undefined {
  return level?.isActive === true ? level.quantities[0]?.quantity : undefined;
}
