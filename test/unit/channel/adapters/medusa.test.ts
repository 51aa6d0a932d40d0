import { describe, expect, test } from "vitest";
import { findAdapter } from "../../../../src/channel/adapters/index.ts";
import { medusa } from "../../../../src/channel/adapters/medusa/index.ts";
import { MedusaWorld, publication, withKey, withPassword } from "./medusa-world.ts";

const ok = [{ outcome: "ok" }];

describe("publishing to Medusa", () => {
  test("the shop offers what it is told, whatever it has reserved", async () => {
    const world = new MedusaWorld();
    const variant = world.shop.addVariant("TEE", 10);
    world.shop.sell(variant, 4);
    expect(await world.channel.publish([publication({ sku: "TEE", quantity: 7 })])).toEqual(ok);
    expect(world.shop.available(variant)).toBe(7);
    expect(world.shop.items[0]?.levels.get("sloc_main")).toMatchObject({ stocked: 11, reserved: 4 });
  });

  test("a shop that sold what we have not heard of is not told to sell it again", async () => {
    const world = new MedusaWorld();
    const variant = world.shop.addVariant("TEE", 10);
    world.shop.sell(variant, 3);
    const raise = publication({ sku: "TEE", quantity: 12, expected: 10 });
    expect(await world.channel.publish([raise])).toEqual([{ outcome: "moved", actual: 7 }]);
    expect(world.shop.available(variant)).toBe(7);
  });

  test("a number that falls is written at once, less what the shop sold meanwhile", async () => {
    const world = new MedusaWorld();
    const variant = world.shop.addVariant("TEE", 10);
    world.shop.sell(variant, 3);
    const fall = publication({ sku: "TEE", quantity: 2, expected: 10 });
    expect(await world.channel.publish([fall])).toEqual(ok);
    expect(world.shop.available(variant)).toBe(0);
  });

  test("a shop that sold more than it had says by how much", async () => {
    const world = new MedusaWorld();
    const variant = world.shop.addVariant("TEE", 2);
    world.shop.sell(variant, 5);
    const raise = publication({ sku: "TEE", quantity: 6, expected: 2 });
    expect(await world.channel.publish([raise])).toEqual([{ outcome: "moved", actual: -3 }]);
    const known = publication({ sku: "TEE", quantity: 6, expected: -3 });
    expect(await world.channel.publish([known])).toEqual(ok);
    expect(world.shop.available(variant)).toBe(6);
  });

  test("a sale between read and write is not put back on sale", async () => {
    const world = new MedusaWorld();
    const variant = world.shop.addVariant("TEE", 10);
    onFirstWrite(world, () => world.shop.sell(variant, 2));
    expect(await world.channel.publish([publication({ sku: "TEE", quantity: 8, expected: 10 })])).toEqual(ok);
    expect(world.shop.available(variant)).toBe(6);
  });

  test("a parcel that leaves between read and write does not leave a unit too many on sale", async () => {
    const world = new MedusaWorld();
    const variant = world.shop.addVariant("TEE", 10);
    const order = world.shop.sell(variant, 2);
    onFirstWrite(world, () => world.shop.fulfil(order, 2));
    expect(await world.channel.publish([publication({ sku: "TEE", quantity: 5, expected: 8 })])).toEqual(ok);
    expect(world.shop.available(variant)).toBe(5);
  });

  test("a batch is one read for ids and one for SKUs and one write, and results stand in order", async () => {
    const world = new MedusaWorld();
    const variants = ["A", "B", "C"].map((sku) => world.shop.addVariant(sku, 5));
    const results = await world.channel.publish([
      publication({ sku: "x", external: "iitem_0003", quantity: 9 }),
      publication({ sku: "B", quantity: 8, expected: 3 }),
      publication({ sku: "nobody", quantity: 1 }),
      publication({ sku: "y", external: { inventoryItemId: "iitem_0001" }, quantity: 6 }),
      publication({ sku: "z", external: "iitem_4711", quantity: 6 }),
    ]);
    expect(results).toEqual([
      { outcome: "ok" },
      { outcome: "moved", actual: 5 },
      { outcome: "rejected", detail: "the shop has no inventory item with the SKU nobody" },
      { outcome: "ok" },
      { outcome: "rejected", detail: "the shop has no inventory item with this id" },
    ]);
    expect(variants.map((variant) => world.shop.available(variant))).toEqual([6, 5, 9]);
    expect(world.api.calls).toHaveLength(3);
  });

  test("a full batch of the longest SKUs is looked up in parts, as an address may not be too long", async () => {
    const world = new MedusaWorld();
    const skus = Array.from({ length: 25 }, (_, index) => `${index}`.padEnd(128, "Ä"));
    for (const sku of skus) world.shop.addVariant(sku, 1);
    let longest = 0;
    const { fetch } = world.api;
    const channel = medusa.connect({ url: "https://medusa.example", locationId: "sloc_main" }).open({
      channel: "shop",
      credentials: withKey,
      signingSecret: "whsec_AAAA",
      policy: { allowPrivateHosts: false },
      vault: world.vault,
      now: () => world.nowMs,
      fetch: (address, init) => {
        longest = Math.max(longest, address.length);
        return fetch(address, init);
      },
    });
    const results = await channel.publish(skus.map((sku) => publication({ sku, quantity: 2 })));
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
    expect(longest).toBeLessThan(2_048);
  });

  test("an item that is not stocked at our location yet is stocked there, and others are left alone", async () => {
    const world = new MedusaWorld();
    const item = world.shop.addItem("TEE");
    item.levels.set("sloc_other", { stocked: 77, reserved: 0, updatedAtMs: 0 });
    expect(await world.channel.publish([publication({ sku: "TEE", quantity: 4 })])).toEqual(ok);
    expect(item.levels.get("sloc_main")).toMatchObject({ stocked: 4 });
    expect(item.levels.get("sloc_other")).toMatchObject({ stocked: 77 });
  });

  test("one item that the shop refuses harms only itself", async () => {
    const world = new MedusaWorld();
    const variants = ["A", "B", "C"].map((sku) => world.shop.addVariant(sku, 5));
    world.api.broken.add("iitem_0002");
    const results = await world.channel.publish(
      ["A", "B", "C"].map((sku) => publication({ sku, quantity: 7 })),
    );
    expect(results).toEqual([
      { outcome: "ok" },
      { outcome: "rejected", detail: "HTTP 400: iitem_0002 is kept by another module" },
      { outcome: "ok" },
    ]);
    expect(variants.map((variant) => world.shop.available(variant))).toEqual([7, 5, 7]);
  });

  test.each([
    [new Response("slow down", { status: 429, headers: { "retry-after": "7" } }), { retryAfterMs: 7_000 }],
    [new Response("down", { status: 502 }), {}],
    [Response.json({ type: "conflict", message: "locked" }, { status: 409 }), {}],
    [new Response("<html>a proxy's page</html>", { status: 404 }), {}],
    [Response.json({ inventory_items: 4 }), {}],
  ])("a shop in trouble is tried again: %#", async (trouble, more) => {
    const world = new MedusaWorld();
    world.shop.addVariant("A", 5);
    world.api.troubles.push(trouble);
    const results = await world.channel.publish([publication({ sku: "A" }), publication({ sku: "B" })]);
    expect(results).toMatchObject([
      { outcome: "retry", ...more },
      { outcome: "retry", ...more },
    ]);
  });

  test("a shop that is gone for good ends publishing", async () => {
    const world = new MedusaWorld();
    world.api.troubles.push(new Response("closed", { status: 410 }));
    expect(await world.channel.publish([publication({ sku: "A" })])).toMatchObject([{ outcome: "gone" }]);
  });
});

describe("Medusa tokens", () => {
  test("calls at once log in once, and again once when the token has ended", async () => {
    const world = new MedusaWorld(withPassword);
    world.shop.addVariant("A", 5);
    const publish = (quantity: number) => world.channel.publish([publication({ sku: "A", quantity })]);
    expect(await Promise.all([publish(6), publish(6), publish(6)])).toEqual([ok, ok, ok]);
    expect(world.api.logins).toBe(1);
    world.api.endTokens();
    expect(await Promise.all([publish(7), publish(7), publish(7)])).toEqual([ok, ok, ok]);
    expect(world.api.logins).toBe(2);
  });

  test("a token is renewed before it ends, and outlives the object that got it", async () => {
    const world = new MedusaWorld(withPassword);
    world.shop.addVariant("A", 5);
    await world.channel.publish([publication({ sku: "A", quantity: 6 })]);
    expect(world.vault.texts.get("access-token")).toContain("token-1");
    world.nowMs += 13 * 3_600_000;
    await world.channel.publish([publication({ sku: "A", quantity: 7 })]);
    expect(world.api.logins).toBe(2);
  });

  test("a password that is not accepted is tried once for a request: more would lock the user out sooner", async () => {
    const world = new MedusaWorld({ ...withPassword, password: "x" });
    const [result] = await world.channel.publish([publication({ sku: "A" })]);
    expect(result).toMatchObject({ outcome: "retry", detail: expect.stringContaining("Invalid email") });
    expect(world.api.refusedLogins).toBe(1);
  });

  test("a key that is not accepted is no reason to reject a listing", async () => {
    const world = new MedusaWorld({ secretApiKey: "sk_wrong" });
    const [result] = await world.channel.publish([publication({ sku: "A" })]);
    expect(result).toMatchObject({ outcome: "retry", detail: "HTTP 401: Unauthorized" });
  });
});

describe("the test of a Medusa channel", () => {
  const failing = async (world: MedusaWorld) =>
    (await world.channel.check())
      .filter(({ isOk }) => !isOk)
      .map(({ check, advice }) => `${check}: ${advice}`);

  test("finds nothing to do with a shop that is set up, and changes nothing", async () => {
    const world = new MedusaWorld();
    world.shop.beforeWrite = () => expect.unreachable();
    const findings = await world.channel.check();
    expect(findings.map(({ isOk }) => isOk)).toEqual([true, true, true, true, true, true]);
  });

  test.each([
    ["/admin/orders", /^Orders may be read/],
    ["/admin/inventory-items", /^Inventory may be read/],
    ["/admin/inventory-items/location-levels/batch", /^Inventory levels may be set/],
    ["/admin/stock-locations", /^Stock locations may be read/],
  ])("names the right that is missing to %s", async (path, words) => {
    const world = new MedusaWorld();
    world.api.forbidden.add(path);
    const found = await failing(world);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(words);
  });

  test("tells wrong credentials, an unknown location, a wrong address and an unreachable shop apart", async () => {
    expect(await failing(new MedusaWorld({ secretApiKey: "x" }))).toEqual([
      expect.stringMatching(/credentials are accepted.*Secret API Keys/),
    ]);
    expect(await failing(new MedusaWorld({ ...withPassword, password: "x" }))).toEqual([
      expect.stringMatching(/credentials are accepted: HTTP 401: Invalid email or password/),
    ]);
    expect(await failing(new MedusaWorld({}))).toEqual([expect.stringMatching(/has no credentials/)]);
    expect(await failing(new MedusaWorld(withKey, { locationId: "sloc_9" }))).toEqual([
      "The stock location sloc_9 exists: Set `locationId` to one of: sloc_main (Warehouse), sloc_other (Other).",
    ]);
    expect(await failing(new MedusaWorld(withKey, { url: "https://medusa.example/app" }))).toEqual([
      expect.stringMatching(/Admin API answers: HTTP 404.*without .admin or .app/),
    ]);
    expect(await failing(new MedusaWorld(withKey, { url: "https://nobody.example" }))).toEqual([
      expect.stringMatching(/Admin API answers: request failed/),
    ]);
  });
});

describe("reading a Medusa shop", () => {
  test("goes through all items, page by page, and says what each offers", async () => {
    const world = new MedusaWorld();
    for (let index = 0; index < 230; index += 1) world.shop.addItem(`SKU-${index}`, index);
    world.shop.addItem("NOWHERE");
    const skus: (string | undefined)[] = [];
    const unknown: (string | undefined)[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await world.channel.readPage(cursor);
      skus.push(...page.items.map(({ sku }) => sku));
      unknown.push(...page.items.filter(({ quantity }) => quantity === undefined).map(({ sku }) => sku));
      pages += 1;
      cursor = page.next;
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(new Set(skus).size).toBe(231);
    expect(unknown).toEqual(["NOWHERE"]);
  });

  test("reads single listings by id or SKU, and leaves out what is not there", async () => {
    const world = new MedusaWorld();
    world.shop.sell(world.shop.addVariant("A", 5), 2);
    const other = world.shop.addItem("B", 8);
    const levels = await world.channel.readListings([
      { sku: "A" },
      { sku: "whatever", external: other.id },
      { sku: "nobody" },
    ]);
    expect(levels).toMatchObject([
      { sku: "A", title: "Title of A", quantity: 3 },
      { external: { inventoryItemId: other.id }, quantity: 8 },
    ]);
  });

  test("a shop that cannot be read says so in its own words", async () => {
    const world = new MedusaWorld();
    world.api.troubles.push(new Response("maintenance", { status: 503, headers: { "retry-after": "3" } }));
    await expect(world.channel.readPage(undefined)).rejects.toMatchObject({
      name: "ChannelUnreadableError",
      message: "HTTP 503: maintenance",
      retryAfterMs: 3_000,
    });
  });
});

describe("a Medusa channel's configuration", () => {
  const strict = { allowPrivateHosts: false };

  test("is found under its kind", () => {
    expect(findAdapter("medusa")).toBe(medusa);
  });

  test("takes settings, credentials and listings as documented, and no others", () => {
    const settings = { url: "https://shop.example", locationId: "sloc_1", pollSeconds: 5 };
    expect(medusa.checkSettings(settings, strict)).toEqual([]);
    expect(medusa.checkSettings({ ...settings, url: "http://10.0.0.1" }, strict)).toMatchObject([
      { pointer: "/settings/url" },
    ]);
    expect(medusa.checkSettings({ ...settings, location: "x" }, strict)).toHaveLength(1);
    expect(medusa.checkCredentials({ secretApiKey: "x" })).toEqual([]);
    expect(medusa.checkCredentials({ email: "a", password: "b" })).toEqual([]);
    expect(medusa.checkCredentials({ email: "a" })).toMatchObject([
      { detail: "give either `secretApiKey`, or `email` and `password`" },
    ]);
    expect(medusa.checkExternal(undefined)).toEqual([]);
    expect(medusa.checkExternal({ inventoryItemId: "4" })).toEqual([]);
    expect(medusa.checkExternal({ item: "4" })).toHaveLength(1);
    expect(medusa.connect(settings).abilities.pollEveryMs).toBe(5_000);
    const connection = medusa.connect(settings);
    expect(connection.itemKey("4")).toBe(connection.itemKey({ inventoryItemId: "4" }));
  });
});

/** Lets something happen in the shop just before the next write, once. */
function onFirstWrite(world: MedusaWorld, happen: () => void): void {
  world.shop.beforeWrite = () => {
    world.shop.beforeWrite = () => undefined;
    happen();
  };
}
