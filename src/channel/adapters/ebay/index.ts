import type { Adapter } from "../../kit/adapter.ts";
import { register } from "../../kit/registered.ts";
import { check } from "./check.ts";
import { itemKey } from "./item.ts";
import { lookUp, poll } from "./poll.ts";
import { publish } from "./publish.ts";
import { readListings, readPage } from "./read.ts";
import { receive } from "./receive.ts";
import { baseUrl, EbayCredentials, EbayListing, EbaySettings, pollEveryMs, refuse } from "./settings.ts";

/** Offers of a seller, through eBay's Inventory, Fulfillment and Notification APIs. See docs/channels/ebay.md. */
const adapter: Adapter<EbaySettings> = {
  kind: "ebay",
  semantics: "available",
  settings: EbaySettings,
  credentials: EbayCredentials,
  listing: EbayListing,
  refuse,
  destination: baseUrl,

  // 25 items a request are eBay's limit. Ten a second stay below the daily quota of an application, comparisons included.
  limits: () => ({ batchMax: 25, concurrency: 3, ratePerSecond: 10, burst: 10 }),

  shown: ({ quantity }) => String(quantity),
  itemKey,
  publish,
  check,
  readPage,
  readListings,
  receive,
  lookUp,
  pollEveryMs,
  poll,
};

export const ebay = register(adapter);
