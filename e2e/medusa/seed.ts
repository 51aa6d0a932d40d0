import { z } from "zod";
import { type Api, thing } from "./api.ts";

/** What a checkout needs to know of the shop. */
export interface Seeded {
  readonly locationId: string;
  readonly regionId: string;
  readonly shippingOptionId: string;
  /** Tells a storefront's requests apart. */
  readonly publishableKey: string;
  readonly variants: ReadonlyMap<string, string>;
  readonly inventoryItems: ReadonlyMap<string, string>;
}

const Anything = z.looseObject({});
const Key = z.looseObject({ api_key: z.looseObject({ id: z.string(), token: z.string() }) });

/** An administrator's token, good for a day. */
export async function logIn(shop: Api, administrator: object): Promise<string> {
  const Token = z.looseObject({ token: z.string() });
  return (await shop.ask("POST", "/auth/user/emailpass", administrator, Token)).token;
}

export async function makeSecretKey(admin: Api): Promise<string> {
  const { api_key: key } = await admin.ask(
    "POST",
    "/admin/api-keys",
    { title: "Stockwire", type: "secret" },
    Key,
  );
  return key.token;
}

/** Fills a new shop: a location that ships to Germany, a way to pay, and a product for each SKU. */
export async function seed(admin: Api, skus: readonly string[]): Promise<Seeded> {
  const salesChannelId = await salesChannel(admin);
  const { stock_location: location } = await admin.ask(
    "POST",
    "/admin/stock-locations",
    { name: "Warehouse" },
    thing("stock_location"),
  );
  await admin.ask(
    "POST",
    `/admin/stock-locations/${location.id}/sales-channels`,
    { add: [salesChannelId] },
    Anything,
  );
  const region = {
    name: "Europe",
    currency_code: "eur",
    countries: ["de"],
    payment_providers: ["pp_system_default"],
  };
  const { region: made } = await admin.ask("POST", "/admin/regions", region, thing("region"));
  const profileId = await shippingProfile(admin);
  const shippingOptionId = await shipping(admin, location.id, profileId);
  const variants = new Map<string, string>();
  const inventoryItems = new Map<string, string>();
  for (const sku of skus) {
    variants.set(sku, await addProduct(admin, sku, salesChannelId, profileId));
    inventoryItems.set(sku, await inventoryItem(admin, sku));
  }
  return {
    locationId: location.id,
    regionId: made.id,
    shippingOptionId,
    publishableKey: await publishableKey(admin, salesChannelId),
    variants,
    inventoryItems,
  };
}

async function salesChannel(admin: Api): Promise<string> {
  const Channels = z.looseObject({ sales_channels: z.array(z.looseObject({ id: z.string() })) });
  const { sales_channels: known } = await admin.ask("GET", "/admin/sales-channels", undefined, Channels);
  if (known[0] !== undefined) return known[0].id;
  const made = await admin.ask("POST", "/admin/sales-channels", { name: "Web" }, thing("sales_channel"));
  return made.sales_channel.id;
}

async function shippingProfile(admin: Api): Promise<string> {
  const Profiles = z.looseObject({ shipping_profiles: z.array(z.looseObject({ id: z.string() })) });
  const { shipping_profiles: known } = await admin.ask(
    "GET",
    "/admin/shipping-profiles",
    undefined,
    Profiles,
  );
  if (known[0] !== undefined) return known[0].id;
  const profile = { name: "Default", type: "default" };
  const made = await admin.ask("POST", "/admin/shipping-profiles", profile, thing("shipping_profile"));
  return made.shipping_profile.id;
}

async function shipping(admin: Api, locationId: string, profileId: string): Promise<string> {
  const place = `/admin/stock-locations/${locationId}`;
  await admin.ask("POST", `${place}/fulfillment-providers`, { add: ["manual_manual"] }, Anything);
  await admin.ask("POST", `${place}/fulfillment-sets`, { name: "Shipping", type: "shipping" }, Anything);
  const Sets = z.looseObject({
    stock_location: z.looseObject({ fulfillment_sets: z.array(z.looseObject({ id: z.string() })).min(1) }),
  });
  const sets = await admin.ask("GET", `${place}?fields=*fulfillment_sets`, undefined, Sets);
  const Zones = z.looseObject({
    fulfillment_set: z.looseObject({ service_zones: z.array(z.looseObject({ id: z.string() })).min(1) }),
  });
  const zones = await admin.ask(
    "POST",
    `/admin/fulfillment-sets/${sets.stock_location.fulfillment_sets[0]?.id}/service-zones`,
    { name: "Germany", geo_zones: [{ type: "country", country_code: "de" }] },
    Zones,
  );
  const option = {
    name: "Standard",
    price_type: "flat",
    provider_id: "manual_manual",
    service_zone_id: zones.fulfillment_set.service_zones[0]?.id,
    shipping_profile_id: profileId,
    type: { label: "Standard", description: "Standard", code: "standard" },
    prices: [{ currency_code: "eur", amount: 5 }],
    data: {},
  };
  const made = await admin.ask("POST", "/admin/shipping-options", option, thing("shipping_option"));
  return made.shipping_option.id;
}

async function addProduct(
  admin: Api,
  sku: string,
  salesChannelId: string,
  profileId: string,
): Promise<string> {
  const Product = z.looseObject({
    product: z.looseObject({ variants: z.array(z.looseObject({ id: z.string() })).min(1) }),
  });
  const variant = {
    title: "M",
    sku,
    manage_inventory: true,
    options: { Size: "M" },
    prices: [{ amount: 10, currency_code: "eur" }],
  };
  const product = {
    title: sku,
    status: "published",
    shipping_profile_id: profileId,
    sales_channels: [{ id: salesChannelId }],
    options: [{ title: "Size", values: ["M"] }],
    variants: [variant],
  };
  const made = await admin.ask("POST", "/admin/products", product, Product);
  return made.product.variants[0]?.id ?? "";
}

async function inventoryItem(admin: Api, sku: string): Promise<string> {
  const Items = z.looseObject({ inventory_items: z.array(z.looseObject({ id: z.string() })).min(1) });
  const path = `/admin/inventory-items?sku=${encodeURIComponent(sku)}`;
  return (await admin.ask("GET", path, undefined, Items)).inventory_items[0]?.id ?? "";
}

async function publishableKey(admin: Api, salesChannelId: string): Promise<string> {
  const { api_key: key } = await admin.ask(
    "POST",
    "/admin/api-keys",
    { title: "Storefront", type: "publishable" },
    Key,
  );
  await admin.ask("POST", `/admin/api-keys/${key.id}/sales-channels`, { add: [salesChannelId] }, Anything);
  return key.token;
}
