import { describe, expect, test } from "vitest";
import { laterMs, stock, World } from "../world.ts";

/** The rarest probe of an open breaker. */
const probeEveryMs = 15_000;
const hourMs = 3_600_000;

/** Chance that can be repeated. */
function chance(seed: number): () => number {
  let state = seed * 7_919 + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** A channel of each of forty courses of chance. */
const worlds = (batchMax = 1) =>
  Array.from({ length: 40 }, (_, seed) => new World({ batchMax }, chance(seed)));

const stocks = (count: number, version = 1) =>
  Array.from({ length: count }, (_, index) => stock(`S${index}`, version, version));

describe("a channel that is well again", () => {
  test.each([
    [1, 1, 1],
    [50, 50, 2],
    [50, 1, 11],
  ])("is told everything by the next probe: %i due, %i in a call", async (due, batchMax, calls) => {
    for (const world of worlds(batchMax)) {
      world.behaviour = "lost";
      world.submit(...stocks(due));
      await world.run(hourMs);
      expect(world.publisher.status()).toMatchObject({ breaker: "open", due });
      world.behaviour = "ok";
      // A call may be under way that failed already.
      await world.run(world.latencyMs + probeEveryMs + calls * world.latencyMs);
      expect(world.publisher.status()).toMatchObject({ breaker: "closed", due: 0 });
      expect(world.shows.size).toBe(due);
    }
  });

  test("is told everything soon even if it fails a few more times at first", async () => {
    for (const world of worlds()) {
      world.behaviour = "lost";
      world.submit(...stocks(50));
      await world.run(hourMs);
      const before = world.calls.length;
      world.onSent = () => {
        const call = world.calls.length - before;
        world.behaviour = call > 1 && call <= 5 ? "lost" : "ok";
      };
      await world.run(2 * probeEveryMs);
      expect(world.publisher.status()).toMatchObject({ breaker: "closed", due: 0 });
    }
  });

  test("is told everything at once if it was a call besides publishing that found it well", async () => {
    for (const world of worlds()) {
      world.behaviour = "lost";
      world.submit(...stocks(20));
      await world.run(hourMs);
      world.behaviour = "ok";
      await world.publisher.otherCalls.make(async () => undefined);
      world.poke();
      await world.run(1_000);
      expect(world.publisher.status()).toMatchObject({ breaker: "closed", due: 0 });
    }
  });
});

describe("a probe", () => {
  test("is never a listing that rests by itself", async () => {
    const world = new World();
    world.behaviour = "later";
    world.submit(stock("resting", 1, 1));
    await world.run(1_000);
    world.behaviour = "lost";
    world.submit(stock("failing", 1, 1));
    await world.run(laterMs / 2);
    expect(world.publisher.status().breaker).toBe("open");
    expect(world.skusSent().filter((sku) => sku === "resting")).toHaveLength(1);
    world.behaviour = "ok";
    await world.run(2 * probeEveryMs);
    expect(world.skusSent().filter((sku) => sku === "resting")).toHaveLength(1);
    expect(world.publisher.status().due).toBe(1);
    await world.run(laterMs);
    expect([...world.shows.keys()].toSorted()).toEqual(["failing", "resting"]);
  });

  test("is a listing that has not failed, if there is one: one that always fails keeps nothing back", async () => {
    for (const world of worlds()) {
      world.onSent = ({ sku }) => {
        world.behaviour = sku === "poison" ? "lost" : "ok";
      };
      world.submit(stock("poison", 1, 1));
      await world.run(hourMs);
      expect(world.publisher.status().breaker).toBe("open");
      world.submit(stock("A", 1, 1));
      await world.run(world.latencyMs + probeEveryMs + world.latencyMs);
      expect(world.shows.get("A")).toMatchObject({ quantity: 1 });
    }
  });

  test("is not always the same batch: one listing that fails every call it is in keeps nothing back for good", async () => {
    for (const world of worlds(10)) {
      world.behaviour = "lost";
      world.submit(stock("poison", 1, 1), ...stocks(3));
      await world.run(hourMs);
      world.onSent = () => {
        const isPoisoned = world.calls.at(-1)?.publications.some(({ sku }) => sku === "poison");
        world.behaviour = isPoisoned === true ? "lost" : "ok";
      };
      await world.run(hourMs);
      expect(world.shows.size).toBe(3);
    }
  });

  test("is made at most as often as the breaker says", async () => {
    for (const world of worlds(50)) {
      world.behaviour = "lost";
      world.submit(...stocks(50));
      await world.run(hourMs);
      const before = world.calls.length;
      await world.run(hourMs);
      // Between half of the time and all of it.
      expect(world.calls.length - before).toBeLessThanOrEqual((2 * hourMs) / probeEveryMs + 1);
      expect(world.calls.length - before).toBeGreaterThanOrEqual(hourMs / (probeEveryMs + 100) - 1);
    }
  });
});
