import { type Adapter, ChannelUnreadableError } from "../../kit/adapter.ts";
import { readable } from "../../kit/api-failure.ts";
import { register } from "../../kit/registered.ts";
import { refuseUrl } from "../../kit/url-guard.ts";
import { check } from "./check.ts";
import { findItems, inventoryItemIdOf, MedusaExternal, readItems, toChannelLevel } from "./levels.ts";
import { poll } from "./poll.ts";
import { publishLevels } from "./publish.ts";
import { MedusaCredentials, MedusaSettings } from "./settings.ts";

/** A Medusa 2 shop, through its Admin API. See docs/channels/medusa.md. */
const adapter: Adapter<MedusaSettings> = {
  kind: "medusa",
  semantics: "on-hand",
  settings: MedusaSettings,
  credentials: MedusaCredentials,
  listing: MedusaExternal,

  refuse({ url }, policy) {
    const detail = refuseUrl(url, policy);
    return detail === undefined ? [] : [{ pointer: "/url", detail }];
  },

  destination: ({ url, locationId }) => JSON.stringify([url, locationId]),

  // Medusa has no limits of its own. A publication is a query or two and one write.
  limits: () => ({ batchMax: 25, concurrency: 2, ratePerSecond: 20, burst: 20 }),

  shown: ({ quantity }) => String(quantity),

  itemKey: inventoryItemIdOf,

  publish: publishLevels,

  check,

  async readPage(context, cursor) {
    const offset = cursor === undefined ? 0 : Number(cursor);
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new ChannelUnreadableError(`not a cursor: ${cursor}`);
    }
    const { items, next } = readable(await readItems(context, offset));
    const { locationId } = context.settings;
    return {
      items: items.map((item) => toChannelLevel(item, locationId)),
      ...(next !== undefined && { next: String(next) }),
    };
  },

  async readListings(context, listings) {
    const { locationId } = context.settings;
    const find = readable(await findItems(context, listings));
    return listings.flatMap((listing) => {
      const item = find(listing);
      return item === undefined ? [] : [toChannelLevel(item, locationId)];
    });
  },

  pollEveryMs: ({ pollSeconds = 1 }) => pollSeconds * 1_000,

  poll,
};

export const medusa = register(adapter);
