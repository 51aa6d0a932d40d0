import { describe, expect, test } from "vitest";
import { stock, World } from "../world.ts";

describe("what goes out", () => {
  test("an idle channel is told at once, not after a pause to collect", () => {
    const world = new World();
    world.submit(stock("A", 1, 5));
    expect(world.calls).toMatchObject([{ atMs: world.nowMs, publications: [{ sku: "A", quantity: 5 }] }]);
  });

  test("changes during a request coalesce, and the newest goes right after it", async () => {
    const world = new World();
    world.submit(stock("A", 1, 5));
    world.submit(stock("A", 2, 4));
    world.submit(stock("A", 3, 3));
    await world.run(1_000);
    expect(world.quantitiesSent()).toEqual([5, 3]);
    expect(world.calls[1]?.atMs).toBe((world.calls[0]?.atMs ?? 0) + world.latencyMs);
  });

  test("an older number never follows a newer one", async () => {
    const world = new World();
    world.submit(stock("A", 7, 5));
    await world.run(1_000);
    world.submit(stock("A", 6, 9));
    world.submit(stock("A", 99, 9, { epoch: "e0" }));
    await world.run(1_000);
    expect(world.quantitiesSent()).toEqual([5]);
  });

  test("a new life of a SKU is newer than its old one, whatever the version", async () => {
    const world = new World();
    world.submit(stock("A", 7, 5));
    await world.run(1_000);
    world.submit(stock("A", 1, 9, { epoch: "e2" }));
    await world.run(1_000);
    expect(world.quantitiesSent()).toEqual([5, 9]);
  });

  test("after a restore nothing counts as shown, and nothing is told before the new life says it", async () => {
    const world = new World();
    world.submit(stock("A", 7, 5), stock("B", 3, 2));
    await world.run(1_000);
    world.behaviour = "broken";
    world.submit(stock("B", 4, 1));
    world.publisher.forgetShown();
    world.evict();
    world.behaviour = "ok";
    world.poke();
    await world.run(600_000);
    expect(world.calls.filter(({ atMs }) => atMs > 1_000_000 + 1_000)).toEqual([]);
    expect(world.listing("A")).toMatchObject({ state: "unstocked", published: { quantity: 5 } });
    world.submit(stock("A", 1, 5, { epoch: "e2" }), stock("B", 1, 2, { epoch: "e2" }));
    await world.run(1_000);
    expect(world.shows.get("A")).toMatchObject({ quantity: 5, epoch: "e2", version: 1 });
    expect(world.shows.get("B")).toMatchObject({ quantity: 2, epoch: "e2", version: 1 });
  });

  test("a change that would look the same costs no request, and the publication still moves on", async () => {
    const world = new World();
    world.setRule({ cap: 3 });
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.submit(stock("A", 2, 4));
    await world.run(1_000);
    expect(world.calls).toHaveLength(1);
    expect(world.store.get(["A"]).get("A")).toMatchObject({ state: "published", published: { version: 2 } });
  });

  test("going back to the last confirmed number is sent when a lost answer hides what the channel shows", async () => {
    const world = new World();
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.behaviour = "late";
    world.submit(stock("A", 2, 0));
    await world.run(60);
    world.behaviour = "ok";
    world.submit(stock("A", 3, 5));
    await world.run(5_000);
    expect(world.shows.get("A")).toMatchObject({ quantity: 5, version: 3 });
  });

  test("going back to the last confirmed number is sent when a refusal hides what an attempt before it did", async () => {
    const world = new World();
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.behaviour = "late";
    world.submit(stock("A", 2, 0));
    await world.run(60);
    world.behaviour = "rejected";
    await world.run(5_000);
    world.behaviour = "ok";
    world.submit(stock("A", 3, 5));
    await world.run(5_000);
    expect(world.shows.get("A")).toMatchObject({ quantity: 5, version: 3 });
  });

  test("the last unit goes before everything that waited longer", async () => {
    const world = new World({ concurrency: 1 });
    world.submit(stock("A", 1, 5), stock("B", 1, 5), stock("C", 1, 5));
    await world.run(1_000);
    world.submit(stock("A", 2, 4));
    world.submit(stock("B", 2, 4));
    await world.run(1);
    world.submit(stock("C", 2, 0));
    await world.run(1_000);
    expect(world.skusSent().slice(3)).toEqual(["A", "C", "B"]);
  });

  test("a batch is as large as the channel takes, and no larger", async () => {
    const world = new World({ batchMax: 3, concurrency: 1 });
    world.submit(...["A", "B", "C", "D", "E"].map((sku) => stock(sku, 1, 1)));
    await world.run(1_000);
    expect(world.calls.map((call) => call.publications.length)).toEqual([3, 2]);
  });

  test("calls keep to the channel's rate", async () => {
    const world = new World({ ratePerSecond: 2, burst: 1 });
    world.submit(...["A", "B", "C"].map((sku) => stock(sku, 1, 1)));
    const startMs = world.nowMs;
    await world.run(5_000);
    expect(world.calls.map((call) => call.atMs - startMs)).toEqual([0, 500, 1_000]);
  });
});

describe("a channel in trouble", () => {
  test("a refused number is parked in the channel's own words and tried again on the next change", async () => {
    const world = new World();
    world.behaviour = "rejected";
    world.submit(stock("A", 1, 5));
    await world.run(100_000);
    expect(world.calls).toHaveLength(1);
    expect(world.store.get(["A"]).get("A")).toMatchObject({
      state: "failed",
      failure: { detail: "HTTP 422: unknown variant" },
    });
    const fields = { channel: "c", sku: "A", detail: "HTTP 422: unknown variant" };
    expect(world.logged).toEqual([{ event: "listing.failed", fields }]);
    world.behaviour = "ok";
    world.submit(stock("A", 2, 4));
    await world.run(1_000);
    expect(world.shows.get("A")).toMatchObject({ quantity: 4 });
  });

  test("a refused number is tried again by hand", async () => {
    const world = new World();
    world.behaviour = "rejected";
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.behaviour = "ok";
    expect(world.publisher.retry("A")).toBe(1);
    world.poke();
    await world.run(1_000);
    expect(world.shows.get("A")).toMatchObject({ quantity: 5 });
    expect(world.publisher.retry("unknown")).toBeUndefined();
  });

  test("after five failures in a row there are only probes, one at a time and ever rarer, until one succeeds", async () => {
    const world = new World();
    world.behaviour = "lost";
    world.submit(...["A", "B", "C", "D", "E", "F", "G"].map((sku) => stock(sku, 1, 1)));
    await world.run(60);
    expect(world.publisher.status().breaker).toBe("open");
    const failed = world.calls.length;
    await world.run(600_000);
    const probes = world.calls.length - failed;
    expect(probes).toBeGreaterThan(10);
    expect(probes).toBeLessThan(90);
    world.behaviour = "ok";
    await world.run(60_000);
    expect(world.publisher.status()).toMatchObject({ breaker: "closed", due: 0 });
    expect(world.logged.map((line) => line.event)).toEqual([
      "channel.breaker_opened",
      "channel.breaker_closed",
    ]);
  });

  test("Retry-After silences the whole channel, even across an eviction", async () => {
    const world = new World();
    world.behaviour = "busy";
    world.submit(stock("A", 1, 5));
    await world.run(60);
    world.behaviour = "ok";
    const heldFromMs = world.nowMs;
    world.evict();
    world.submit(stock("B", 1, 5));
    await world.run(10_000);
    expect(world.calls[1]?.atMs).toBeGreaterThanOrEqual(heldFromMs + 1_900);
    expect(world.publisher.status().due).toBe(0);
    expect(world.broken).toEqual([]);
  });

  test("a channel that is gone is paused with its own words, and nothing is lost", async () => {
    const world = new World();
    world.behaviour = "gone";
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.submit(stock("B", 1, 5));
    await world.run(100_000);
    expect(world.pausedBecause).toBe("HTTP 410");
    expect(world.calls).toHaveLength(1);
    world.behaviour = "ok";
    world.resume();
    await world.run(1_000);
    expect([...world.shows.keys()].sort()).toEqual(["A", "B"]);
  });

  test("an adapter that throws is a failed attempt, not the end of the channel", async () => {
    const world = new World();
    world.behaviour = "broken";
    world.submit(stock("A", 1, 5));
    await world.run(100);
    world.behaviour = "ok";
    await world.run(10_000);
    expect(world.shows.get("A")).toMatchObject({ quantity: 5 });
    expect(world.publisher.status().lastFailure?.detail).toContain("bug in the adapter");
  });

  test("an answer counts even if what the gate learnt from it cannot be stored, and that is stored later", async () => {
    const world = new World({ batchMax: 7 });
    world.behaviour = "lost";
    world.submit(...["A", "B", "C", "D", "E", "F", "G"].map((sku) => stock(sku, 1, 1)));
    await world.run(600_000);
    expect(world.publisher.status().breaker).toBe("open");
    world.behaviour = "ok";
    world.canSaveHealth = false;
    await world.run(60_000);
    expect(world.publisher.status()).toMatchObject({ breaker: "closed", due: 0 });
    world.submit(stock("A", 2, 4));
    await world.run(60_000);
    expect(world.shows.get("A")).toMatchObject({ quantity: 4 });
    world.canSaveHealth = true;
    world.submit(stock("A", 3, 3));
    await world.run(1_000);
    world.evict();
    expect(world.publisher.status().breaker).toBe("closed");
  });

  test("a channel that is gone is paused in the end even if that could not be stored at first", async () => {
    const world = new World({ batchMax: 2 });
    world.behaviour = "gone";
    world.canPause = false;
    world.submit(stock("A", 1, 5), stock("B", 1, 5));
    await world.run(10_000);
    world.canPause = true;
    await world.run(100_000);
    expect(world.pausedBecause).toBe("HTTP 410");
    world.behaviour = "ok";
    world.resume();
    await world.run(1_000);
    expect([...world.shows.keys()].sort()).toEqual(["A", "B"]);
  });

  test("an eviction in the middle of a request loses nothing", async () => {
    const world = new World();
    world.behaviour = "lost";
    world.submit(stock("A", 1, 5));
    world.evict();
    world.behaviour = "ok";
    await world.run(5_000);
    expect(world.shows.get("A")).toMatchObject({ quantity: 5 });
  });
});

describe("rules and listings", () => {
  test("a changed rule is published to the listings that it changes, and only to those", async () => {
    const world = new World();
    world.submit(stock("A", 1, 10), stock("B", 1, 2));
    await world.run(1_000);
    world.setRule({ cap: 4 });
    await world.run(1_000);
    expect(world.skusSent()).toEqual(["A", "B", "A"]);
    expect(world.shows.get("A")).toMatchObject({ quantity: 4, version: 1 });
  });

  test("the same version under another rule is told apart, so that a receiver does not take it for a repetition", async () => {
    const world = new World();
    world.submit(stock("A", 1, 10));
    await world.run(10);
    world.setRule({ cap: 4 });
    world.setRule(undefined);
    world.setRule({ cap: 4 });
    await world.run(1_000);
    const revisions = world.calls.flatMap((call) => call.publications.map(({ revision }) => revision));
    expect(new Set(revisions).size).toBe(world.calls.length);
    expect(world.shows.get("A")).toMatchObject({ quantity: 4 });
  });

  test("a channel that shows only listed SKUs ignores the others", async () => {
    const world = new World();
    world.mode = "listed";
    world.setRule(undefined);
    world.submit(stock("A", 1, 5));
    world.publisher.define("B", { external: "b-1", rule: { buffer: 1 } }, stock("B", 1, 5));
    world.publisher.define("C", {}, undefined);
    world.poke();
    world.submit(stock("C", 1, 7));
    await world.run(1_000);
    expect(world.shows.get("A")).toBeUndefined();
    expect(world.shows.get("B")).toMatchObject({ quantity: 4, external: "b-1" });
    expect(world.shows.get("C")).toMatchObject({ quantity: 7 });
  });

  test("a SKU under another name on the channel is published again, under that name", async () => {
    const world = new World();
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.publisher.define("A", { external: "a-2" }, undefined);
    world.poke();
    await world.run(1_000);
    expect(world.calls).toHaveLength(2);
    expect(world.shows.get("A")).toMatchObject({ quantity: 5, external: "a-2" });
  });

  test("a removed listing is not sent any more, even if it was due", async () => {
    const world = new World();
    world.mode = "listed";
    world.setRule(undefined);
    world.pause();
    world.publisher.define("A", {}, stock("A", 1, 5));
    expect(world.publisher.undefine("A")).toBe(true);
    expect(world.publisher.undefine("A")).toBe(false);
    world.resume();
    await world.run(1_000);
    expect(world.calls).toHaveLength(0);
  });
});

test("lag is measured from the change of the stock to the channel's answer", async () => {
  const world = new World();
  const asOf = new Date(world.nowMs - 20).toISOString();
  world.submit(stock("A", 1, 5, { asOf }), stock("B", 1, 5, { asOf }));
  await world.run(1_000);
  expect(world.publisher.status().lag).toEqual({ samples: 2, p50Ms: 70, p95Ms: 70, p99Ms: 70 });
});

test("lag counts changes of stock: not stock that was known before, and not what is told again", async () => {
  const world = new World();
  const asOf = new Date(world.nowMs - 86_400_000).toISOString();
  world.publisher.submit([{ stock: stock("A", 1, 5, { asOf }) }], true);
  world.publisher.define("B", {}, stock("B", 1, 5, { asOf }));
  world.poke();
  await world.run(1_000);
  world.setRule({ cap: 3 });
  await world.run(1_000);
  world.publisher.reconciled("A", 1, "repair");
  world.poke();
  await world.run(1_000);
  expect(world.calls.length).toBeGreaterThanOrEqual(5);
  expect(world.publisher.status().lag).toBeUndefined();
  world.submit(stock("A", 2, 1, { asOf: new Date(world.nowMs).toISOString() }));
  await world.run(1_000);
  expect(world.publisher.status().lag).toMatchObject({ samples: 1, p50Ms: 50 });
  world.publisher.reconciled("A", 4, "repair");
  world.poke();
  await world.run(60_000);
  expect(world.publisher.status().lag).toMatchObject({ samples: 1, p50Ms: 50 });
});
