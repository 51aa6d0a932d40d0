import { describe, expect, test } from "vitest";
import { ebay } from "../../../../src/channel/adapters/ebay/index.ts";
import { EbayWorld } from "./ebay-world.ts";

const strict = { allowPrivateHosts: false };
const lenient = { allowPrivateHosts: true };
const minuteMs = 60_000;

describe("publishing to eBay", () => {
  test("both quantities are set, so that eBay offers exactly that many", async () => {
    const world = new EbayWorld();
    const external = world.offer("TEE-BLK-M", 3);
    expect(await world.open().publish([world.publication("TEE-BLK-M", 7, { external })])).toEqual([
      { outcome: "ok" },
    ]);
    expect(world.fake.inventory.items.get("TEE-BLK-M")).toMatchObject({
      shipTo: 7,
      offers: [{ quantity: 7 }],
    });
  });

  test("25 publications go in one request, with one result each in their order", async () => {
    const world = new EbayWorld();
    const skus = Array.from({ length: 25 }, (_, index) => `S${index}`);
    const publications = skus.map((sku, index) => {
      const external = { ...world.offer(sku, 1), sku };
      return world.publication(`OWN-${sku}`, index, { external });
    });
    const results = await world.open().publish(publications);
    expect(results).toEqual(skus.map(() => ({ outcome: "ok" })));
    expect(world.fake.inventory.updates).toEqual([skus]);
    expect(skus.map((sku) => world.fake.inventory.offered(sku))).toEqual(skus.map((_, index) => index));
    expect(ebay.connect(world.settings).limits).toEqual({
      batchMax: 25,
      concurrency: 3,
      ratePerSecond: 10,
      burst: 10,
    });
  });

  test("of a batch only the bad items are refused, in eBay's own words", async () => {
    const world = new EbayWorld();
    const good = world.offer("A", 1);
    const unpublished = world.fake.inventory.add("B", 1, { status: "UNPUBLISHED" });
    world.fake.inventory.unwell.add("D");
    const results = await world
      .open()
      .publish([
        world.publication("gone", 5, { external: { offerId: "offer-9" } }),
        world.publication("A", 5, { external: good }),
        world.publication("B", 5, { external: { offerId: unpublished.offerId } }),
        world.publication("C", 5),
        world.publication("D", 5, { external: world.offer("D", 1) }),
      ]);
    expect(results).toEqual([
      { outcome: "rejected", detail: "25702: gone could not be found or is not available" },
      { outcome: "ok" },
      { outcome: "rejected", detail: "25604: The offer is not published." },
      { outcome: "rejected", detail: expect.stringContaining("has no offer on eBay") },
      { outcome: "retry", detail: "25001: A system error has occurred" },
    ]);
  });

  test("an item that spoils the whole request spoils only itself", async () => {
    const world = new EbayWorld();
    world.fake.inventory.refusesWhole = true;
    const results = await world
      .open()
      .publish([
        world.publication("A", 5, { external: world.offer("A", 1) }),
        world.publication("gone", 5, { external: { offerId: "offer-9" } }),
        world.publication("B", 6, { external: world.offer("B", 1) }),
      ]);
    expect(results).toEqual([
      { outcome: "ok" },
      { outcome: "rejected", detail: "HTTP 400: 25702: gone could not be found" },
      { outcome: "ok" },
    ]);
    expect([world.fake.inventory.offered("A"), world.fake.inventory.offered("B")]).toEqual([5, 6]);
  });

  test("two SKUs with one eBay SKU do not overwrite each other in one request", async () => {
    const world = new EbayWorld();
    const external = { ...world.offer("A", 1), sku: "A" };
    const results = await world
      .open()
      .publish([world.publication("A", 5, { external }), world.publication("B", 9, { external })]);
    expect(results).toEqual([
      { outcome: "ok" },
      { outcome: "rejected", detail: "SKU A has a listing with the same eBay SKU A; each needs its own" },
    ]);
    expect(world.fake.inventory.offered("A")).toBe(5);
  });

  test("an account that takes no zero is told what to turn on", async () => {
    const world = new EbayWorld();
    world.fake.inventory.hasOutOfStockOption = false;
    const external = world.offer("A", 3);
    expect(await world.open().publish([world.publication("A", 0, { external })])).toEqual([
      {
        outcome: "rejected",
        detail: expect.stringMatching(/^25004: .*still offers units! Turn on the out-of-stock option/),
      },
    ]);
  });

  test("throttling silences the channel for a minute, since eBay names no time", async () => {
    const world = new EbayWorld();
    const external = world.offer("A", 1);
    world.fake.throttled = 1;
    const channel = world.open();
    expect(await channel.publish([world.publication("A", 5, { external })])).toEqual([
      {
        outcome: "retry",
        detail: "HTTP 429: 2001: The request limit has been reached for the resource.",
        retryAfterMs: minuteMs,
      },
    ]);
    expect(await channel.publish([world.publication("A", 5, { external })])).toEqual([{ outcome: "ok" }]);
  });

  test.each([500, 503])("HTTP %i of eBay is tried again", async (status) => {
    const world = new EbayWorld();
    world.fake.outage = status;
    const external = world.offer("A", 1);
    expect(await world.open().publish([world.publication("A", 5, { external })])).toMatchObject([
      { outcome: "retry" },
    ]);
  });
});

describe("units that eBay sold unheard of", () => {
  test("are not put on sale again: what has moved is told and left alone", async () => {
    const world = new EbayWorld();
    const external = world.offer("A", 10);
    const other = world.offer("B", 4);
    world.fake.sell("A", 3);
    const results = await world
      .open()
      .publish([
        world.publication("A", 12, { external, expected: 10 }),
        world.publication("B", 6, { external: other, expected: 4 }),
      ]);
    expect(results).toEqual([{ outcome: "moved", actual: 7 }, { outcome: "ok" }]);
    expect(world.fake.inventory.offered("A")).toBe(7);
    expect(world.fake.inventory.offered("B")).toBe(6);
  });

  test("nor when the number falls less than was sold", async () => {
    const world = new EbayWorld();
    const external = world.offer("A", 10);
    world.fake.sell("A", 3);
    const results = await world.open().publish([world.publication("A", 9, { external, expected: 10 })]);
    expect(results).toEqual([{ outcome: "moved", actual: 7 }]);
    expect(world.fake.inventory.offered("A")).toBe(7);
  });

  test("nothing is read before a zero, which can put nothing on sale, or if nothing is expected", async () => {
    const world = new EbayWorld();
    const external = world.offer("A", 10);
    const channel = world.open();
    await channel.publish([world.publication("A", 0, { external, expected: 10 })]);
    await channel.publish([world.publication("A", 5, { external })]);
    expect(world.fake.requests.filter((request) => request.includes("bulk_get"))).toEqual([]);
    expect(world.fake.inventory.offered("A")).toBe(5);
  });

  test("while eBay cannot be read nothing is raised, and a zero still goes", async () => {
    const world = new EbayWorld();
    const raised = world.offer("A", 1);
    const soldOut = world.offer("B", 1);
    world.fake.throttled = 1;
    const results = await world
      .open()
      .publish([
        world.publication("A", 5, { external: raised, expected: 1 }),
        world.publication("B", 0, { external: soldOut, expected: 1 }),
      ]);
    expect(results).toMatchObject([{ outcome: "retry", retryAfterMs: minuteMs }, { outcome: "ok" }]);
    expect(world.fake.inventory.offered("A")).toBe(1);
    expect(world.fake.inventory.offered("B")).toBe(0);
  });
});

describe("access to eBay", () => {
  test("calls at once get one token, which outlives a restart and is renewed before its two hours are over", async () => {
    const world = new EbayWorld();
    const external = world.offer("A", 1);
    const publish = () => world.open().publish([world.publication("A", 2, { external })]);
    const channel = world.open();
    await Promise.all(
      ["A", "B", "C"].map((sku) => channel.publish([world.publication(sku, 5, { external })])),
    );
    expect(world.fake.tokensGranted).toBe(1);
    world.nowMs += 118 * minuteMs;
    await publish();
    expect(world.fake.tokensGranted).toBe(1);
    world.nowMs += 1.5 * minuteMs;
    expect(await publish()).toEqual([{ outcome: "ok" }]);
    expect(world.fake.tokensGranted).toBe(2);
  });

  test("a token that ended early is renewed once for all calls under way", async () => {
    const world = new EbayWorld();
    const externals = ["A", "B", "C"].map((sku) => ({ sku, external: world.offer(sku, 1) }));
    const channel = world.open();
    await channel.publish([world.publication("A", 2, { external: externals[0]?.external })]);
    world.fake.revokeTokens();
    const results = await Promise.all(
      externals.map(({ sku, external }) => channel.publish([world.publication(sku, 5, { external })])),
    );
    expect(results.flat()).toEqual([{ outcome: "ok" }, { outcome: "ok" }, { outcome: "ok" }]);
    expect(world.fake.tokensGranted).toBe(2);
  });

  test("a refresh token that is over waits and says so", async () => {
    const world = new EbayWorld();
    world.credentials = { ...world.credentials, refreshToken: "old" };
    const external = world.offer("A", 1);
    expect(await world.open().publish([world.publication("A", 2, { external })])).toMatchObject([
      { outcome: "retry", detail: expect.stringMatching(/invalid_grant.*let the seller agree again/) },
    ]);
  });

  test("a missing scope waits and says so, since no item is at fault", async () => {
    const world = new EbayWorld();
    const external = world.offer("A", 1);
    world.fake.scopes.delete("inventory");
    expect(await world.open().publish([world.publication("A", 2, { external })])).toMatchObject([
      { outcome: "retry", detail: "HTTP 403: 1100: Access denied" },
    ]);
  });
});

describe("reading eBay", () => {
  test("all inventory is paged through, one level for each live offer", async () => {
    const world = new EbayWorld();
    for (let index = 0; index < 60; index += 1) world.fake.inventory.add(`S${index}`, index);
    world.fake.inventory.add("DRAFT", 1, { status: "UNPUBLISHED" });
    world.fake.inventory.add("BID", 1, { format: "AUCTION" });
    world.fake.inventory.items.set("BARE", { sku: "BARE", shipTo: 5, offers: [] });
    const channel = world.open();
    const items = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await channel.readPage(cursor);
      items.push(...page.items);
      cursor = page.next;
      pages += 1;
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(items.map(({ sku, quantity }) => [sku, quantity])).toEqual(
      Array.from({ length: 60 }, (_, index) => [`S${index}`, index]),
    );
    expect(items[0]).toEqual({
      external: { sku: "S0", offerId: "offer-1", listingId: "110000000001" },
      sku: "S0",
      title: "Title of S0",
      quantity: 0,
    });
    expect(ebay.checkExternal(items[0]?.external)).toEqual([]);
  });

  test("a marketplace sees its own offers only", async () => {
    const world = new EbayWorld();
    world.fake.inventory.add("A", 3);
    world.fake.inventory.add("A", 3, { marketplaceId: "EBAY_GB" });
    expect((await world.open().readPage(undefined)).items).toHaveLength(2);
    world.settings = { ...world.settings, marketplaceId: "EBAY_GB" };
    expect((await world.open().readPage(undefined)).items).toMatchObject([
      { external: { offerId: "offer-2" } },
    ]);
  });

  test("listings are read as eBay offers them, the lesser of both quantities; unknown ones are left out", async () => {
    const world = new EbayWorld();
    const listings = Array.from({ length: 48 }, (_, index) => ({
      sku: `S${index}`,
      external: world.offer(`S${index}`, index),
    }));
    const offer = world.fake.inventory.items.get("S7")?.offers[0];
    if (offer !== undefined) offer.quantity = 2;
    const levels = await world
      .open()
      .readListings([...listings, { sku: "gone", external: { offerId: "x" } }, { sku: "unlisted" }]);
    expect(levels).toHaveLength(48);
    expect(levels[7]).toEqual({
      external: listings[7]?.external,
      sku: "S7",
      title: "Title of S7",
      quantity: 2,
    });
  });

  test("throttling while reading carries the wait", async () => {
    const world = new EbayWorld();
    world.fake.throttled = 1;
    await expect(world.open().readPage(undefined)).rejects.toMatchObject({
      name: "ChannelUnreadableError",
      retryAfterMs: minuteMs,
    });
  });
});

describe("connection test of eBay", () => {
  test("all is well", async () => {
    const world = new EbayWorld();
    world.offer("A", 1);
    const findings = await world.open().check();
    expect(findings.filter(({ isOk }) => !isOk)).toEqual([]);
    expect(findings).toHaveLength(7);
  });

  test.each<[string, RegExp, (world: EbayWorld) => void]>([
    ["wrong client secret", /clientSecret is wrong/, (world) => (world.credentials["clientSecret"] = "x")],
    ["wrong refresh token", /refresh token is wrong/, (world) => (world.credentials["refreshToken"] = "x")],
    [
      "missing inventory scope",
      /api_scope\/sell\.inventory/,
      (world) => world.fake.scopes.delete("inventory"),
    ],
    [
      "missing order scope",
      /api_scope\/sell\.fulfillment/,
      (world) => world.fake.scopes.delete("fulfillment"),
    ],
    [
      "missing notification scope",
      /api_scope\/commerce\.notification/,
      (world) => world.fake.scopes.delete("notification"),
    ],
    ["no inventory", /bulkMigrateListing/, (world) => world.fake.inventory.items.clear()],
    [
      "no subscription",
      /no subscription to ORDER_CONFIRMATION/,
      (world) => (world.fake.subscription = undefined),
    ],
    [
      "disabled subscription",
      /enableSubscription/,
      (world) => (world.fake.subscription = { topicId: "ORDER_CONFIRMATION", status: "DISABLED" }),
    ],
    [
      "another endpoint",
      /make them the same/,
      (world) => (world.fake.destination.endpoint = "https://other.example.com/"),
    ],
    ["endpoint turned off", /MARKED_DOWN/, (world) => (world.fake.destination.status = "MARKED_DOWN")],
    [
      "no endpoint yet",
      /set endpointUrl and verificationToken/,
      (world) => delete world.settings["endpointUrl"],
    ],
    ["eBay is out", /HTTP 500/, (world) => (world.fake.outage = 500)],
  ])("%s is told as such", async (_, advice, change) => {
    const world = new EbayWorld();
    world.offer("A", 1);
    change(world);
    const failed = (await world.open().check()).filter(({ isOk }) => !isOk);
    expect(failed.map((finding) => finding.advice).join("\n")).toMatch(advice);
  });
});

describe("settings of eBay", () => {
  test("good ones are taken", () => {
    const world = new EbayWorld();
    const settings = {
      ...world.settings,
      environment: "sandbox",
      marketplaceId: "EBAY_US",
      timeZone: "Europe/Berlin",
    };
    expect(ebay.checkSettings(settings, strict)).toEqual([]);
    expect(ebay.checkSettings({}, strict)).toEqual([]);
    expect(ebay.checkCredentials(world.credentials)).toEqual([]);
    expect(ebay.checkCredentials(world.fake.credentials)).toEqual([]);
    expect(ebay.checkSettings({ apiUrl: "http://127.0.0.1:9000" }, lenient)).toEqual([]);
  });

  test.each([
    [{ environment: "live" }, "/settings/environment"],
    [{ marketplaceId: "US" }, "/settings/marketplaceId"],
    [{ endpointUrl: "http://localhost/inbound" }, "/settings/endpointUrl"],
    [{ timeZone: "Mars/Olympus" }, "/settings/timeZone"],
    [{ apiUrl: "https://api.example.com" }, "/settings/apiUrl"],
    [{ url: "x" }, "/settings"],
  ])("%j is refused", (given, pointer) => {
    expect(ebay.checkSettings(given, strict)).toMatchObject([{ pointer }]);
  });

  test("a listing needs its offer, and is known by its eBay SKU if that is given", () => {
    expect(ebay.checkExternal(undefined)).toHaveLength(1);
    expect(ebay.checkExternal("offer-1")).toHaveLength(1);
    expect(ebay.checkExternal({ sku: "A" })).toHaveLength(1);
    expect(ebay.checkExternal({ offerId: "1", sku: "A" })).toEqual([]);
    const connection = ebay.connect({});
    expect(connection.itemKey({ offerId: "1", sku: "A", listingId: "110" })).toBe(
      connection.itemKey({ sku: "A" }),
    );
  });

  test("the sandbox is another place", () => {
    expect(ebay.connect({ environment: "sandbox" }).destination).toBe("https://api.sandbox.ebay.com");
    expect(ebay.connect({}).destination).toBe("https://api.ebay.com");
  });
});
