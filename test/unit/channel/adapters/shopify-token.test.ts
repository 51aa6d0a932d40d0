import { describe, expect, test } from "vitest";
import { publicationOf, ShopifyWorld } from "./shopify-world.ts";

const hourMs = 3_600_000;

function connected(kind: "client" | "refresh") {
  const world = new ShopifyWorld();
  const credentials = kind === "client" ? world.clientCredentials() : world.refreshCredentials();
  world.open(credentials);
  const item = world.shop.item("TEE-S", 5);
  let shown = 5;
  /** Publishes the next number. */
  const publish = async () => {
    const results = await world.channel.publish([publicationOf(item, shown + 1, shown)]);
    if (results[0]?.outcome === "ok") shown += 1;
    return results[0];
  };
  return { world, item, credentials, publish, oauth: world.shop.oauth };
}

describe("signing in to a Shopify shop", () => {
  test.each(["client", "refresh"] as const)(
    "by %s credentials: one token for many calls, until it ends",
    async (kind) => {
      const { world, publish, oauth } = connected(kind);
      for (let call = 0; call < 3; call += 1) expect(await publish()).toEqual({ outcome: "ok" });
      expect(oauth.grants).toBe(1);
      world.nowMs += kind === "client" ? 24 * hourMs : hourMs;
      expect(await publish()).toEqual({ outcome: "ok" });
      expect(oauth.grants).toBe(2);
    },
  );

  test.each(["client", "refresh"] as const)(
    "by %s credentials: calls at the same time renew once",
    async (kind) => {
      const { world, oauth } = connected(kind);
      await Promise.all(Array.from({ length: 5 }, () => world.channel.readPage(undefined)));
      expect(oauth.grants).toBe(1);
      oauth.revokeAll();
      await Promise.all(Array.from({ length: 5 }, () => world.channel.readPage(undefined)));
      expect(oauth.grants).toBe(2);
    },
  );

  test("a token that is not accepted any more is renewed, and the call made again", async () => {
    const { publish, oauth } = connected("client");
    await publish();
    oauth.revokeAll();
    expect(await publish()).toEqual({ outcome: "ok" });
    expect(oauth.grants).toBe(2);
  });

  test("each refresh token is kept before it is used, so a service that starts anew has the last one", async () => {
    const { world, publish, oauth, credentials } = connected("refresh");
    for (let round = 0; round < 3; round += 1) {
      expect(await publish()).toEqual({ outcome: "ok" });
      world.nowMs += hourMs;
      world.open(credentials);
    }
    expect(oauth.grants).toBe(3);
    expect(world.vault.get("access-token")).toContain(oauth.refreshToken);
  });

  test("a lost answer to a renewal is no end: the token before still renews", async () => {
    const { world, publish, oauth } = connected("refresh");
    await publish();
    world.nowMs += hourMs;
    world.shop.obstacles.push(async (run) => {
      await run();
      throw new TypeError("connection reset");
    });
    expect(await publish()).toMatchObject({
      outcome: "retry",
      detail: expect.stringContaining("no access token"),
    });
    expect(await publish()).toEqual({ outcome: "ok" });
    expect(oauth.grants).toBe(3);
  });

  test("a refresh token stored by hand counts when the kept one has ended", async () => {
    const { world, publish, oauth, credentials } = connected("refresh");
    await publish();
    world.nowMs += hourMs;
    const refreshToken = oauth.authorizeAgain();
    expect(await publish()).toMatchObject({
      outcome: "retry",
      detail: expect.stringContaining("the refresh token is wrong, used or older than 90 days"),
    });
    world.open({ ...credentials, refreshToken });
    expect(await publish()).toEqual({ outcome: "ok" });
  });

  test("a fixed token that is withdrawn is told in clear words, and asked once a call", async () => {
    const world = new ShopifyWorld();
    const item = world.shop.item("TEE-S", 5);
    world.shop.oauth.revokeAll();
    const [result] = await world.channel.publish([publicationOf(item, 6, 5)]);
    expect(result).toMatchObject({
      outcome: "retry",
      detail: expect.stringContaining("access token is wrong"),
    });
  });

  test("a wrong client secret is told in clear words", async () => {
    const { world, item } = connected("client");
    world.open({ clientId: world.shop.oauth.app.clientId, clientSecret: "not-the-secret" });
    const [result] = await world.channel.publish([publicationOf(item, 6, 5)]);
    expect(result).toMatchObject({
      outcome: "retry",
      detail: expect.stringContaining("clientId or clientSecret is wrong"),
    });
  });

  test("an app that was uninstalled wants nothing any more", async () => {
    const { publish, oauth } = connected("client");
    oauth.isInstalled = false;
    expect(await publish()).toMatchObject({
      outcome: "gone",
      detail: expect.stringContaining("not installed"),
    });
  });
});
