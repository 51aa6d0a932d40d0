import type { Adapter } from "../../kit/adapter.ts";
import { register } from "../../kit/registered.ts";
import { checkShop } from "./check.ts";
import { itemKey } from "./ids.ts";
import { quantitiesMax } from "./inventory.ts";
import { lookUp } from "./look-up.ts";
import { publish } from "./publish.ts";
import { readListings, readPage } from "./read.ts";
import { receive } from "./receive.ts";
import { destination, refuse, ShopifyCredentials, ShopifyExternal, ShopifySettings } from "./settings.ts";

/** A Shopify shop, by its GraphQL Admin API. See docs/channels/shopify.md. */
const adapter: Adapter<ShopifySettings> = {
  kind: "shopify",
  semantics: "available",
  settings: ShopifySettings,
  credentials: ShopifyCredentials,
  // An id that may be absent is never `undefined`: the schema parses JSON.
  listing: ShopifyExternal as Adapter<ShopifySettings>["listing"],
  refuse,
  destination,
  // A mutation costs 10 points, and the smallest plan restores 100 a second; reading needs some too. What the shop
  // really has left, it says with every answer: see budget.ts.
  limits: () => ({ batchMax: quantitiesMax, concurrency: 4, ratePerSecond: 8, burst: 20 }),
  shown: ({ quantity }) => String(quantity),
  itemKey,
  publish,
  check: checkShop,
  readPage,
  readListings,
  receive,
  lookUp,
};

export const shopify = register(adapter);
