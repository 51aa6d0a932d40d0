import { expect, test } from "vitest";
import { stock, World } from "../world.ts";

const quick = { batchMax: 50, concurrency: 5, ratePerSecond: 10_000, burst: 10_000 };

/** A number generator that gives the same numbers in every run. */
function generator(): () => number {
  let seed = 20_261_123;
  return () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
}

test("a flash sale on 20 of 10,000 listings is told within seconds, on a channel that takes 5 a second and has all to be told", async () => {
  const listings = 10_000;
  const hot = 20;
  const flashSeconds = 300;
  const ratePerSecond = 5;
  const world = new World(quick);
  const skus = Array.from({ length: listings }, (_, index) => `S${index}`);
  world.submit(...skus.map((sku) => stock(sku, 1, 1_000)));
  await world.run(60_000);
  expect(world.publisher.status().due).toBe(0);
  world.setLimits({ batchMax: 1, concurrency: 5, ratePerSecond, burst: 5 });
  world.calls.length = 0;

  // When each version of the hot ones began, and how long the channel took to show it or a newer one.
  const waiting = new Map<string, { version: number; atMs: number }[]>();
  const waitsMs: number[] = [];
  const toldAtMs = new Map<string, number>();
  world.onTaken = ({ sku, version }) => {
    toldAtMs.set(sku, world.nowMs);
    const open = waiting.get(sku) ?? [];
    for (const { version: began, atMs } of open) if (began <= version) waitsMs.push(world.nowMs - atMs);
    waiting.set(
      sku,
      open.filter(({ version: began }) => began > version),
    );
  };

  const startMs = world.nowMs;
  world.submit(...skus.map((sku) => stock(sku, 2, 999)));
  for (let second = 1; second <= flashSeconds; second += 1) {
    await world.run(1_000);
    for (const sku of skus.slice(0, hot)) {
      const version = 2 + second;
      waiting.set(sku, [...(waiting.get(sku) ?? []), { version, atMs: world.nowMs }]);
      world.submit(stock(sku, version, 999 - second));
    }
  }
  await world.run(listings * 1_000);

  // The hot ones have three turns of four: 20 listings at 5 * 3/4 a second go round in 5.4 s. A change waits at most for
  // one round, and four turns more (0.8 s) until the round is its own. It takes 3 changes (2 s) to be seen as hot.
  const roundMs = (hot / (ratePerSecond * 0.75)) * 1_000;
  const fourTurnsMs = (4 / ratePerSecond) * 1_000;
  const sorted = waitsMs.toSorted((a, b) => a - b);
  expect(sorted).toHaveLength(hot * flashSeconds);
  expect(sorted[Math.ceil(0.99 * sorted.length) - 1]).toBeLessThanOrEqual(roundMs + fourTurnsMs);
  expect(sorted.at(-1)).toBeLessThanOrEqual(roundMs + fourTurnsMs + 2_000);

  // Nothing starves: every listing is told by the time that all calls take at the channel's rate.
  const hotCallsMax = flashSeconds * ratePerSecond * 0.75 + hot;
  const allMs = ((listings + hotCallsMax) / ratePerSecond) * 1_000;
  expect(Math.max(...skus.map((sku) => toldAtMs.get(sku) ?? Number.POSITIVE_INFINITY))).toBeLessThanOrEqual(
    startMs + allMs,
  );
  // And the rest had their quarter of the calls all the while.
  const untilFlashEnds = world.calls.filter(({ atMs }) => atMs <= startMs + flashSeconds * 1_000);
  const others = untilFlashEnds.filter(({ publications }) => Number(publications[0]?.sku.slice(1)) >= hot);
  expect(others.length).toBeGreaterThanOrEqual(Math.floor((flashSeconds * ratePerSecond) / 4) - 5);
  expect(world.broken).toEqual([]);
  expect(world.publisher.status().due).toBe(0);
}, 120_000);

test("after an hour without an answer, 1,000 changed listings are told in the fewest calls, newest numbers only", async () => {
  const listings = 1_000;
  const batchMax = 25;
  const random = generator();
  const world = new World({ batchMax, concurrency: 5, ratePerSecond: 100, burst: 10 }, random);
  const skus = Array.from({ length: listings }, (_, index) => `S${index}`);
  const versions = new Map(skus.map((sku) => [sku, 1]));
  const change = (sku: string, units: number) => {
    const version = (versions.get(sku) ?? 0) + 1;
    versions.set(sku, version);
    world.submit(stock(sku, version, units));
  };
  world.submit(...skus.map((sku) => stock(sku, 1, 500)));
  await world.run(60_000);

  world.behaviour = "lost";
  const downFrom = world.calls.length;
  for (let passedMs = 0; passedMs < 3_600_000; passedMs += 10_000) {
    for (let changes = 0; changes < 20; changes += 1) {
      change(skus[Math.floor(random() * listings)] ?? "", Math.floor(random() * 400));
    }
    await world.run(10_000);
  }
  for (const [index, sku] of skus.entries()) change(sku, 600 + index);
  // While it is down: what opened the breaker, and what was under way then; after that one probe in 7.5 to 15 s.
  const probes = world.calls.length - downFrom;
  expect(probes).toBeLessThanOrEqual(10 + 3_600 / 7.5);

  world.behaviour = "ok";
  const upFrom = world.calls.length;
  await world.run(60_000);
  expect(world.publisher.status()).toMatchObject({ due: 0, breaker: "closed" });
  expect(world.calls.length - upFrom).toBe(Math.ceil(listings / batchMax));
  for (const [index, sku] of skus.entries()) {
    expect(world.shows.get(sku)).toMatchObject({ quantity: 600 + index, version: versions.get(sku) });
  }
  expect(world.broken).toEqual([]);
}, 60_000);

test("a channel that comes back is told nothing of listings that show what they did, if nothing was tried", async () => {
  const world = new World();
  world.submit(stock("A", 1, 5), stock("B", 1, 5));
  await world.run(1_000);
  world.behaviour = "busy";
  world.submit(stock("A", 2, 4));
  await world.run(60);
  world.submit(stock("B", 2, 4));
  world.submit(stock("B", 3, 5));
  world.submit(stock("A", 3, 5));
  world.behaviour = "ok";
  await world.run(60_000);
  expect(world.calls).toHaveLength(3);
  expect(world.publisher.status().due).toBe(0);
});
