import { type Adapter, ChannelUnreadableError } from "../../kit/adapter.ts";
import { readable } from "../../kit/api-failure.ts";
import { register } from "../../kit/registered.ts";
import { refuseUrl } from "../../kit/url-guard.ts";
import { check } from "./check.ts";
import { readShelf, readVariants, toChannelLevel, variantIdOf, VendureExternal } from "./levels.ts";
import { poll } from "./poll.ts";
import { publishLevels } from "./publish.ts";
import { VendureCredentials, VendureSettings } from "./settings.ts";

/** A Vendure 3 shop, through its Admin API. See docs/channels/vendure.md. */
const adapter: Adapter<VendureSettings> = {
  kind: "vendure",
  semantics: "on-hand",
  settings: VendureSettings,
  credentials: VendureCredentials,
  listing: VendureExternal,

  refuse({ url }, policy) {
    const detail = refuseUrl(url, policy);
    return detail === undefined ? [] : [{ pointer: "/url", detail }];
  },

  destination: ({ url, stockLocationId }) => JSON.stringify([url, stockLocationId]),

  // Vendure has no limits of its own. A publication is one query and one mutation, of variants one after another.
  limits: () => ({ batchMax: 20, concurrency: 2, ratePerSecond: 20, burst: 20 }),

  shown: ({ quantity }) => String(quantity),

  itemKey: variantIdOf,

  publish: publishLevels,

  check,

  async readPage(context, cursor) {
    const skip = cursor === undefined ? 0 : Number(cursor);
    if (!Number.isSafeInteger(skip) || skip < 0) throw new ChannelUnreadableError(`not a cursor: ${cursor}`);
    const { items, globalSettings, next } = readable(await readVariants(context, skip));
    const { stockLocationId } = context.settings;
    return {
      items: items.map((variant) => toChannelLevel(variant, stockLocationId, globalSettings)),
      ...(next !== undefined && { next: String(next) }),
    };
  },

  async readListings(context, listings) {
    const { globalSettings, variantsOf } = readable(await readShelf(context, listings));
    const { stockLocationId } = context.settings;
    return listings.flatMap((listing) => {
      const variants = variantsOf(listing);
      return variants.map((variant) => toChannelLevel(variant, stockLocationId, globalSettings));
    });
  },

  pollEveryMs: ({ pollSeconds = 1 }) => pollSeconds * 1_000,

  poll,
};

export const vendure = register(adapter);
