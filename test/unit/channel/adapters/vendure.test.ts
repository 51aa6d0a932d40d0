import { describe, expect, test } from "vitest";
import { findAdapter } from "../../../../src/channel/adapters/index.ts";
import { vendure } from "../../../../src/channel/adapters/vendure/index.ts";
import { publication, VendureWorld, withKey, withPassword } from "./vendure-world.ts";

const ok = [{ outcome: "ok" }];

describe("publishing to Vendure", () => {
  test("the shop offers what it is told, whatever it has allocated and keeps back", async () => {
    const world = new VendureWorld();
    const variant = world.shop.addVariant("TEE", 10);
    world.shop.sell(variant, 4);
    world.shop.settings.outOfStockThreshold = 2;
    expect(await world.channel.publish([publication({ sku: "TEE", quantity: 7 })])).toEqual([
      { outcome: "ok" },
    ]);
    expect(world.shop.saleable(variant)).toBe(7);
    expect(variant.levels.get("1")).toMatchObject({ onHand: 13, allocated: 4 });
  });

  test("a variant's own threshold goes before the shop's, and may be below zero", async () => {
    const world = new VendureWorld();
    const variant = world.shop.addVariant("TEE", 10);
    Object.assign(variant, { useGlobalOutOfStockThreshold: false, outOfStockThreshold: -3 });
    await world.channel.publish([publication({ sku: "TEE", quantity: 1 })]);
    expect(world.shop.saleable(variant)).toBe(1);
  });

  test("a shop that sold what we have not heard of is not told to sell it again", async () => {
    const world = new VendureWorld();
    const variant = world.shop.addVariant("TEE", 10);
    world.shop.sell(variant, 3);
    const raise = publication({ sku: "TEE", quantity: 12, expected: 10 });
    expect(await world.channel.publish([raise])).toEqual([{ outcome: "moved", actual: 7 }]);
    expect(world.shop.saleable(variant)).toBe(7);
  });

  test("a number that falls is written at once, less what the shop sold meanwhile", async () => {
    const world = new VendureWorld();
    const variant = world.shop.addVariant("TEE", 10);
    world.shop.sell(variant, 3);
    const fall = publication({ sku: "TEE", quantity: 4, expected: 10 });
    expect(await world.channel.publish([fall])).toEqual([{ outcome: "ok" }]);
    expect(world.shop.saleable(variant)).toBe(1);
  });

  test("units that came back there are not taken for ours", async () => {
    const world = new VendureWorld();
    world.shop.addVariant("TEE", 10);
    const [result] = await world.channel.publish([publication({ sku: "TEE", quantity: 5, expected: 8 })]);
    expect(result).toEqual({ outcome: "moved", actual: 10 });
  });

  test("an oversold shop, which counts no further than zero, shows what is expected of it", async () => {
    const world = new VendureWorld();
    const variant = world.shop.addVariant("TEE", 2);
    world.shop.sell(variant, 5);
    const more = publication({ sku: "TEE", quantity: 6, expected: -3 });
    expect(await world.channel.publish([more])).toEqual([{ outcome: "ok" }]);
    expect(world.shop.saleable(variant)).toBe(6);
  });

  test("a sale between read and write is not put back on sale", async () => {
    const world = new VendureWorld();
    const variant = world.shop.addVariant("TEE", 10);
    onFirstWrite(world, () => world.shop.sell(variant, 2));
    expect(await world.channel.publish([publication({ sku: "TEE", quantity: 8, expected: 10 })])).toEqual([
      { outcome: "ok" },
    ]);
    expect(world.shop.saleable(variant)).toBe(6);
  });

  test("a parcel that leaves between read and write does not leave a unit too many on sale", async () => {
    const world = new VendureWorld();
    const variant = world.shop.addVariant("TEE", 10);
    const order = world.shop.sell(variant, 2);
    onFirstWrite(world, () => world.shop.fulfil(order, 2));
    expect(await world.channel.publish([publication({ sku: "TEE", quantity: 5, expected: 8 })])).toEqual([
      { outcome: "ok" },
    ]);
    expect(world.shop.saleable(variant)).toBe(5);
  });

  test("parcels that never stop are a reason to try again later", async () => {
    const world = new VendureWorld();
    const variant = world.shop.addVariant("TEE", 100);
    const order = world.shop.sell(variant, 50);
    let left = 8;
    world.shop.beforeWrite = () => {
      left -= 1;
      if (left > 0) world.shop.fulfil(order, 1);
    };
    const [result] = await world.channel.publish([publication({ sku: "TEE", quantity: 5 })]);
    expect(result).toMatchObject({ outcome: "retry" });
  });

  test("a number that is there already costs no write", async () => {
    const world = new VendureWorld();
    world.shop.addVariant("TEE", 10);
    world.shop.beforeWrite = () => expect.unreachable();
    expect(await world.channel.publish([publication({ sku: "TEE", quantity: 10 })])).toEqual([
      { outcome: "ok" },
    ]);
  });

  test("a batch is one read and one write, and results stand in the order of the publications", async () => {
    const world = new VendureWorld();
    const variants = ["A", "B", "C", "D"].map((sku) => world.shop.addVariant(sku, 5));
    const results = await world.channel.publish([
      publication({ sku: "x", external: "4", quantity: 9 }),
      publication({ sku: "B", quantity: 8, expected: 3 }),
      publication({ sku: "nobody", quantity: 1 }),
      publication({ sku: "y", external: { variantId: "1" }, quantity: 6 }),
      publication({ sku: "z", external: "4711", quantity: 6 }),
    ]);
    expect(results).toEqual([
      { outcome: "ok" },
      { outcome: "moved", actual: 5 },
      { outcome: "rejected", detail: "the shop has no product variant with the SKU nobody" },
      { outcome: "ok" },
      { outcome: "rejected", detail: "the shop has no product variant with this id" },
    ]);
    expect(variants.map((variant) => world.shop.saleable(variant))).toEqual([6, 5, 5, 9]);
    expect(world.api.queries).toHaveLength(2);
  });

  test("a variant without a level at our location gets one, and other locations are left alone", async () => {
    const world = new VendureWorld();
    const variant = world.shop.addVariant("TEE");
    world.shop.setOnHand(variant, "2", 77);
    expect(await world.channel.publish([publication({ sku: "TEE", quantity: 4 })])).toEqual([
      { outcome: "ok" },
    ]);
    expect(variant.levels.get("1")).toMatchObject({ onHand: 4 });
    expect(variant.levels.get("2")).toMatchObject({ onHand: 77 });
  });

  test("what cannot be told is rejected, with what to do", async () => {
    const world = new VendureWorld();
    world.shop.addVariant("FREE", 5).trackInventory = "FALSE";
    world.shop.addVariant("TWICE", 5);
    world.shop.addVariant("TWICE", 5);
    const results = await world.channel.publish(["FREE", "TWICE"].map((sku) => publication({ sku })));
    expect(results).toEqual([
      {
        outcome: "rejected",
        detail: "the shop does not track the inventory of variant 1: turn that on there",
      },
      {
        outcome: "rejected",
        detail: "several product variants have the SKU TWICE: name one with `external`",
      },
    ]);
  });

  test("one variant that the shop refuses harms only itself", async () => {
    const world = new VendureWorld();
    const variants = ["A", "B", "C"].map((sku) => world.shop.addVariant(sku, 5));
    world.api.broken.add("2");
    const results = await world.channel.publish(
      ["A", "B", "C"].map((sku) => publication({ sku, quantity: 7 })),
    );
    expect(results).toEqual([
      { outcome: "ok" },
      { outcome: "rejected", detail: "USER_INPUT_ERROR: Variant 2 is locked by a plugin" },
      { outcome: "ok" },
    ]);
    expect(variants.map((variant) => world.shop.saleable(variant))).toEqual([7, 5, 7]);
  });

  test.each([
    [new Response("slow down", { status: 429, headers: { "retry-after": "7" } }), { retryAfterMs: 7_000 }],
    [new Response("down", { status: 502 }), {}],
    [new Response("<html>a proxy's page</html>"), {}],
    [Response.json({ data: { byId: 4 } }), {}],
    [Response.json({ errors: [{ message: "oops", extensions: { code: "INTERNAL_SERVER_ERROR" } }] }), {}],
  ])("a shop in trouble is tried again: %#", async (trouble, more) => {
    const world = new VendureWorld();
    world.shop.addVariant("A", 5);
    world.api.troubles.push(trouble);
    const results = await world.channel.publish([publication({ sku: "A" }), publication({ sku: "B" })]);
    expect(results).toMatchObject([
      { outcome: "retry", ...more },
      { outcome: "retry", ...more },
    ]);
  });

  test("a shop that is gone for good ends publishing", async () => {
    const world = new VendureWorld();
    world.api.troubles.push(new Response("closed", { status: 410 }));
    expect(await world.channel.publish([publication({ sku: "A" })])).toMatchObject([{ outcome: "gone" }]);
  });
});

describe("Vendure sessions", () => {
  test("calls at once log in once, and again once when the session has ended", async () => {
    const world = new VendureWorld(withPassword);
    world.shop.addVariant("A", 5);
    const publish = (quantity: number) => world.channel.publish([publication({ sku: "A", quantity })]);
    expect(await Promise.all([publish(6), publish(6), publish(6)])).toEqual([ok, ok, ok]);
    expect(world.api.logins).toBe(1);
    world.api.endSessions();
    expect(await Promise.all([publish(7), publish(7), publish(7)])).toEqual([ok, ok, ok]);
    expect(world.api.logins).toBe(2);
  });

  test("a session outlives the object that began it", async () => {
    const world = new VendureWorld(withPassword);
    world.shop.addVariant("A", 5);
    await world.channel.publish([publication({ sku: "A", quantity: 6 })]);
    expect(world.vault.texts.get("access-token")).toContain("session-1");
  });

  test("a missing permission is no reason to stop, and says so", async () => {
    const world = new VendureWorld(withPassword);
    world.shop.addVariant("A", 5);
    world.api.permissions.delete("UpdateCatalog");
    const [result] = await world.channel.publish([publication({ sku: "A", quantity: 6 })]);
    expect(result).toMatchObject({ outcome: "retry", detail: expect.stringContaining("FORBIDDEN") });
  });
});

describe("the test of a Vendure channel", () => {
  const failing = async (world: VendureWorld) =>
    (await world.channel.check())
      .filter(({ isOk }) => !isOk)
      .map(({ check, advice }) => `${check}: ${advice}`);

  test("finds nothing to do with a shop that is set up, and changes nothing", async () => {
    const world = new VendureWorld();
    world.shop.beforeWrite = () => expect.unreachable();
    const findings = await world.channel.check();
    expect(findings.map(({ isOk }) => isOk)).toEqual([true, true, true, true, true, true]);
  });

  test.each([
    ["UpdateCatalog", /Stock levels may be set.*UpdateCatalog/],
    ["ReadOrder", /Orders may be read.*ReadOrder/],
    ["ReadStockLocation", /Stock locations may be read.*ReadStockLocation/],
    ["ReadCatalog", /may be read.*ReadCatalog/],
  ])("names the permission %s when it is missing", async (permission, words) => {
    const world = new VendureWorld();
    world.api.permissions.delete(permission);
    const found = await failing(world);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(words);
  });

  test("tells wrong credentials, an unknown location, a wrong address and an unreachable shop apart", async () => {
    expect(await failing(new VendureWorld({ apiKey: "x" }))).toEqual([
      expect.stringMatching(/credentials are accepted.*createApiKey/),
    ]);
    expect(await failing(new VendureWorld({ ...withPassword, password: "x" }))).toEqual([
      expect.stringMatching(/credentials are accepted: login refused: The provided credentials are invalid/),
    ]);
    expect(await failing(new VendureWorld({}))).toEqual([expect.stringMatching(/has no credentials/)]);
    expect(await failing(new VendureWorld(withKey, { stockLocationId: "9" }))).toEqual([
      "The stock location 9 exists: Set `stockLocationId` to one of: 1 (Default), 2 (Shop floor).",
    ]);
    expect(await failing(new VendureWorld(withKey, { url: "https://vendure.example/shop" }))).toEqual([
      expect.stringMatching(/Admin API answers: HTTP 404.*usually ending in .admin-api/),
    ]);
    const down = new VendureWorld();
    down.api.troubles.push(Response.error());
    expect(await failing(down)).toEqual([expect.stringMatching(/The Admin API answers/)]);
  });

  test("says when the shop gives no token to sessions", async () => {
    const world = new VendureWorld(withPassword);
    world.api.givesTokens = false;
    expect(await failing(world)).toEqual([expect.stringMatching(/'bearer'.*tokenMethod/)]);
  });
});

describe("reading a Vendure shop", () => {
  test("goes through all variants, page by page, and says what each offers", async () => {
    const world = new VendureWorld();
    for (let index = 0; index < 230; index += 1) world.shop.addVariant(`SKU-${index}`, index);
    const [first] = world.shop.variants;
    if (first !== undefined) first.trackInventory = "FALSE";
    const skus: (string | undefined)[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await world.channel.readPage(cursor);
      skus.push(...page.items.map(({ sku }) => sku));
      if (pages === 0) expect(page.items[0]).not.toHaveProperty("quantity");
      if (pages === 0) expect(page.items[1]).toMatchObject({ external: { variantId: "2" }, quantity: 1 });
      pages += 1;
      cursor = page.next;
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(new Set(skus).size).toBe(230);
  });

  test("reads single listings by id or SKU, and leaves out what is not there", async () => {
    const world = new VendureWorld();
    world.shop.sell(world.shop.addVariant("A", 5), 2);
    world.shop.addVariant("B", 8);
    const levels = await world.channel.readListings([
      { sku: "A" },
      { sku: "whatever", external: { variantId: "2" } },
      { sku: "nobody" },
    ]);
    expect(levels).toMatchObject([
      { external: { variantId: "1" }, sku: "A", title: "Name of A", quantity: 3 },
      { external: { variantId: "2" }, quantity: 8 },
    ]);
  });

  test("a shop that cannot be read says so in its own words", async () => {
    const world = new VendureWorld();
    world.api.troubles.push(new Response("maintenance", { status: 503, headers: { "retry-after": "3" } }));
    await expect(world.channel.readPage(undefined)).rejects.toMatchObject({
      name: "ChannelUnreadableError",
      message: "HTTP 503: maintenance",
      retryAfterMs: 3_000,
    });
  });
});

describe("a Vendure channel's configuration", () => {
  const strict = { allowPrivateHosts: false };

  test("is found under its kind", () => {
    expect(findAdapter("vendure")).toBe(vendure);
  });

  test("takes settings, credentials and listings as documented, and no others", () => {
    const settings = { url: "https://shop.example/admin-api", stockLocationId: "1", pollSeconds: 5 };
    expect(vendure.checkSettings(settings, strict)).toEqual([]);
    expect(vendure.checkSettings({ ...settings, url: "http://10.0.0.1/admin-api" }, strict)).toMatchObject([
      { pointer: "/settings/url" },
    ]);
    expect(vendure.checkSettings({ ...settings, pollSeconds: 0 }, strict)).toMatchObject([
      { pointer: "/settings/pollSeconds" },
    ]);
    expect(vendure.checkCredentials({ apiKey: "x" })).toEqual([]);
    expect(vendure.checkCredentials({ username: "a", password: "b" })).toEqual([]);
    expect(vendure.checkCredentials({ username: "a" })).toMatchObject([
      { detail: "give either `apiKey`, or `username` and `password`" },
    ]);
    expect(vendure.checkExternal(undefined)).toEqual([]);
    expect(vendure.checkExternal({ variantId: "4" })).toEqual([]);
    expect(vendure.checkExternal({ variant: "4" })).toHaveLength(1);
    expect(vendure.connect(settings).abilities.pollEveryMs).toBe(5_000);
    expect(vendure.connect(settings).itemKey("4")).toBe(
      vendure.connect(settings).itemKey({ variantId: "4" }),
    );
  });

  test("another location is another destination", () => {
    const at = (stockLocationId: string) =>
      vendure.connect({ url: "https://shop.example/admin-api", stockLocationId }).destination;
    expect(at("1")).not.toBe(at("2"));
  });
});

/** Lets something happen in the shop just before the next write, once. */
function onFirstWrite(world: VendureWorld, happen: () => void): void {
  world.shop.beforeWrite = () => {
    world.shop.beforeWrite = () => undefined;
    happen();
  };
}
