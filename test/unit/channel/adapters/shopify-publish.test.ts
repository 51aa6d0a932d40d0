import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { PublishResult } from "../../../../src/channel/kit/adapter.ts";
import { gid } from "../../../fakes/shopify/items.ts";
import { versions } from "../../../fakes/shopify/schema.ts";
import { publicationOf, ShopifyWorld } from "./shopify-world.ts";

const ok: PublishResult = { outcome: "ok" };

function setRequests({ shop }: ShopifyWorld) {
  return shop.asked.filter(({ operationName }) => operationName === "StockwireSet");
}

function keysOf(world: ShopifyWorld): unknown[] {
  return setRequests(world).map(({ variables }) => variables?.["key"]);
}

/** Lets fake time pass while something goes on, but not while the shop is asked: a slow machine is no timeout. */
async function inFakeTime<Result>(world: ShopifyWorld, going: Promise<Result>): Promise<Result> {
  let isOver = false;
  const result = going.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (world.callsInFlight === 0) vi.advanceTimersByTime(10);
  }
  return result;
}

afterEach(() => void vi.useRealTimers());

describe.each(versions)("publishing to a Shopify shop, %s", (apiVersion) => {
  test("sets what is available, comparing with what is expected", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const item = world.shop.item("TEE-S", 5);
    expect(await world.channel.publish([publicationOf(item, 12, 5)])).toEqual([ok]);
    expect(world.shop.available(item)).toBe(12);
    const [request] = setRequests(world);
    expect(request?.variables).toEqual({
      key: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      input: {
        name: "available",
        reason: "correction",
        referenceDocumentUri: "gid://stockwire/Channel/north",
        quantities: [
          {
            inventoryItemId: gid("InventoryItem", item.id),
            locationId: gid("Location", world.shop.locationId),
            quantity: 12,
            changeFromQuantity: 5,
          },
        ],
      },
    });
  });

  test("without an expectation it sets whatever was there, and says so", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const item = world.shop.item("TEE-S", 5);
    expect(await world.channel.publish([publicationOf(item, 12)])).toEqual([ok]);
    expect(JSON.stringify(setRequests(world)[0]?.variables)).toContain('"changeFromQuantity":null');
    expect(world.shop.available(item)).toBe(12);
  });

  test("250 items are one request, and every publication has its result in its place", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const items = Array.from({ length: 250 }, (_, number) => world.shop.item(`SKU-${number}`, 1));
    const results = await world.channel.publish(items.map((item, number) => publicationOf(item, number, 1)));
    expect(results).toEqual(items.map(() => ok));
    expect(items.map((item) => world.shop.available(item))).toEqual(items.map((_, number) => number));
    expect(world.shop.admin.operations).toEqual(["StockwireSet"]);
  });

  test("an unseen sale is not put back on sale: that item is left as it is, the others are told", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const [sold, other] = [world.shop.item("SOLD", 5), world.shop.item("OTHER", 5)];
    world.shop.sales.sell({ item: sold, quantity: 3 });
    const results = await world.channel.publish([publicationOf(other, 8, 5), publicationOf(sold, 9, 5)]);
    expect(results).toEqual([ok, { outcome: "moved", actual: 2 }]);
    expect(world.shop.available(sold)).toBe(2);
    expect(world.shop.available(other)).toBe(8);
  });

  test("what moved goes through when it is told again with what is there", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const item = world.shop.item("TEE-S", 5);
    world.shop.sales.sell({ item, quantity: 3 });
    await world.channel.publish([publicationOf(item, 9, 5)]);
    expect(await world.channel.publish([publicationOf(item, 6, 2)])).toEqual([ok]);
    expect(world.shop.available(item)).toBe(6);
    expect(new Set(keysOf(world)).size).toBe(2);
  });

  test("a sale between the refusal and the look at the level is in what is reported", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const item = world.shop.item("TEE-S", 5);
    world.shop.sales.sell({ item, quantity: 1 });
    world.shop.obstacles.push(
      (run) => run(),
      (run) => {
        world.shop.sales.sell({ item, quantity: 1 });
        return run();
      },
    );
    expect(await world.channel.publish([publicationOf(item, 9, 5)])).toEqual([
      { outcome: "moved", actual: 3 },
    ]);
  });

  test("items that are refused do not keep the others back, and carry the shop's words", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const good = world.shop.item("GOOD", 1);
    const bundle = world.shop.item("BUNDLE", 1, { isBundle: true });
    const moved = world.shop.item("MOVED", 3);
    const gone = { ...good, id: 99, sku: "GONE" };
    const results = await world.channel.publish([
      publicationOf(bundle, 2),
      publicationOf(gone, 2),
      publicationOf(good, 2, 1),
      publicationOf(moved, 2, 1),
    ]);
    expect(results).toEqual([
      { outcome: "rejected", detail: expect.stringContaining("(NON_MUTABLE_INVENTORY_ITEM)") },
      { outcome: "rejected", detail: expect.stringContaining("(INVALID_INVENTORY_ITEM)") },
      ok,
      { outcome: "moved", actual: 3 },
    ]);
    expect(world.shop.available(good)).toBe(2);
    expect(world.shop.available(bundle)).toBe(1);
    expect(new Set(keysOf(world)).size).toBe(keysOf(world).length);
  });

  test("an item that is not stocked at the location is put there first", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const [fresh, known] = [world.shop.item("FRESH", undefined), world.shop.item("KNOWN", 1)];
    const results = await world.channel.publish([publicationOf(fresh, 4, 0), publicationOf(known, 2, 1)]);
    expect(results).toEqual([ok, ok]);
    expect(world.shop.available(fresh)).toBe(4);
    expect(world.shop.mutations.activated).toEqual([fresh.id]);
  });

  test("an item that was taken off the location comes back with what it had, and is compared with that", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const item = world.shop.item("TEE-S", 3);
    const level = item.levels.get(world.shop.locationId);
    if (level !== undefined) level.isActive = false;
    expect(await world.channel.publish([publicationOf(item, 9, 5)])).toEqual([
      { outcome: "moved", actual: 3 },
    ]);
    expect(await world.channel.publish([publicationOf(item, 9, 3)])).toEqual([ok]);
  });

  test("an item that cannot be stocked at the location is refused in clear words", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const item = world.shop.item("DROPSHIP", undefined, { fulfillmentService: "post" });
    const [result] = await world.channel.publish([publicationOf(item, 4, 0)]);
    expect(result).toEqual({
      outcome: "rejected",
      detail:
        "the item is not stocked at the channel's location, and cannot be put there: The product is stocked by a fulfillment service, and can't be stocked at this location.",
    });
  });

  test("many items that are not stocked yet have their turn one after the other", async () => {
    const world = new ShopifyWorld({ apiVersion });
    const items = Array.from({ length: 30 }, (_, number) => world.shop.item(`NEW-${number}`, undefined));
    const results = await world.channel.publish(items.map((item) => publicationOf(item, 1, 0)));
    expect(results.filter(({ outcome }) => outcome === "ok")).toHaveLength(20);
    expect(results.filter(({ outcome }) => outcome === "later")).toHaveLength(10);
  });

  test("a location that the shop does not have fails all, and says which setting is wrong", async () => {
    const world = new ShopifyWorld({ apiVersion, locationId: "77" });
    const items = [world.shop.item("A", 1), world.shop.item("B", 1)];
    const results = await world.channel.publish(items.map((item) => publicationOf(item, 2, 1)));
    for (const result of results) {
      expect(result).toEqual({ outcome: "rejected", detail: expect.stringContaining("`locationId`") });
    }
    expect(setRequests(world)).toHaveLength(1);
  });
});

describe("publishing to a Shopify shop, whatever goes wrong", () => {
  test("two SKUs for one item: the first is told, the other refused with its name", async () => {
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 1);
    const again = publicationOf(item, 7, 1, {
      sku: "TEE-SMALL",
      external: { inventoryItemId: String(item.id) },
    });
    expect(await world.channel.publish([publicationOf(item, 2, 1), again])).toEqual([
      ok,
      { outcome: "rejected", detail: expect.stringContaining("TEE-S has the same inventory item") },
    ]);
    expect(world.shop.available(item)).toBe(2);
  });

  test("a listing that names no item is refused, and nothing is asked for it", async () => {
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 1);
    expect(await world.channel.publish([publicationOf(item, 2, 1, { external: undefined })])).toEqual([
      { outcome: "rejected", detail: expect.stringContaining("no `external`") },
    ]);
    expect(world.shop.asked).toEqual([]);
  });

  test("an answer that is lost is asked for again under the same key, and counts once", async () => {
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 5);
    world.shop.obstacles.push(async (run) => {
      await run();
      world.shop.sales.sell({ item, quantity: 1 });
      throw new TypeError("connection reset");
    });
    expect(await world.channel.publish([publicationOf(item, 3, 5)])).toEqual([ok]);
    expect(world.shop.mutations.carriedOut).toHaveLength(1);
    expect(world.shop.available(item)).toBe(2);
    const [first, second] = keysOf(world);
    expect(second).toBe(first);
  });

  test("a retry of the same content has the same key, also after the service has lost its memory", async () => {
    const world = new ShopifyWorld();
    const [a, b] = [world.shop.item("A", 5), world.shop.item("B", 5)];
    const down = async () => new Response("upstream", { status: 502 });
    world.shop.obstacles.push(async (run) => {
      await run();
      return down();
    }, down);
    const told = [publicationOf(a, 3, 5), publicationOf(b, 4, 5)];
    for (const result of await world.channel.publish(told)) expect(result.outcome).toBe("retry");
    world.open();
    world.nowMs += 5_000;
    expect(await world.channel.publish(told.toReversed())).toEqual([ok, ok]);
    expect(world.shop.mutations.carriedOut).toHaveLength(1);
    expect(new Set(keysOf(world)).size).toBe(1);
  });

  test("other content has another key: quantity, expectation, version, revision, items", async () => {
    const world = new ShopifyWorld();
    const [a, b] = [world.shop.item("A", 5), world.shop.item("B", 5)];
    const batches = [
      [publicationOf(a, 3, 5)],
      [publicationOf(a, 4, 5)],
      [publicationOf(a, 3, 4)],
      [publicationOf(a, 3)],
      [publicationOf(a, 3, 5, { epoch: "e2" })],
      [publicationOf(a, 3, 5, { version: 8 })],
      [publicationOf(a, 3, 5, { revision: 1 })],
      [publicationOf(a, 3, 5), publicationOf(b, 3, 5)],
    ];
    for (const batch of batches) await world.channel.publish(batch);
    const keys = keysOf(world);
    expect(keys.length).toBeGreaterThanOrEqual(batches.length);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("the same number told again on purpose is really written again", async () => {
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 5);
    await world.channel.publish([publicationOf(item, 7, 5)]);
    world.shop.edit(item, 5);
    expect(await world.channel.publish([publicationOf(item, 7, 5)])).toEqual([ok]);
    expect(world.shop.available(item)).toBe(7);
    world.shop.edit(item, 5);
    world.nowMs += 3_600_000;
    world.open();
    expect(await world.channel.publish([publicationOf(item, 7, 5)])).toEqual([ok]);
    expect(world.shop.available(item)).toBe(7);
  });

  test("while an earlier request with the key is at work, the same is asked again after a while", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 5);
    world.shop.mutations.concurrent = 2;
    const publishing = world.channel.publish([publicationOf(item, 7, 5)]);
    expect(await inFakeTime(world, publishing)).toEqual([ok]);
    const keys = keysOf(world);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  test("one that stays at work is left for later", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 5);
    world.shop.mutations.concurrent = 100;
    const publishing = world.channel.publish([publicationOf(item, 7, 5)]);
    expect(await inFakeTime(world, publishing)).toEqual([
      { outcome: "retry", detail: expect.stringContaining("still at work") },
    ]);
  });

  test("a key whose first attempt failed is replaced", async () => {
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 5);
    await world.channel.publish([publicationOf(item, 7, 4)]);
    world.shop.edit(item, 4);
    world.open();
    expect(await world.channel.publish([publicationOf(item, 7, 4)])).toEqual([ok]);
    const [first, second, third] = keysOf(world);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(world.shop.available(item)).toBe(7);
  });

  test("a shop out of points is left alone until it has enough, by its own figures", async () => {
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 5);
    world.shop.admin.restoreRate = 4;
    world.shop.admin.drainTo(3);
    expect(await world.channel.publish([publicationOf(item, 7, 5)])).toEqual([
      { outcome: "retry", detail: "Throttled", retryAfterMs: 2_000 },
    ]);
    world.nowMs += 1_000;
    // Known by now, so not even asked.
    expect(await world.channel.publish([publicationOf(item, 7, 5)])).toEqual([
      { outcome: "retry", detail: expect.stringContaining("points"), retryAfterMs: 1_000 },
    ]);
    expect(setRequests(world)).toHaveLength(1);
    world.nowMs += 1_000;
    expect(await world.channel.publish([publicationOf(item, 7, 5)])).toEqual([ok]);
  });

  test("a missing scope is told in Shopify's words, and nothing is parked for it", async () => {
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 5);
    world.shop.admin.scopes.delete("write_inventory");
    const [result] = await world.channel.publish([publicationOf(item, 7, 5)]);
    expect(result).toMatchObject({ outcome: "retry", detail: expect.stringContaining("`write_inventory`") });
  });

  test.each([
    [402, "frozen"],
    [404, "`shop`"],
    [423, "locked"],
    [429, "HTTP 429"],
    [500, "HTTP 500"],
  ])("HTTP %i is no fault of the item: it is tried again", async (status, words) => {
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 5);
    const answer = async () => new Response("sorry", { status });
    world.shop.obstacles.push(answer, answer);
    const [result] = await world.channel.publish([publicationOf(item, 7, 5)]);
    expect(result).toMatchObject({ outcome: "retry", detail: expect.stringContaining(words) });
  });

  test("an answer that cannot be understood is no success", async () => {
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 5);
    const answers = ["<html>", '{"data":{}}', '{"data":{"inventorySetQuantities":null}}', "{}"];
    for (const answer of answers) {
      const reply = async () => new Response(answer);
      world.shop.obstacles.push(reply, reply);
      const [result] = await world.channel.publish([publicationOf(item, 7, 5)]);
      expect(result).toMatchObject({ outcome: "retry", detail: expect.stringContaining("understood") });
    }
  });
});

describe("any batch for a Shopify shop, on any network", () => {
  const kinds = fc.constantFrom("stocked", "unstocked", "bundle", "gone", "twin", "nameless");
  const listing = fc.record({
    kind: kinds,
    has: fc.integer({ min: 0, max: 4 }),
    expected: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    quantity: fc.integer({ min: 0, max: 9 }),
  });
  const weather = fc.constantFrom("fine", "lost before", "lost after", "HTTP 503");

  test.each(versions)(
    "each publication has its own result, and it is true (%s)",
    async (apiVersion) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(listing, { minLength: 1, maxLength: 12 }),
          fc.array(weather, { maxLength: 6 }),
          async (listings, weathers) => {
            const world = new ShopifyWorld({ apiVersion });
            const items = listings.map(({ kind, has }, number) =>
              world.shop.item(`SKU-${number}`, kind === "unstocked" ? undefined : has, {
                isBundle: kind === "bundle",
              }),
            );
            const publications = listings.map(({ kind, expected, quantity }, number) => {
              const item = items[kind === "twin" ? 0 : number] ?? items[0];
              if (item === undefined) throw new Error("a batch has an item");
              const target = kind === "gone" ? { ...item, id: 99 + number } : item;
              const more = kind === "nameless" ? { external: undefined } : {};
              return publicationOf(target, quantity, expected, { sku: `SKU-${number}`, ...more });
            });
            world.shop.obstacles.push(
              ...weathers.map((kind) => async (run: () => Promise<Response>) => {
                if (kind === "lost before") throw new TypeError("no route");
                if (kind === "HTTP 503") return new Response("busy", { status: 503 });
                const answer = await run();
                if (kind === "lost after") throw new TypeError("connection reset");
                return answer;
              }),
            );
            const results = await world.channel.publish(publications);
            expect(results).toHaveLength(publications.length);
            for (const [place, result] of results.entries()) {
              const [item, wanted] = [items[place], listings[place]];
              if (item === undefined || wanted === undefined) throw new Error("a result too many");
              const shown = wanted.kind === "twin" ? undefined : world.shop.available(item);
              if (result.outcome === "ok" && shown !== undefined) expect(shown).toBe(wanted.quantity);
              if (result.outcome === "moved" && shown !== undefined) expect(result.actual).toBe(shown);
              const isImpossible = ["bundle", "gone", "nameless"].includes(wanted.kind);
              if (isImpossible) expect(["rejected", "retry"]).toContain(result.outcome);
              const isLeft = result.outcome === "moved" || result.outcome === "rejected";
              if (isLeft && wanted.kind === "stocked" && !listings.some(({ kind }) => kind === "twin")) {
                expect(shown).toBe(wanted.has);
              }
            }
            if (weathers.length === 0) {
              expect(results.filter(({ outcome }) => outcome === "retry" || outcome === "gone")).toEqual([]);
            }
          },
        ),
        { numRuns: 80 },
      );
    },
    30_000,
  );
});
