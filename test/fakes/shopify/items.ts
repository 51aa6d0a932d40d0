import { connection, type Page } from "./connection.ts";

/** An inventory item, and the variant that it is of. */
export interface FakeItem {
  readonly id: number;
  readonly variantId: number;
  sku: string;
  title: string;
  isTracked: boolean;
  /** A bundle's parent: its quantity follows from its components. */
  isBundle: boolean;
  requiresShipping: boolean;
  /** Handle of a fulfilment service; `manual` is the merchant. */
  fulfillmentService: string;
  readonly levels: Map<number, FakeLevel>;
}

export interface FakeLevel {
  available: number;
  committed: number;
  isActive: boolean;
  updatedAtMs: number;
}

export interface FakeLocation {
  readonly id: number;
  readonly name: string;
  isActive: boolean;
}

export const gid = (kind: string, id: number | string): string => `gid://shopify/${kind}/${id}`;

/** The number in a global id of this kind; undefined if it is of another. */
export function idIn(kind: string, text: string): number | undefined {
  const match = new RegExp(`^gid://shopify/${kind}/(\\d+)$`).exec(text);
  return match === null ? undefined : Number(match[1]);
}

/** What the shop stocks where. */
export class Items {
  readonly locations = new Map<number, FakeLocation>();
  readonly #items = new Map<number, FakeItem>();
  #nextId = 41_000_000_000_001;

  add(
    sku: string,
    available: number | undefined,
    locationId: number,
    nowMs: number,
    more: Partial<FakeItem> = {},
  ): FakeItem {
    const id = this.#nextId;
    this.#nextId += 1;
    const item: FakeItem = {
      id,
      variantId: id + 3_000_000_000_000,
      sku,
      title: `Tee - ${sku}`,
      isTracked: true,
      isBundle: false,
      requiresShipping: true,
      fulfillmentService: "manual",
      levels: new Map(),
      ...more,
    };
    if (available !== undefined) {
      item.levels.set(locationId, { available, committed: 0, isActive: true, updatedAtMs: nowMs });
    }
    this.#items.set(id, item);
    return item;
  }

  find(id: number | undefined): FakeItem | undefined {
    return id === undefined ? undefined : this.#items.get(id);
  }

  /** The level that counts; a location that was taken off the item has one that does not. */
  level(item: FakeItem, locationId: number | undefined): FakeLevel | undefined {
    const level = locationId === undefined ? undefined : item.levels.get(locationId);
    return level?.isActive === true ? level : undefined;
  }

  /** Puts an item on a location's shelf: with 0, or with what it had there before. */
  stock(item: FakeItem, locationId: number, nowMs: number): FakeLevel {
    const level = item.levels.get(locationId) ?? {
      available: 0,
      committed: 0,
      isActive: true,
      updatedAtMs: nowMs,
    };
    level.isActive = true;
    item.levels.set(locationId, level);
    return level;
  }

  page(args: Page): unknown {
    return connection([...this.#items.values()], args, (item) => this.view(item));
  }

  view(item: FakeItem): object {
    return {
      __typename: "InventoryItem",
      id: gid("InventoryItem", item.id),
      sku: item.sku === "" ? null : item.sku,
      tracked: item.isTracked,
      requiresShipping: item.requiresShipping,
      duplicateSkuCount: [...this.#items.values()].filter(({ sku }) => sku === item.sku).length - 1,
      inventoryLevel: ({ locationId }: { locationId: string }) => {
        const id = idIn("Location", locationId);
        const level = this.level(item, id);
        return level && id !== undefined ? levelView(item, id, level) : null;
      },
      variants: (args: Page) => connection([item], args, () => this.variantView(item)),
    };
  }

  variantView(item: FakeItem): object {
    return {
      __typename: "ProductVariant",
      id: gid("ProductVariant", item.variantId),
      displayName: item.title,
      sku: item.sku,
      inventoryItem: () => this.view(item),
    };
  }
}

export function levelView(item: FakeItem, locationId: number, level: FakeLevel): object {
  const updatedAt = new Date(level.updatedAtMs).toISOString();
  return {
    id: `${gid("InventoryLevel", locationId)}?inventory_item_id=${item.id}`,
    isActive: level.isActive,
    updatedAt,
    quantities: ({ names }: { names: readonly string[] }) =>
      names.map((name) => ({
        id: `${gid("InventoryQuantity", item.id)}?name=${name}`,
        name,
        quantity: name === "committed" ? level.committed : level.available,
        updatedAt,
      })),
  };
}
