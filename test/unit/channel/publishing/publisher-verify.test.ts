import { describe, expect, test } from "vitest";
import { laterMs, stock, World } from "../world.ts";

const takesMs = 60_000;

/** A channel that takes numbers in at once and shows them a minute later. */
function slowWorld(): World {
  const world = new World();
  world.verifyAfterMs = takesMs;
  return world;
}

describe("a channel that takes a number in and shows it later", () => {
  test("is read back then, once, and the listing is settled", async () => {
    const world = slowWorld();
    world.submit(stock("A", 1, 5));
    await world.run(takesMs - 1_000);
    expect(world.reads).toEqual([]);
    await world.run(12_000);
    expect(world.reads).toEqual([["A"]]);
    await world.run(3_600_000);
    expect(world.reads).toHaveLength(1);
    expect(world.listing("A")).toMatchObject({ state: "published" });
    expect(world.listing("A")?.verify).toBeUndefined();
    expect(world.publisher.wakeAtMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test("is read back after a restart too", async () => {
    const world = slowWorld();
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.evict();
    world.poke();
    await world.run(takesMs + 10_000);
    expect(world.reads).toEqual([["A"]]);
  });

  test("is read back when it runs again, if it was paused meanwhile", async () => {
    const world = slowWorld();
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.pause();
    world.poke();
    await world.run(10 * takesMs);
    expect(world.reads).toEqual([]);
    expect(world.publisher.wakeAtMs()).toBe(Number.POSITIVE_INFINITY);
    world.resume();
    await world.run(1_000);
    expect(world.reads).toEqual([["A"]]);
  });

  test("that is removed while it is read is not written any more", async () => {
    const world = slowWorld();
    world.submit(stock("A", 1, 5));
    await world.run(takesMs - 1);
    while (world.reads.length === 0) await world.run(10);
    const before = world.store.rowsWritten;
    world.publisher.stop();
    await world.run(takesMs);
    expect(world.store.rowsWritten).toBe(before);
  });

  test("is read 50 listings at a time", async () => {
    const world = slowWorld();
    world.submit(...Array.from({ length: 120 }, (_, index) => stock(`S${index}`, 1, 5)));
    await world.run(2 * takesMs);
    expect(world.reads.map((skus) => skus.length)).toEqual([50, 50, 20]);
  });

  test("is told again when it shows another number, and after three times in a row the listing fails in plain words", async () => {
    const world = slowWorld();
    world.offers.set("A", 2);
    world.applies = false;
    world.submit(stock("A", 1, 1));
    await world.run(10 * takesMs);
    expect(world.quantitiesSent()).toEqual([1, 1, 1]);
    expect(world.listing("A")).toMatchObject({
      state: "failed",
      failure: { detail: "the channel accepted 1 but still shows 2" },
    });
    world.applies = true;
    world.submit(stock("A", 2, 3));
    await world.run(2 * takesMs);
    expect(world.offers.get("A")).toBe(3);
    expect(world.listing("A")).toMatchObject({ state: "published" });
  });

  test("fails too when it does not know the item it took a number for", async () => {
    const world = slowWorld();
    world.applies = false;
    world.submit(stock("A", 1, 5));
    await world.run(10 * takesMs);
    expect(world.listing("A")?.failure?.detail).toBe("the channel accepted 5 but does not list the item");
  });

  test("counts failures in a row only", async () => {
    const world = slowWorld();
    world.offers.set("A", 9);
    for (let round = 1; round <= 4; round += 1) {
      world.applies = false;
      world.submit(stock("A", round, round));
      await world.run(1.5 * takesMs);
      world.applies = true;
      await world.run(3 * takesMs);
      expect(world.offers.get("A")).toBe(round);
    }
    expect(world.listing("A")).toMatchObject({ state: "published" });
  });

  test("that sold meanwhile is not told to sell that again", async () => {
    const world = slowWorld();
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.sell("A");
    await world.run(2 * takesMs);
    expect(world.quantitiesSent()).toEqual([5]);
    expect(world.listing("A")).toMatchObject({ state: "published", withheld: { units: 1 } });
    world.import("A", 2);
    world.submit(stock("A", 2, 4));
    await world.run(2 * takesMs);
    expect(world.offers.get("A")).toBe(4);
    expect(world.listing("A")?.withheld).toBeUndefined();
  });

  test("is read after its orders are applied, as they may explain what it shows", async () => {
    const world = slowWorld();
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.publisher.hold(["A"]);
    world.sell("A");
    await world.run(2 * takesMs);
    expect(world.reads.length).toBeGreaterThan(0);
    expect(world.listing("A")).toMatchObject({ verify: {} });
    expect(world.listing("A")?.withheld).toBeUndefined();
    world.import("A", 2);
    world.submit(stock("A", 2, 4));
    world.publisher.release(["A"]);
    world.poke();
    await world.run(3 * takesMs);
    expect(world.offers.get("A")).toBe(4);
    expect(world.listing("A")).toMatchObject({ state: "published" });
    expect(world.listing("A")?.withheld).toBeUndefined();
  });

  test("that cannot be read is asked ever more rarely, says so, and can still be told", async () => {
    const world = slowWorld();
    world.canBeRead = false;
    world.submit(stock("A", 1, 5));
    await world.run(3_600_000);
    expect(world.reads.length).toBeGreaterThan(5);
    expect(world.reads.length).toBeLessThan(25);
    expect(world.publisher.status()).toMatchObject({
      breaker: "closed",
      lastFailure: { detail: "reading numbers back failed: HTTP 403: scope missing" },
    });
    world.submit(stock("B", 1, 5));
    await world.run(1_000);
    expect(world.shows.get("B")).toMatchObject({ quantity: 5 });
    world.canBeRead = true;
    await world.run(1_800_000);
    expect(world.listing("A")?.verify).toBeUndefined();
  });

  test("is read under its rate, also while hundreds of numbers are to be told", async () => {
    const world = new World({ ratePerSecond: 1, burst: 1 });
    world.verifyAfterMs = takesMs;
    world.submit(stock("first", 1, 5));
    await world.run(1_000);
    const startMs = world.nowMs;
    world.submit(...Array.from({ length: 300 }, (_, index) => stock(`S${index}`, 1, 5)));
    await world.run(2 * takesMs);
    expect(world.reads.length).toBeGreaterThan(0);
    const calls = world.calls.filter(({ atMs }) => atMs >= startMs).length + world.reads.length;
    expect(calls).toBeLessThanOrEqual(1 + (world.nowMs - startMs) / 1_000);
    expect(world.reads[0]).toContain("first");
  });
});

describe("a listing that has used up its allowance on the channel", () => {
  test("waits alone, also through a restart, and is no sign of trouble", async () => {
    const world = new World();
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.behaviour = "later";
    world.submit(stock("A", 2, 4));
    await world.run(1_000);
    world.behaviour = "ok";
    world.submit(stock("B", 1, 5));
    await world.run(1_000);
    expect(world.shows.get("B")).toMatchObject({ quantity: 5 });
    expect(world.publisher.status()).toMatchObject({ breaker: "closed", due: 1 });
    world.evict();
    world.poke();
    world.submit(stock("A", 3, 3));
    await world.run(laterMs - 60_000);
    expect(world.quantitiesSent()).toEqual([5, 4, 5]);
    await world.run(120_000);
    expect(world.quantitiesSent()).toEqual([5, 4, 5, 3]);
    expect(world.publisher.status().due).toBe(0);
  });

  test("does not open the breaker, however many do", async () => {
    const world = new World();
    world.behaviour = "later";
    world.submit(...Array.from({ length: 20 }, (_, index) => stock(`S${index}`, 1, 5)));
    await world.run(10_000);
    expect(world.publisher.status().breaker).toBe("closed");
    expect(world.calls).toHaveLength(20);
  });

  test("goes first when its time comes if it crosses zero", async () => {
    const world = new World({ ratePerSecond: 1, burst: 1, concurrency: 1 });
    world.submit(stock("A", 1, 5));
    await world.run(5_000);
    world.behaviour = "later";
    world.submit(stock("A", 2, 0));
    await world.run(1_000);
    world.behaviour = "ok";
    await world.run(laterMs - 60_000);
    world.submit(...Array.from({ length: 200 }, (_, index) => stock(`S${index}`, 1, 5)));
    const readyAtMs = world.nowMs + 60_000;
    await world.run(64_000);
    const told = world.calls.find(
      ({ atMs, publications }) => atMs > readyAtMs - 10_000 && publications[0]?.sku === "A",
    );
    expect(told?.atMs).toBeLessThanOrEqual(readyAtMs + 2_000);
  });

  test("still knows what the channel shows, as it took nothing", async () => {
    const world = new World();
    world.submit(stock("A", 1, 5));
    await world.run(1_000);
    world.behaviour = "later";
    world.submit(stock("A", 2, 4));
    await world.run(1_000);
    world.behaviour = "ok";
    await world.run(laterMs);
    expect(world.calls.at(-1)?.publications).toMatchObject([{ quantity: 4, expected: 5 }]);
  });
});
