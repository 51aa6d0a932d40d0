import { applyD1Migrations, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { latestViews, newestStock } from "../../src/sku/latest-views.ts";
import type { Mutation } from "../../src/stock/mutation.ts";

beforeAll(() => applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS));

const count = (onHand: number): Mutation => ({ type: "count", location: "default", onHand });
const hold = (ttlSeconds: number): Mutation => ({
  type: "reserve",
  quantity: 2,
  ttlSeconds,
  nonce: "n0123456789abcdefghijk",
});

let keys = 0;
async function mutate(sku: string, mutation: Mutation): Promise<void> {
  keys += 1;
  const request = { mutation, key: `test\n${keys}`, fingerprint: JSON.stringify(mutation) };
  const [result] = await env.SKU.getByName(sku).mutate([request]);
  expect(result?.outcome).toBe("done");
}

/** The SKU's object, which believes that one process is the whole service. */
async function inOneProcess(sku: string): Promise<void> {
  await runInDurableObject(env.SKU.getByName(sku), (object) => {
    Object.assign(object, { env: { ...(object as unknown as { env: Env }).env, ONE_PROCESS: "true" } });
  });
}

const remembered = (sku: string) => latestViews.at(sku, Date.now())?.available;
const newest = async (sku: string) => (await newestStock(env.SKU, sku))?.available;

describe("the newest stock in one process", () => {
  it("is remembered once it was read, and never after it changed", async () => {
    await inOneProcess("SHOWN");
    await mutate("SHOWN", count(7));
    expect(remembered("SHOWN")).toBeUndefined();
    expect(await newest("SHOWN")).toBe(7);
    expect(remembered("SHOWN")).toBe(7);
    await mutate("SHOWN", count(4));
    expect(remembered("SHOWN")).toBeUndefined();
    expect(await newest("SHOWN")).toBe(4);
  });

  it("is not remembered of a SKU that nobody knows", async () => {
    await inOneProcess("UNHEARD-OF");
    expect(await newest("UNHEARD-OF")).toBeUndefined();
    expect(remembered("UNHEARD-OF")).toBeUndefined();
  });

  it("is not remembered before it is on the disk", async () => {
    await inOneProcess("UNSTORED");
    await mutate("UNSTORED", count(7));
    const stub = env.SKU.getByName("UNSTORED");
    await runInDurableObject(stub, async (object) => {
      const mutation = object.mutate([{ mutation: count(3), key: "test\nunstored", fingerprint: "" }]);
      expect((await object.read())?.available).toBe(3);
      expect(remembered("UNSTORED")).toBeUndefined();
      await mutation;
    });
    expect(await newest("UNSTORED")).toBe(3);
    expect(remembered("UNSTORED")).toBe(3);
  });

  it("comes from the object once a hold has expired", async () => {
    await inOneProcess("HELD");
    await mutate("HELD", count(7));
    await mutate("HELD", hold(1));
    expect(await newest("HELD")).toBe(5);
    expect(remembered("HELD")).toBe(5);
    expect(latestViews.at("HELD", Date.now() + 1_000)).toBeUndefined();
  });

  it("of a kit always comes from its object, which asks its components", async () => {
    await inOneProcess("KIT");
    await mutate("PART", count(7));
    await mutate("KIT", { type: "create", components: [{ sku: "PART", quantity: 2 }] });
    expect(await newest("KIT")).toBe(3);
    expect(remembered("KIT")).toBeUndefined();
  });
});

describe("the newest stock where there may be many processes", () => {
  it("always comes from the object", async () => {
    await mutate("ELSEWHERE", count(7));
    expect(await newest("ELSEWHERE")).toBe(7);
    expect(remembered("ELSEWHERE")).toBeUndefined();
  });
});
