import type { Adapter } from "../../kit/adapter.ts";
import { register } from "../../kit/registered.ts";
import { check } from "./check.ts";
import { itemKey } from "./item.ts";
import { acknowledge, poll } from "./poll.ts";
import { publish } from "./publish.ts";
import { readListings, readPage } from "./read.ts";
import {
  AmazonCredentials,
  AmazonListing,
  AmazonSettings,
  baseUrl,
  channelCode,
  pollEveryMs,
  refuse,
} from "./settings.ts";

/** Offers that the seller ships, through Amazon's Selling Partner API. See docs/channels/amazon.md. */
const adapter: Adapter<AmazonSettings> = {
  kind: "amazon",
  semantics: "available",
  settings: AmazonSettings,
  credentials: AmazonCredentials,
  listing: AmazonListing.optional(),
  refuse,

  destination: (settings) =>
    [baseUrl(settings), settings.sellerId, settings.marketplaceId, channelCode(settings)].join(" "),

  // Listings Items API: 5 a second, burst 5, by seller and app. Three at once leave room for the queue's long poll.
  limits: () => ({ batchMax: 1, concurrency: 3, ratePerSecond: 5, burst: 5 }),

  shown: ({ quantity }) => String(quantity),
  itemKey,
  publish,
  check,
  readPage,
  readListings,
  pollEveryMs,
  poll,
  acknowledge,
};

export const amazon = register(adapter);
