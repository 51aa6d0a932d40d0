import { describe, expect, test } from "vitest";
import { BatchSize } from "../../../../src/channel/adapters/woocommerce/batch-size.ts";
import { publication, WooWorld } from "./woocommerce-world.ts";

describe("publishing to WooCommerce", () => {
  test("products go in one request, the variations of each product in another, and results keep their order", async () => {
    const world = new WooWorld();
    const { shop } = world;
    const tee = shop.product("TEE", 0, { type: "variable", manageStock: false });
    const small = shop.product("TEE-S", 1, { parentId: tee.id });
    const large = shop.product("TEE-L", 1, { parentId: tee.id });
    const mug = shop.product("MUG", 1);
    const cup = shop.product("CUP", 1);
    const results = await world.channel.publish([
      publication({ productId: String(tee.id), variationId: String(small.id) }, 3),
      publication(String(mug.id), 4),
      publication("4711", 9),
      publication({ productId: String(tee.id), variationId: String(large.id) }, 5),
      publication(undefined, 9),
      publication({ productId: String(cup.id) }, 6),
    ]);
    expect(results).toEqual([
      { outcome: "ok" },
      { outcome: "ok" },
      { outcome: "rejected", detail: "woocommerce_rest_product_invalid_id: Invalid ID." },
      { outcome: "ok" },
      { outcome: "rejected", detail: expect.stringContaining("import the listings") },
      { outcome: "ok" },
    ]);
    expect([small.stock, large.stock, mug.stock, cup.stock]).toEqual([3, 5, 4, 6]);
    expect(world.requests.sort()).toEqual([
      `POST products/${tee.id}/variations/batch`,
      "POST products/batch",
    ]);
  });

  test("a product that did not count its stock does from then on", async () => {
    const world = new WooWorld();
    const mug = world.shop.product("MUG", 0, { manageStock: false, stock: null });
    expect(await world.channel.publish([publication(String(mug.id), 4, 0)])).toEqual([{ outcome: "ok" }]);
    expect(mug).toMatchObject({ manageStock: true, stock: 4 });
  });

  test("a sale that nobody has heard of is not put back on sale; the others are written", async () => {
    const world = new WooWorld();
    const [mug, cup] = [world.shop.product("MUG", 10), world.shop.product("CUP", 10)];
    await world.shop.sell([{ id: mug.id, quantity: 2 }]);
    const results = await world.channel.publish([
      publication(String(mug.id), 12, 10),
      publication(String(cup.id), 12, 10),
    ]);
    expect(results).toEqual([{ outcome: "moved", actual: 8 }, { outcome: "ok" }]);
    expect([mug.stock, cup.stock]).toEqual([8, 12]);
    // As the core goes on: what is withheld is left out, and expected is what was seen.
    expect(await world.channel.publish([publication(String(mug.id), 10, 8)])).toEqual([{ outcome: "ok" }]);
  });

  test("a variation is compared with its own number, and below zero too", async () => {
    const world = new WooWorld();
    const tee = world.shop.product("TEE", 0, { type: "variable" });
    const small = world.shop.product("TEE-S", 1, { parentId: tee.id });
    await world.shop.sell([{ id: small.id, quantity: 3 }]);
    const external = { productId: String(tee.id), variationId: String(small.id) };
    expect(await world.channel.publish([publication(external, 5, 1)])).toEqual([
      { outcome: "moved", actual: -2 },
    ]);
  });

  test("without an expectation nothing is read", async () => {
    const world = new WooWorld();
    const mug = world.shop.product("MUG", 10);
    await world.channel.publish([publication(String(mug.id), 3)]);
    expect(world.requests).toEqual(["POST products/batch"]);
  });

  test("a batch that is too large for the shop is halved at once, and stays smaller", async () => {
    const world = new WooWorld({ batchMax: 40 });
    world.shop.rest.batchLimit = 15;
    const products = Array.from({ length: 40 }, (_, index) => world.shop.product(`P${index}`, 0));
    const all = products.map(({ id }, index) => publication(String(id), index));
    expect(await world.channel.publish(all)).toEqual(all.map(() => ({ outcome: "ok" })));
    expect(products.map(({ stock }) => stock)).toEqual(products.map((_, index) => index));
    expect(world.requests).toHaveLength(1 + 2 + 4);
    world.shop.rest.calls.length = 0;
    await world.channel.publish(all);
    expect(world.requests).toHaveLength(4);
  });

  test("a server that breaks down gets less at once, and more again when it copes", () => {
    const size = new BatchSize(40);
    size.brokeDown(40);
    expect(size.current).toBe(20);
    size.succeeded(3);
    expect(size.current).toBe(20);
    size.succeeded(20);
    expect(size.current).toBe(40);
    size.tooLarge(40);
    size.succeeded(20);
    expect(size.current).toBe(20);
  });

  test.each([
    [429, "12", 12_000],
    [503, "Mon, 23 Nov 2026 09:01:00 GMT", 59_500],
    [503, null, undefined],
  ])(
    "HTTP %i with Retry-After %s silences the channel, and nothing else is asked",
    async (status, header, retryAfterMs) => {
      const world = new WooWorld({ batchMax: 1 });
      const products = [1, 2, 3, 4, 5].map((n) => world.shop.product(`P${n}`, 0));
      world.shop.rest.inFront = () =>
        new Response("Slow down", { status, headers: header === null ? {} : { "retry-after": header } });
      const results = await world.channel.publish(products.map(({ id }) => publication(String(id), 1)));
      expect(results).toEqual(
        products.map(() => ({ outcome: "retry", detail: `HTTP ${status}: Slow down`, retryAfterMs })),
      );
      expect(world.requests.length).toBeLessThanOrEqual(2);
    },
  );

  test("one product that breaks the server does not keep others from being told", async () => {
    const world = new WooWorld({ batchMax: 1 });
    const [bad, good] = [world.shop.product("BAD", 0), world.shop.product("GOOD", 0)];
    world.shop.rest.inFront = ({ body }) =>
      JSON.stringify(body ?? "").includes(`"id":${bad.id}`)
        ? new Response("<p>There has been a critical error on this website.</p>", { status: 500 })
        : undefined;
    const results = await world.channel.publish([
      publication(String(bad.id), 1),
      publication(String(good.id), 1),
    ]);
    expect(results).toEqual([
      { outcome: "retry", detail: "HTTP 500: There has been a critical error on this website." },
      { outcome: "ok" },
    ]);
  });

  test.each([
    ["a wrong key", { consumerKey: `ck_${"0".repeat(40)}` }, "Consumer key is invalid."],
    ["a wrong secret", { consumerSecret: `cs_${"0".repeat(40)}` }, "Consumer secret is invalid."],
  ])("%s parks nothing: the numbers go out when it is mended", async (_, credentials, said) => {
    const world = new WooWorld({}, credentials);
    const mug = world.shop.product("MUG", 1);
    const [result] = await world.channel.publish([publication(String(mug.id), 2)]);
    expect(result).toMatchObject({ outcome: "retry", detail: expect.stringContaining(said) });
    expect(mug.stock).toBe(1);
  });

  test("a shop that counts nothing is said to need a setting", async () => {
    const world = new WooWorld();
    world.shop.catalogue.isStockManaged = false;
    const mug = world.shop.product("MUG", 0, { manageStock: false, stock: null });
    expect(await world.channel.publish([publication(String(mug.id), 2)])).toMatchObject([
      { outcome: "rejected", detail: expect.stringContaining("Enable stock management") },
    ]);
  });

  test.each([
    ["a login page", () => new Response("<html>Sign in</html>")],
    ["an answer without the items", () => Response.json({ update: [] })],
    ["another product in its place", () => Response.json({ update: [{ id: 1 }] })],
    [
      "a redirect",
      () => new Response(null, { status: 301, headers: { location: "https://www.shop.example/" } }),
    ],
    ["a page that is not there", () => new Response("Not found", { status: 404 })],
  ])("%s is no success: it is tried again", async (_, answer) => {
    const world = new WooWorld();
    const mug = world.shop.product("MUG", 0);
    world.shop.rest.inFront = answer;
    const results = await world.channel.publish([publication(String(mug.id), 2)]);
    expect(results).toMatchObject([{ outcome: "retry" }]);
  });

  test("the sale that falls between the comparison and the write is the only one that can be missed", async () => {
    const world = new WooWorld();
    const mug = world.shop.product("MUG", 10);
    world.shop.rest.afterRead = () => world.shop.catalogue.move(mug.id, -1, world.nowMs);
    expect(await world.channel.publish([publication(String(mug.id), 10, 10)])).toEqual([{ outcome: "ok" }]);
    // Its order, once applied, is published again: 9 in the end. Until then the window is open.
    expect(mug.stock).toBe(10);
  });
});
