import { describe, expect, test } from "vitest";
import type { ChannelLevel } from "../../../../src/channel/kit/adapter.ts";
import { topics } from "../../../../src/channel/adapters/shopify/check.ts";
import { shopify } from "../../../../src/channel/adapters/shopify/index.ts";
import { gid } from "../../../fakes/shopify/items.ts";
import { versions } from "../../../fakes/shopify/schema.ts";
import { publicationOf, ShopifyWorld } from "./shopify-world.ts";

async function readAll(world: ShopifyWorld): Promise<ChannelLevel[]> {
  const levels: ChannelLevel[] = [];
  let cursor: string | undefined;
  do {
    const page = await world.channel.readPage(cursor);
    levels.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return levels;
}

describe.each(versions)("reading a Shopify shop, %s", (apiVersion) => {
  test("pages through all items, each once, within what a request may cost", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const items = Array.from({ length: 120 }, (_, number) => world.shop.item(`SKU-${number}`, number));
    const levels = await readAll(world);
    expect(levels.map(({ sku, quantity }) => [sku, quantity])).toEqual(
      items.map(({ sku }, number) => [sku, number]),
    );
    expect(world.shop.admin.operations).toEqual([
      "StockwireItemPage",
      "StockwireItemPage",
      "StockwireItemPage",
    ]);
  });

  test("an item says what it is; what is not counted or not stocked there has no quantity", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const tee = world.shop.item("TEE-S", 5);
    world.shop.item("SERVICE", 3, { isTracked: false });
    world.shop.item("ELSEWHERE", undefined);
    world.shop.item("", 1);
    world.shop.item("TEE-S", 2);
    const levels = await readAll(world);
    expect(levels[0]).toEqual({
      external: {
        inventoryItemId: gid("InventoryItem", tee.id),
        variantId: gid("ProductVariant", tee.variantId),
      },
      sku: "TEE-S",
      title: "Tee - TEE-S",
      quantity: 5,
      updatedAt: "2026-11-23T09:00:00.500Z",
    });
    expect(levels.map(({ sku, quantity }) => [sku, quantity])).toEqual([
      ["TEE-S", 5],
      ["SERVICE", undefined],
      ["ELSEWHERE", undefined],
      [undefined, 1],
      ["TEE-S", 2],
    ]);
  });

  test("reads up to 50 listings in one request, and leaves out what the shop does not know", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const items = Array.from({ length: 48 }, (_, number) => world.shop.item(`SKU-${number}`, number));
    const listings = items.map(({ id, sku }) => ({ sku, external: { inventoryItemId: String(id) } }));
    const unknown = { sku: "GONE", external: { inventoryItemId: gid("InventoryItem", 99) } };
    const levels = await world.channel.readListings([...listings, unknown, { sku: "NAMELESS" }]);
    expect(levels.map(({ quantity }) => quantity)).toEqual(items.map((_, number) => number));
    expect(world.shop.admin.operations).toEqual(["StockwireItems"]);
    expect(await world.channel.readListings([{ sku: "NAMELESS" }])).toEqual([]);
  });
});

test("a shop that cannot be read says why, and how long to wait", async () => {
  const world = new ShopifyWorld();
  world.shop.admin.drainTo(0);
  await expect(world.channel.readPage(undefined)).rejects.toMatchObject({
    name: "ChannelUnreadableError",
    message: "Throttled",
    retryAfterMs: expect.any(Number),
  });
});

describe("what connecting a Shopify shop needs", () => {
  const path = "/v1/channels/north/inbound";

  function ready(): ShopifyWorld {
    const world = new ShopifyWorld();
    for (const topic of topics) {
      world.shop.subscriptions.push({ topic, uri: `https://stock.example${path}`, format: "JSON" });
    }
    return world;
  }

  const wrong = async (world: ShopifyWorld) => (await world.channel.check()).filter(({ isOk }) => !isOk);

  test("nothing is missing in a shop that is set up", async () => {
    const world = ready();
    const findings = await world.channel.check();
    expect(findings.filter(({ isOk }) => !isOk)).toEqual([]);
    expect(findings.length).toBeGreaterThan(6);
    expect(world.shop.mutations.carriedOut).toEqual([]);
  });

  test.each(["write_inventory", "read_products", "read_orders", "read_locations"])(
    "without %s, that scope is named",
    async (scope) => {
      const world = ready();
      world.shop.admin.scopes.delete(scope);
      const found = await wrong(world);
      expect(found[0]).toMatchObject({
        check: expect.stringContaining(scope),
        advice: expect.stringContaining(`Add ${scope} to the app's access scopes`),
      });
    },
  );

  test("scopes that are asked for are enough for all that the channel does", async () => {
    const world = ready();
    const item = world.shop.item("TEE-S", 5);
    const fresh = world.shop.item("NEW", undefined);
    const order = world.shop.sales.sell({ item, quantity: 1 });
    const publications = [publicationOf(item, 9, 5), publicationOf(fresh, 1, 0)];
    expect(await world.channel.publish(publications)).toEqual([
      { outcome: "moved", actual: 4 },
      { outcome: "ok" },
    ]);
    expect(await world.channel.lookUp([String(order.id)])).toHaveLength(1);
    expect(await readAll(world)).toHaveLength(2);
    expect(await wrong(world)).toEqual([]);
  });

  test("a token that is not accepted, and a shop that is not there, are told apart", async () => {
    const world = ready();
    world.shop.oauth.revokeAll();
    expect(await wrong(world)).toMatchObject([{ check: "The shop takes the access token" }]);
    const nowhere = new ShopifyWorld({ shop: "nowhere.myshopify.com" });
    expect(await wrong(nowhere)).toMatchObject([
      {
        check: "The shop can be reached",
        advice: expect.stringContaining("https://nowhere.myshopify.com/admin"),
      },
    ]);
  });

  test("a location that is not there, or not active", async () => {
    const world = ready();
    world.shop.items.locations.set(world.shop.locationId, {
      id: world.shop.locationId,
      name: "North",
      isActive: false,
    });
    expect(await wrong(world)).toMatchObject([{ advice: expect.stringContaining("North is not active") }]);
    world.shop.items.locations.clear();
    expect(await wrong(world)).toMatchObject([{ advice: expect.stringContaining("no such location") }]);
  });

  test("webhooks that lead elsewhere, or speak XML, do not count; the missing ones are named", async () => {
    const world = ready();
    const [first, second] = world.shop.subscriptions;
    if (first !== undefined) first.uri = "https://stock.example/v1/channels/south/inbound";
    if (second !== undefined) second.format = "XML";
    expect(await wrong(world)).toMatchObject([
      {
        check: "The shop's webhooks lead here",
        advice: expect.stringContaining(`No webhook to ${path} for: ${topics[0]}, ${topics[1]}.`),
      },
    ]);
  });

  test("webhooks behind the first hundred are seen too", async () => {
    const world = ready();
    const others = Array.from({ length: 130 }, () => ({
      topic: "SHOP_UPDATE",
      uri: "https://a.example/",
      format: "JSON",
    }));
    world.shop.subscriptions.unshift(...others);
    expect(await wrong(world)).toEqual([]);
  });

  test("a channel without the app's secret cannot verify webhooks", async () => {
    const world = ready();
    world.open({ accessToken: world.shop.oauth.fixedToken() });
    expect(await wrong(world)).toMatchObject([{ advice: expect.stringContaining("`clientSecret`") }]);
  });
});

describe("settings of a Shopify channel", () => {
  const settings = { shop: "north-tees.myshopify.com", locationId: "655441491" };
  const strict = { allowPrivateHosts: false };

  test("a shop and a location are enough", () => {
    expect(shopify.checkSettings(settings, strict)).toEqual([]);
    expect(shopify.checkSettings({ ...settings, apiVersion: "2026-07" }, strict)).toEqual([]);
    expect(shopify.checkSettings({ ...settings, locationId: gid("Location", 655_441_491) }, strict)).toEqual(
      [],
    );
  });

  test.each([
    [{ shop: "https://north-tees.myshopify.com" }, "/settings/shop"],
    [{ shop: "north-tees.example" }, "/settings/shop"],
    [{ shop: "evil.example/.myshopify.com" }, "/settings/shop"],
    [{ locationId: "gid://shopify/InventoryItem/1" }, "/settings/locationId"],
    [{ apiVersion: "2025-10" }, "/settings/apiVersion"],
    [{ apiUrl: "http://127.0.0.1:9" }, "/settings/apiUrl"],
  ])("%j is refused", (more, pointer) => {
    expect(shopify.checkSettings({ ...settings, ...more }, strict)).toMatchObject([{ pointer }]);
  });

  test("another address is called only where private hosts are allowed", () => {
    const local = { ...settings, apiUrl: "http://127.0.0.1:9" };
    expect(shopify.checkSettings(local, { allowPrivateHosts: true })).toEqual([]);
  });

  test("credentials are one of four sets, and nothing else", () => {
    const [accessToken, clientId, clientSecret, refreshToken] = [
      "shpat_12345678",
      "client-id",
      "shpss_12345678",
      "shprt_12345678",
    ];
    const sets = [
      { accessToken },
      { accessToken, clientSecret },
      { clientId, clientSecret },
      { clientId, clientSecret, refreshToken },
    ];
    for (const set of sets) expect(shopify.checkCredentials(set)).toEqual([]);
    for (const set of [{}, { clientId }, { clientSecret }, { refreshToken, clientSecret }]) {
      expect(shopify.checkCredentials({ ...set })).toMatchObject([
        { detail: expect.stringContaining("clientSecret") },
      ]);
    }
    expect(shopify.checkCredentials({ accessToken, token: "x" })).toHaveLength(1);
  });

  test("a listing names an inventory item, however it is written", () => {
    const channel = shopify.connect(settings);
    expect(shopify.checkExternal({ inventoryItemId: "43729076" })).toEqual([]);
    expect(shopify.checkExternal({ inventoryItemId: gid("InventoryItem", 1), variantId: "2" })).toEqual([]);
    expect(channel.itemKey({ inventoryItemId: gid("InventoryItem", 7), variantId: "2" })).toBe(
      channel.itemKey({ inventoryItemId: "7" }),
    );
    for (const external of [
      undefined,
      "43729076",
      { variantId: "2" },
      { inventoryItemId: gid("ProductVariant", 1) },
    ]) {
      expect(shopify.checkExternal(external)).not.toEqual([]);
    }
  });

  test("the place where numbers end up is the shop and the location, and no version", () => {
    const place = shopify.connect(settings).destination;
    expect(shopify.connect({ ...settings, locationId: gid("Location", 655_441_491) }).destination).toBe(
      place,
    );
    expect(shopify.connect({ ...settings, apiVersion: "2026-07" }).destination).toBe(place);
    expect(shopify.connect({ ...settings, locationId: "2" }).destination).not.toBe(place);
  });
});
