import { describe, expect, test } from "vitest";
import type { ChannelLevel } from "../../../../src/channel/kit/adapter.ts";
import { woocommerce } from "../../../../src/channel/adapters/woocommerce/index.ts";
import { inboundUrl, listing, webhookSecret, WooWorld } from "./woocommerce-world.ts";

const updatedAt = "2026-11-23T09:00:00.000Z";

async function readAll(world: WooWorld): Promise<ChannelLevel[]> {
  const items: ChannelLevel[] = [];
  let next: string | undefined;
  do {
    const page = await world.channel.readPage(next);
    items.push(...page.items);
    ({ next } = page);
  } while (next !== undefined);
  return items;
}

describe("reading WooCommerce", () => {
  test("goes through all products and variations, once each", async () => {
    const world = new WooWorld();
    const { shop } = world;
    for (let n = 0; n < 130; n += 1) shop.product(`P${n}`, n);
    const tees = [1, 2].map((n) => shop.product(`TEE${n}`, 0, { type: "variable", manageStock: false }));
    for (const { id } of tees)
      for (let n = 0; n < 101; n += 1) shop.product(`T${id}-${n}`, n, { parentId: id });
    shop.product("BOX", 0, { type: "grouped", manageStock: false });
    shop.product("LINK", 0, { type: "external", manageStock: false });
    const items = await readAll(world);
    expect(items).toHaveLength(130 + 202);
    expect(new Set(items.map(({ sku }) => sku)).size).toBe(332);
  });

  test("says what each item is, and counts only what counts itself", async () => {
    const world = new WooWorld();
    const { shop } = world;
    const mug = shop.product("MUG", 5, { name: "A mug" });
    const plain = shop.product("", 0, { name: "", manageStock: false, stock: null });
    const tee = shop.product("TEE", 8, { type: "variable" });
    const small = shop.product("TEE-S", 0, { parentId: tee.id, manageStock: "parent" });
    const large = shop.product("TEE-L", -1, { parentId: tee.id });
    const productId = String(tee.id);
    const expected: ChannelLevel[] = [
      { external: { productId: String(mug.id) }, sku: "MUG", title: "A mug", quantity: 5, updatedAt },
      { external: { productId: String(plain.id) }, updatedAt },
      { external: { productId }, sku: "TEE", title: "TEE", quantity: 8, updatedAt },
      { external: { productId, variationId: String(small.id) }, sku: "TEE-S", title: "TEE-S", updatedAt },
      {
        external: { productId, variationId: String(large.id) },
        sku: "TEE-L",
        title: "TEE-L",
        quantity: -1,
        updatedAt,
      },
    ];
    expect(await readAll(world)).toEqual(expected);
    const listings = [mug, plain].map(({ id }) => listing(String(id)));
    const variations = [small, large].map(({ id }) => listing({ productId, variationId: String(id) }));
    world.shop.rest.calls.length = 0;
    const read = await world.channel.readListings([...listings, listing("4711"), ...variations]);
    const bySku = (a: ChannelLevel, b: ChannelLevel) => ((a.sku ?? "") < (b.sku ?? "") ? -1 : 1);
    expect(read.sort(bySku)).toEqual(expected.filter((_, index) => index !== 2).sort(bySku));
    expect(world.requests).toEqual(["GET products", `GET products/${tee.id}/variations`]);
  });

  test("an item has one name, however it is written", () => {
    const shop = woocommerce.connect({ url: "https://shop.example" });
    expect(shop.itemKey("93")).toBe(shop.itemKey({ productId: "93" }));
    expect(shop.itemKey({ productId: "93", variationId: "94" })).not.toBe(shop.itemKey("94"));
  });

  test("what cannot be read is said in words", async () => {
    const world = new WooWorld();
    world.shop.rest.inFront = () => Response.json([{ id: "one" }]);
    await expect(world.channel.readPage(undefined)).rejects.toThrow(
      /GET products cannot be understood: 0\.id/,
    );
  });
});

describe("settings of a WooCommerce channel", () => {
  test.each([
    ["http://shop.example", "/settings/url"],
    ["https://10.0.0.1", "/settings/url"],
    ["https://shop.example/wp-json/wc/v3", "/settings/url"],
    ["https://shop.example/?lang=de", "/settings/url"],
  ])("%s is refused", (url, pointer) => {
    expect(woocommerce.checkSettings({ url }, { allowPrivateHosts: false })).toMatchObject([{ pointer }]);
  });

  test("a shop in a folder, and on a private host where that is allowed, is taken", () => {
    expect(
      woocommerce.checkSettings({ url: "https://shop.example/store/" }, { allowPrivateHosts: false }),
    ).toEqual([]);
    expect(woocommerce.checkSettings({ url: "http://127.0.0.1:8080" }, { allowPrivateHosts: true })).toEqual(
      [],
    );
    const { destination } = woocommerce.connect({ url: "https://shop.example/store/" });
    expect(destination).toBe("https://shop.example/store");
  });

  test("credentials and listings that cannot be right are named", () => {
    const [consumerKey, consumerSecret] = [`ck_${"a".repeat(40)}`, `cs_${"b".repeat(40)}`];
    expect(woocommerce.checkCredentials({ consumerKey, consumerSecret, webhookSecret })).toEqual([]);
    expect(woocommerce.checkCredentials({ consumerKey, consumerSecret })).toEqual([]);
    expect(woocommerce.checkCredentials({ consumerKey: consumerSecret, consumerSecret })).toMatchObject([
      { pointer: "/credentials/consumerKey" },
    ]);
    expect(woocommerce.checkCredentials({ consumerKey, consumerSecret, webhookSecret: "a&b" })).toMatchObject(
      [{ pointer: "/credentials/webhookSecret" }],
    );
    expect(woocommerce.checkCredentials({ consumerKey, consumerSecret, secret: "x" })).toHaveLength(1);
    expect(woocommerce.checkExternal({ productId: "93", variationId: "94" })).toEqual([]);
    for (const external of [undefined, "TEE", "0", { variationId: "94" }, { productId: "TEE" }]) {
      expect(woocommerce.checkExternal(external as never)).toMatchObject([
        { detail: expect.stringContaining('or { "productId"') },
      ]);
    }
    expect(woocommerce.checkExternal({ productId: "93", sku: "x" })).toMatchObject([
      { pointer: "/external", detail: expect.stringContaining("sku") },
    ]);
  });
});

describe("testing a WooCommerce connection", () => {
  const failing = async (world: WooWorld) => {
    const findings = await world.channel.check();
    return findings.filter(({ isOk }) => !isOk).map(({ check, advice }) => `${check}: ${advice}`);
  };
  const topics = ["order.created", "order.updated"];

  test("finds nothing to mend in one that is complete, and changes nothing", async () => {
    const world = new WooWorld();
    await world.hook(...topics);
    const findings = await world.channel.check();
    expect(findings.map(({ isOk }) => isOk)).toEqual([true, true, true, true, true, true, true]);
    const changing = world.shop.rest.calls.filter(({ method }) => method !== "GET");
    expect(changing).toEqual([{ method: "POST", path: "products/batch", body: { update: [] } }]);
  });

  test.each<[string, (world: WooWorld) => void, RegExp]>([
    ["permalinks are Plain", ({ shop }) => (shop.rest.hasPermalinks = false), /Settings > Permalinks/],
    [
      "WooCommerce is not active",
      ({ shop }) => (shop.rest.isActive = false),
      /Activate the WooCommerce plugin/,
    ],
    ["the key is read-only", ({ shop }) => (shop.rest.permission = "read"), /permission Read\/Write/],
    [
      "stock management is off",
      ({ shop }) => (shop.catalogue.isStockManaged = false),
      /Enable stock management/,
    ],
    [
      "the shop is down",
      ({ shop }) => (shop.rest.inFront = () => new Response("Bad gateway", { status: 502 })),
      /firewall or a maintenance page/,
    ],
    [
      "a firewall refuses",
      ({ shop }) => (shop.rest.inFront = () => new Response("Blocked", { status: 403 })),
      /let \/wp-json\/wc\/v3\/ through/,
    ],
    [
      "the server drops the key on its way",
      ({ shop }) =>
        (shop.rest.inFront = () =>
          Response.json({ code: "woocommerce_rest_cannot_view", message: "Sorry." }, { status: 401 })),
      /drops the Authorization header/,
    ],
    [
      "the key's user is nobody special",
      ({ shop }) =>
        (shop.rest.inFront = ({ path }) =>
          /^(orders|webhooks|settings)/.test(path)
            ? Response.json({ code: "woocommerce_rest_cannot_view", message: "Sorry." }, { status: 403 })
            : undefined),
      /shop manager or administrator/,
    ],
  ])("%s", async (_, breakIt, advice) => {
    const world = new WooWorld();
    await world.hook(...topics);
    breakIt(world);
    const found = await failing(world);
    expect(found.length).toBeGreaterThanOrEqual(1);
    for (const finding of found) expect(finding).toMatch(advice);
  });

  test("a wrong key is told from an address that leads nowhere", async () => {
    const wrongKey = new WooWorld({}, { consumerKey: `ck_${"0".repeat(40)}` });
    expect(await failing(wrongKey)).toEqual([expect.stringContaining("Consumer key is invalid.")]);
    const nowhere = new WooWorld({ url: "https://shop-that-is-not.example" });
    expect(await failing(nowhere)).toEqual([expect.stringMatching(/can be reached: .*ENOTFOUND/)]);
  });

  test("webhooks that are missing, paused, turned off or lead elsewhere are told apart", async () => {
    const world = new WooWorld();
    await world.shop.webhooks.add("order.created", inboundUrl.replace("/woo/", "/other/"), webhookSecret);
    expect(await failing(world)).toEqual([
      expect.stringContaining("/v1/channels/woo/inbound"),
      expect.stringContaining("topic order.updated"),
    ]);
    await world.hook(...topics);
    const [, created, updated] = world.shop.webhooks.all;
    if (created === undefined || updated === undefined) throw new Error("two webhooks");
    created.status = "disabled";
    updated.status = "paused";
    expect(await failing(world)).toEqual([
      expect.stringMatching(/is disabled: .*within 10 minutes/),
      expect.stringMatching(/is paused: .*set it to Active/),
    ]);
    const unverified = new WooWorld({}, { webhookSecret: "" });
    await unverified.hook(...topics);
    expect(await failing(unverified)).toEqual([expect.stringContaining("`webhookSecret`")]);
  });
});
