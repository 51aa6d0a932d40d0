import { describe, expect, it } from "vitest";
import { acp } from "../../../../src/channel/adapters/acp/index.ts";
import { availabilityOf } from "../../../../src/channel/adapters/acp/products.ts";
import { feedId, url } from "../../../fakes/acp/feed.ts";
import { AcpWorld, mug, publication, soldOut, tee } from "./acp-world.ts";

const ok = { outcome: "ok" };

describe("what a feed says of a number", () => {
  it.each([
    [10, "in_stock", { available: true, status: "in_stock" }],
    [2, "low_stock", { available: true, status: "limited_stock" }],
    [0, "out_of_stock", { available: false, status: "out_of_stock" }],
    [0, "backorder", { available: true, status: "backorder" }],
    // The rule shows nothing of what there is.
    [0, "in_stock", { available: false, status: "out_of_stock" }],
  ] as const)("%i and %s", (quantity, status, availability) => {
    expect(availabilityOf(publication({ sku: "TEE-S", quantity, status }))).toEqual(availability);
  });

  it("stays the same while units remain, so that a sale costs no request", () => {
    const connection = acp.connect({ url, feedId });
    const shownOf = (quantity: number) => connection.shown(publication({ sku: "TEE-S", quantity }));
    expect(shownOf(9)).toBe(shownOf(5));
    expect(connection.shown(soldOut("TEE-S"))).not.toBe(shownOf(5));
  });
});

describe("an upsert", () => {
  it("sends the whole product back with nothing but the availability changed", async () => {
    const { feed, publish } = world();
    expect(await publish(soldOut("TEE-S"))).toEqual([ok]);
    const [first, second] = tee().variants;
    const availability = { available: false, status: "out_of_stock" };
    expect(feed.upserts.map(({ body }) => body)).toEqual([
      { products: [{ ...tee(), variants: [{ ...first, availability }, second] }] },
    ]);
    expect(feed.products.get("prod_mug")).toEqual(mug());
  });

  it("puts what concerns one product into one, and sends nothing that the feed says already", async () => {
    const { feed, publish } = world();
    const results = await publish(
      publication({ sku: "TEE-S" }),
      soldOut("TEE-M"),
      publication({ sku: "MUG" }),
    );
    expect(results).toEqual([ok, ok, ok]);
    expect(feed.upserts).toHaveLength(1);
    expect(feed.availability("TEE-M")).toEqual({ available: false, status: "out_of_stock" });
    expect(feed.availability("MUG")).toEqual({ available: true, status: "in_stock" });
    expect(await publish(publication({ sku: "TEE-S" }), soldOut("TEE-M"))).toEqual([ok, ok]);
    expect(feed.upserts).toHaveLength(1);
  });

  it("finds the variant that the listing names, and refuses what the feed does not have", async () => {
    const { feed, publish } = world();
    const results = await publish(
      soldOut("A", { external: "TEE-S" }),
      soldOut("B", { external: { variantId: "MUG", productId: "prod_mug" } }),
      soldOut("C", { external: { variantId: "MUG", productId: "prod_tee" } }),
      soldOut("D"),
    );
    expect(results).toEqual([
      ok,
      ok,
      { outcome: "rejected", detail: expect.stringContaining('no variant "MUG"') },
      { outcome: "rejected", detail: expect.stringContaining('no variant "D"') },
    ]);
    expect(feed.availability("TEE-S")).toEqual({ available: false, status: "out_of_stock" });
  });

  it("has the same key when it is repeated, and another when the same is told again later", async () => {
    const { feed, publish } = world();
    const lost = soldOut("MUG");
    await publish(lost);
    feed.add(mug());
    await publish(lost);
    expect(new Set(feed.upserts.map(({ key }) => key)).size).toBe(1);
    await publish(publication({ sku: "MUG", version: 43 }));
    feed.add(mug());
    await publish(soldOut("MUG", { version: 44 }));
    // With the first key it would have been answered again, and the mug would still be for sale.
    expect(feed.availability("MUG")).toEqual({ available: false, status: "out_of_stock" });
  });

  it("that the agent refuses is cut until the product at fault stands alone", async () => {
    const { feed, publish } = world();
    feed.broken.add("prod_tee");
    for (let n = 0; n < 6; n += 1) feed.add({ id: `p${n}`, variants: [{ id: `V${n}`, title: `V ${n}` }] });
    const skus = ["TEE-S", "V0", "V1", "V2", "V3", "V4", "V5"];
    const results = await publish(...skus.map((sku) => soldOut(sku)));
    expect(results.map(({ outcome }) => outcome)).toEqual(["rejected", "ok", "ok", "ok", "ok", "ok", "ok"]);
    expect(results[0]).toMatchObject({ detail: expect.stringContaining("prod_tee is under review") });
    expect(feed.availability("V5")).toEqual({ available: false, status: "out_of_stock" });
  });

  it("that is not accepted is refused, whatever its status says", async () => {
    const { feed, publish } = world();
    feed.isSulking = true;
    expect(await publish(soldOut("MUG"))).toMatchObject([{ outcome: "rejected" }]);
  });
});

describe("an agent that merges what it is sent", () => {
  it("is sent titles and availability alone", async () => {
    const { feed, publish } = world({ upserts: "fields" });
    feed.isMerging = true;
    expect(await publish(soldOut("TEE-S"))).toEqual([ok]);
    const availability = { available: false, status: "out_of_stock" };
    expect(feed.upserts.map(({ body }) => body)).toEqual([
      { products: [{ id: "prod_tee", variants: [{ id: "TEE-S", title: "Classic Tee, S", availability }] }] },
    ]);
    expect(feed.products.get("prod_tee")?.variants[0]).toMatchObject({
      price: { amount: 1999 },
      availability,
    });
  });

  it("is not read if the listings say all that must be sent", async () => {
    const { feed, publish } = world({ upserts: "fields" });
    feed.isMerging = true;
    const named = (variantId: string, title: string) => ({
      external: { productId: "prod_tee", variantId, title },
    });
    const results = await publish(soldOut("A", named("TEE-S", "S")), soldOut("B", named("TEE-M", "M")));
    expect(results).toEqual([ok, ok]);
    expect([feed.reads, feed.upserts.length]).toEqual([0, 1]);
    expect(feed.availability("TEE-M")).toEqual({ available: false, status: "out_of_stock" });
  });
});

describe("an agent in trouble", () => {
  it.each([
    ["says when to come back", new Response("", { status: 429, headers: { "retry-after": "7" } }), 7_000],
    ["is down", new Response("", { status: 502 }), undefined],
    ["does not know the token", new Response("", { status: 401 }), undefined],
    ["does not know the feed", new Response("", { status: 404 }), undefined],
    ["answers what is no feed", new Response("<html>"), undefined],
  ])("that %s is tried again, and nothing is parked", async (_, answer, retryAfterMs) => {
    for (const isAtWrite of [false, true]) {
      const { feed, publish } = world(isAtWrite ? { upserts: "fields" } : {});
      feed.troubles.push(answer.clone());
      const external = { productId: "prod_mug", variantId: "MUG", title: "Mug" };
      const [result] = await publish(soldOut("MUG", { external }));
      expect(result).toMatchObject({ outcome: "retry", ...(retryAfterMs && { retryAfterMs }) });
      expect(feed.upserts).toEqual([]);
    }
  });

  it("that wants nothing any more pauses the channel", async () => {
    const { feed, publish } = world();
    feed.troubles.push(new Response("", { status: 410 }));
    expect(await publish(soldOut("MUG"))).toMatchObject([{ outcome: "gone" }]);
  });
});

describe("the connection test", () => {
  it("finds a feed that can be read", async () => {
    expect((await new AcpWorld().channel.check()).every(({ isOk }) => isOk)).toBe(true);
  });

  it.each([
    ["a wrong token", new AcpWorld({}, { token: "another" }), /Store the token/],
    ["a wrong feed", new AcpWorld({ feedId: "other" }), /`feedId` the feed's id/],
  ])("says what to do about %s", async (_, { channel }, advice) => {
    expect(await channel.check()).toMatchObject([{ isOk: false, advice: expect.stringMatching(advice) }]);
  });

  it("says that an empty feed must be filled first", async () => {
    const { feed, channel } = new AcpWorld();
    feed.products.clear();
    expect((await channel.check()).at(-1)).toMatchObject({
      isOk: false,
      advice: expect.stringMatching(/upload/),
    });
  });
});

describe("settings", () => {
  it.each([
    [{ url: "http://agent.example/v1", feedId }, "/settings/url"],
    [{ url: "https://agent.example/v1?x=1", feedId }, "/settings/url"],
    [{ url, feedId, apiVersion: "1" }, "/settings/apiVersion"],
    [{ url, feedId, upserts: "some" }, "/settings/upserts"],
  ])("%o are refused", (settings, pointer) => {
    expect(acp.checkSettings(settings, { allowPrivateHosts: false })).toMatchObject([{ pointer }]);
  });
});

function world(settings = {}) {
  const made = new AcpWorld(settings);
  return { feed: made.feed, publish: made.publish.bind(made) };
}
