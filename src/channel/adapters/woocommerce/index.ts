import type { Adapter } from "../../kit/adapter.ts";
import { register } from "../../kit/registered.ts";
import { checkShop } from "./check.ts";
import { itemKey } from "./item.ts";
import { lookUp } from "./look-up.ts";
import { poll, pollEveryMs } from "./poll.ts";
import { publish } from "./publish.ts";
import { readListings, readPage } from "./read.ts";
import { receive } from "./receive.ts";
import { batchDefault, refuse, shopUrl, WooCredentials, WooExternal, WooSettings } from "./settings.ts";

/** A WooCommerce shop, by its REST API v3. See docs/channels/woocommerce.md. */
const adapter: Adapter<WooSettings> = {
  kind: "woocommerce",
  semantics: "available",
  settings: WooSettings,
  // A credential that may be absent is never `undefined`: the schema parses JSON.
  credentials: WooCredentials as Adapter<WooSettings>["credentials"],
  listing: WooExternal,
  refuse,
  destination: shopUrl,
  // WooCommerce names no rate; this leaves a small PHP server free for its buyers.
  limits: ({ batchMax = batchDefault }) => ({ batchMax, concurrency: 2, ratePerSecond: 4, burst: 8 }),
  shown: ({ quantity }) => String(quantity),
  itemKey,
  publish,
  check: checkShop,
  readPage,
  readListings,
  receive,
  lookUp,
  pollEveryMs: () => pollEveryMs,
  poll,
};

export const woocommerce = register(adapter);
