import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { amazon } from "../../../../src/channel/adapters/amazon/index.ts";
import { deviations, loadModel } from "../../../fakes/amazon/model.ts";
import { AmazonWorld } from "./amazon-world.ts";

const strict = { allowPrivateHosts: false };
const lenient = { allowPrivateHosts: true };
const minuteMs = 60_000;

describe("publishing to Amazon", () => {
  test("a quantity is accepted at once, applied later, and asked to be read back after ten minutes", async () => {
    const world = new AmazonWorld();
    world.fake.listings.add("TEE/BLK M", 10);
    const channel = world.open();
    expect(await channel.publish([world.publication("TEE/BLK M", 7)])).toEqual([
      { outcome: "ok", verifyAfterMs: 10 * minuteMs },
    ]);
    expect(world.fake.listings.quantityOf("TEE/BLK M")).toBe(10);
    world.nowMs += 10 * minuteMs;
    expect(await channel.readListings([{ sku: "TEE/BLK M" }])).toMatchObject([
      { sku: "TEE/BLK M", quantity: 7 },
    ]);
  });

  test("nothing but the quantity changes: the lead time of the same fulfilment channel stays", async () => {
    const world = new AmazonWorld();
    const item = world.fake.listings.add("A", 10);
    await world.open().publish([world.publication("A", 0)]);
    world.nowMs += 10 * minuteMs;
    expect(world.fake.listings.quantityOf("A")).toBe(0);
    expect(item.availability.get("DEFAULT")).toEqual({ quantity: 0, leadTimeDays: 3 });
    expect(world.fake.listings.patches).toEqual([
      {
        productType: "PRODUCT",
        patches: [
          {
            op: "merge",
            path: "/attributes/fulfillment_availability",
            value: [{ fulfillment_channel_code: "DEFAULT", quantity: 0 }],
          },
        ],
      },
    ]);
  });

  test("a listing may name another seller SKU and its product type", async () => {
    const world = new AmazonWorld();
    world.fake.listings.add("AMZ-1", 1);
    const external = { sellerSku: "AMZ-1", productType: "SHIRT" };
    const wrong = { sellerSku: "AMZ-1", productType: "SHOES" };
    const channel = world.open();
    const results = await channel.publish([
      world.publication("A", 2, { external: "AMZ-1" }),
      world.publication("B", 3, { external }),
      world.publication("C", 4, { external: wrong }),
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "rejected"]);
  });

  test("what Amazon calls invalid is refused in its own words, and only that item", async () => {
    const world = new AmazonWorld();
    world.fake.listings.add("A", 1);
    world.fake.listings.add("FBA", 1, { code: "AMAZON_EU" });
    world.settings = { ...world.settings, fulfillmentChannelCode: "AMAZON_EU" };
    const results = await world.open().publish([world.publication("FBA", 2), world.publication("nobody", 3)]);
    expect(results).toEqual([
      { outcome: "rejected", detail: "4000004: Quantity of Amazon-fulfilled offers cannot be set" },
      { outcome: "rejected", detail: "13013: This SKU does not exist in the Amazon catalog." },
    ]);
  });

  test("one result for each publication, in their order", async () => {
    const world = new AmazonWorld();
    for (const sku of ["A", "B", "C"]) world.fake.listings.add(sku, 1);
    const skus = ["C", "nobody", "A", "B"];
    const results = await world.open().publish(skus.map((sku, index) => world.publication(sku, index)));
    expect(results.map(({ outcome }) => outcome)).toEqual(["ok", "rejected", "ok", "ok"]);
  });

  test("the sixth call within a second is throttled, and the wait follows from the rate that Amazon names", async () => {
    const world = new AmazonWorld();
    world.fake.listings.add("A", 1);
    const channel = world.open();
    for (let call = 0; call < 5; call += 1) await channel.publish([world.publication("A", call)]);
    expect(await channel.publish([world.publication("A", 9)])).toEqual([
      {
        outcome: "retry",
        detail: "HTTP 429: QuotaExceeded: You exceeded your quota for the requested resource.",
        retryAfterMs: 200,
      },
    ]);
    world.nowMs += 200;
    expect(await channel.publish([world.publication("A", 9)])).toMatchObject([{ outcome: "ok" }]);
  });

  test("the limits told to the core are Amazon's, with connections left for the queue", () => {
    const { limits, semantics } = amazon.connect(new AmazonWorld().settings);
    expect(limits).toEqual({ batchMax: 1, concurrency: 3, ratePerSecond: 5, burst: 5 });
    expect(semantics).toBe("available");
  });

  test.each([500, 503])("HTTP %i of Amazon is tried again", async (status) => {
    const world = new AmazonWorld();
    world.fake.outage = status;
    expect(await world.open().publish([world.publication("A", 1)])).toMatchObject([{ outcome: "retry" }]);
  });

  test("an answer that cannot be understood is tried again", async () => {
    const world = new AmazonWorld();
    const channel = amazon.connect(world.settings).open({
      channel: "amazon-de",
      credentials: world.credentials,
      signingSecret: "whsec_x",
      policy: strict,
      vault: world.vault,
      now: () => world.nowMs,
      fetch: (url, init) =>
        url.includes("/auth/")
          ? world.fake.fetch(url, init)
          : Promise.resolve(new Response("<html>sorry</html>")),
    });
    expect(await channel.publish([world.publication("A", 1)])).toMatchObject([
      { outcome: "retry", detail: expect.stringContaining("cannot be understood") },
    ]);
  });
});

describe("access to Amazon", () => {
  test("calls at once get one token, which outlives a restart and is renewed before its hour is over", async () => {
    const world = new AmazonWorld();
    for (const sku of ["A", "B", "C"]) world.fake.listings.add(sku, 1);
    const channel = world.open();
    await Promise.all(["A", "B", "C"].map((sku) => channel.publish([world.publication(sku, 5)])));
    expect(world.fake.tokensGranted).toBe(1);
    world.nowMs += 58 * minuteMs;
    await world.open().publish([world.publication("A", 6)]);
    expect(world.fake.tokensGranted).toBe(1);
    world.nowMs += 1.5 * minuteMs;
    expect(await world.open().publish([world.publication("A", 7)])).toMatchObject([{ outcome: "ok" }]);
    expect(world.fake.tokensGranted).toBe(2);
  });

  test("a token that ended early is renewed once for all calls under way", async () => {
    const world = new AmazonWorld();
    for (const sku of ["A", "B", "C"]) world.fake.listings.add(sku, 1);
    const channel = world.open();
    await channel.publish([world.publication("A", 5)]);
    world.fake.revokeTokens();
    world.nowMs += minuteMs;
    const results = await Promise.all(
      ["A", "B", "C"].map((sku) => channel.publish([world.publication(sku, 6)])),
    );
    expect(results.flat().map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
    expect(world.fake.tokensGranted).toBe(2);
  });

  test("an app without the role waits and says so, since no item is at fault", async () => {
    const world = new AmazonWorld();
    world.fake.listings.add("A", 1);
    world.fake.roles.delete("listings");
    expect(await world.open().publish([world.publication("A", 5)])).toEqual([
      {
        outcome: "retry",
        detail: "HTTP 403: Unauthorized: Access to requested resource is denied.",
        retryAfterMs: undefined,
      },
    ]);
  });

  test("a withdrawn authorisation is told in words", async () => {
    const world = new AmazonWorld();
    world.credentials = { ...world.credentials, refreshToken: "Atzr|old" };
    expect(await world.open().publish([world.publication("A", 5)])).toMatchObject([
      { outcome: "retry", detail: expect.stringMatching(/invalid_grant.*authorise it again/) },
    ]);
  });
});

describe("reading Amazon", () => {
  test("all items are paged through, beyond the thousand that one search lists, each once", async () => {
    const world = new AmazonWorld();
    const total = 2_345;
    for (let index = 0; index < total; index += 1) {
      // Many items share a time of creation, also across the end of a search.
      const createdDate = new Date(
        Date.parse("2026-01-01T00:00:00Z") + Math.floor(index / 7) * 1_000,
      ).toISOString();
      world.fake.listings.add(`SKU-${String(index).padStart(4, "0")}`, index, { createdDate });
    }
    const channel = world.open();
    const skus: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await channel.readPage(cursor);
      skus.push(...page.items.map(({ sku }) => sku));
      cursor = page.next;
      world.nowMs += 250;
    } while (cursor !== undefined);
    expect(skus).toEqual([...world.fake.listings.items.keys()]);
  });

  test("an item shows its seller SKU, title and the quantity of the seller's own stock; what only Amazon ships is left out", async () => {
    const world = new AmazonWorld();
    world.fake.listings.add("A", 4);
    world.fake.listings.add("FBA", 9, { code: "AMAZON_EU" });
    const both = world.fake.listings.add("BOTH", 2);
    both.availability.set("AMAZON_EU", { quantity: 50 });
    expect((await world.open().readPage(undefined)).items).toEqual([
      { external: "A", sku: "A", title: "Title of A", quantity: 4 },
      { external: "BOTH", sku: "BOTH", title: "Title of BOTH", quantity: 2 },
    ]);
  });

  test("fifty listings are read in three requests, those with a comma alone, and unknown ones are left out", async () => {
    const world = new AmazonWorld();
    const listings = Array.from({ length: 48 }, (_, index) => ({ sku: `S${index}` }));
    for (const { sku } of listings) world.fake.listings.add(sku, 1);
    world.fake.listings.add("A,B", 3);
    // Not asked for, and not to be taken for the first half of the one before.
    world.fake.listings.add("A", 9);
    const levels = await world.open().readListings([...listings, { sku: "A,B" }, { sku: "nobody" }]);
    expect(levels).toHaveLength(49);
    expect(levels.at(-1)).toMatchObject({ external: "A,B", quantity: 3 });
    expect(world.fake.requests.filter((request) => request.startsWith("GET"))).toHaveLength(4);
  });

  test("throttling while reading carries the wait", async () => {
    const world = new AmazonWorld();
    const channel = world.open();
    for (let call = 0; call < 5; call += 1) await channel.readPage(undefined);
    await expect(channel.readPage(undefined)).rejects.toMatchObject({
      name: "ChannelUnreadableError",
      retryAfterMs: 200,
    });
  });
});

describe("connection test of Amazon", () => {
  test("all is well, and the preview changes nothing", async () => {
    const world = new AmazonWorld();
    world.fake.listings.add("A", 4);
    const findings = await world.open().check();
    expect(findings.filter(({ isOk }) => !isOk)).toEqual([]);
    expect(findings).toHaveLength(6);
    expect(world.fake.listings.previews).toHaveLength(1);
    expect(world.fake.listings.patches).toEqual([]);
  });

  const without = (change: (world: AmazonWorld) => void): AmazonWorld => {
    const world = new AmazonWorld();
    world.fake.listings.add("A", 4);
    change(world);
    return world;
  };

  test.each<[string, RegExp, (world: AmazonWorld) => void]>([
    ["wrong client secret", /clientSecret is wrong/, (world) => (world.credentials["clientSecret"] = "x")],
    ["wrong refresh token", /refresh token is wrong/, (world) => (world.credentials["refreshToken"] = "x")],
    ["missing listing role", /Product Listing role/, (world) => world.fake.roles.delete("listings")],
    ["missing order role", /Inventory and Order Tracking/, (world) => world.fake.roles.delete("orders")],
    [
      "wrong marketplace",
      /See sellerId and marketplaceId/,
      (world) => (world.settings["marketplaceId"] = "ATVPDKIKX0DER"),
    ],
    ["no subscription", /there is no subscription/, (world) => (world.fake.isSubscribed = false)],
    ["no queue", /set queueUrl/, (world) => delete world.settings["queueUrl"]],
    [
      "no access key",
      /awsAccessKeyId and awsSecretAccessKey are needed/,
      (world) => delete world.credentials["awsAccessKeyId"],
    ],
    [
      "wrong access key",
      /awsAccessKeyId or awsSecretAccessKey is wrong/,
      (world) => (world.credentials["awsAccessKeyId"] = "AKID2"),
    ],
    [
      "wrong secret key",
      /awsAccessKeyId or awsSecretAccessKey is wrong/,
      (world) => (world.credentials["awsSecretAccessKey"] = "x"),
    ],
    [
      "queue not permitted",
      /Permit sqs:ReceiveMessage/,
      (world) => world.fake.queue.forbidden.add("GetQueueAttributes"),
    ],
    ["unknown queue", /See queueUrl/, (world) => (world.settings["queueUrl"] += "2")],
    [
      "no dead-letter queue",
      /enable a dead-letter queue/,
      (world) => (world.fake.queue.hasDeadLetters = false),
    ],
    ["Amazon is out", /HTTP 500/, (world) => (world.fake.outage = 500)],
  ])("%s is told as such", async (_, advice, change) => {
    const findings = await without(change).open().check();
    const failed = findings.filter(({ isOk }) => !isOk);
    expect(failed.map((finding) => finding.advice).join("\n")).toMatch(advice);
  });
});

describe("settings of Amazon", () => {
  const { settings } = new AmazonWorld();

  test("good ones are taken", () => {
    expect(amazon.checkSettings(settings, strict)).toEqual([]);
    expect(amazon.checkCredentials(new AmazonWorld().credentials)).toEqual([]);
    expect(amazon.checkCredentials(new AmazonWorld().fake.credentials)).toEqual([]);
    for (const external of [undefined, "A", { sellerSku: "A" }, { sellerSku: "A", productType: "SHIRT" }]) {
      expect(amazon.checkExternal(external)).toEqual([]);
    }
  });

  test.each([
    [{ ...settings, region: "us" }, "/settings/region"],
    [{ ...settings, sellerId: "shop@example" }, "/settings/sellerId"],
    [
      { ...settings, queueUrl: "https://sqs.eu-west-1.example.com/123456789012/orders" },
      "/settings/queueUrl",
    ],
    [
      { ...settings, queueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo" },
      "/settings/queueUrl",
    ],
    [{ ...settings, queueUrl: "http://localhost/123456789012/orders" }, "/settings/queueUrl"],
    [{ ...settings, apiUrl: "https://api.example.com" }, "/settings/apiUrl"],
    [{ ...settings, waitSeconds: 30 }, "/settings/waitSeconds"],
    [{ ...settings, seller: "x" }, "/settings"],
  ])("%j is refused", (given, pointer) => {
    expect(amazon.checkSettings(given, strict)).toMatchObject([{ pointer }]);
  });

  test("another address is for those who permit private hosts", () => {
    const given = {
      ...settings,
      apiUrl: "http://127.0.0.1:9000",
      queueUrl: "http://127.0.0.1:9000/1/orders",
    };
    expect(amazon.checkSettings(given, lenient)).toEqual([]);
  });

  test("a listing is known by its seller SKU, however it is written", () => {
    const connection = amazon.connect(settings);
    expect(connection.itemKey("A")).toBe(connection.itemKey({ sellerSku: "A", productType: "SHIRT" }));
    expect(amazon.checkExternal({ sku: "A" })).toHaveLength(1);
  });
});

const folder = process.env["STOCKWIRE_CONTRACTS"] ?? "contracts";
const file = join(folder, "amazon-listings-items-2021-08-01.json");
const model = loadModel(file);

test.skipIf(model === undefined)(
  `requests are as Amazon's own model has them (needs ${file}; STOCKWIRE_CONTRACTS names its folder)`,
  async () => {
    const world = new AmazonWorld();
    world.fake.listings.add("A", 4);
    await world.open().publish([world.publication("A", 7)]);
    await world.open().check();
    const schema = { $ref: "#/definitions/ListingsItemPatchRequest" };
    const bodies = [...world.fake.listings.patches, ...world.fake.listings.previews];
    expect(bodies).toHaveLength(2);
    for (const body of bodies) expect(deviations(model ?? {}, schema, body)).toEqual([]);
    expect(deviations(model ?? {}, schema, { patches: [] })).toEqual([
      "$.productType is missing",
      "$.patches has too few items",
    ]);
  },
);
