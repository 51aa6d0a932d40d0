import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PublishResult } from "../../../../src/channel/kit/adapter.ts";
import { changeOf, judgeRevision } from "../../../../src/channel/adapters/ebay/budget.ts";
import { dayAt } from "../../../../src/channel/adapters/ebay/day.ts";
import { EbayWorld } from "./ebay-world.ts";

const hourMs = 3_600_000;
const zone = "America/Los_Angeles";
/** Midnight in Los Angeles. */
const midnightMs = Date.parse("2026-11-24T08:00:00Z");

describe("eBay's day", () => {
  test.each([
    ["2026-11-24T09:00:00.250Z", zone, "2026-11-24", "2026-11-25T08:00:00.000Z"],
    ["2026-11-24T07:59:59.999Z", zone, "2026-11-23", "2026-11-24T08:00:00.000Z"],
    ["2026-11-24T08:00:00.000Z", zone, "2026-11-24", "2026-11-25T08:00:00.000Z"],
    // 25 hours long, and 23.
    ["2026-11-01T07:30:00.000Z", zone, "2026-11-01", "2026-11-02T08:00:00.000Z"],
    ["2026-11-01T23:00:00.000Z", zone, "2026-11-01", "2026-11-02T08:00:00.000Z"],
    ["2026-03-08T08:30:00.000Z", zone, "2026-03-08", "2026-03-09T07:00:00.000Z"],
    ["2026-03-08T23:00:00.000Z", zone, "2026-03-08", "2026-03-09T07:00:00.000Z"],
    ["2026-11-24T23:30:00.000Z", "Europe/Berlin", "2026-11-25", "2026-11-25T23:00:00.000Z"],
  ])("%s in %s is %s and ends at %s", (now, timeZone, name, end) => {
    expect(dayAt(Date.parse(now), timeZone)).toEqual({ name, endsAtMs: Date.parse(end) });
  });
});

describe("the allowance of a listing", () => {
  test("a change from or to nothing is told from others", () => {
    expect(changeOf({ quantity: 0, expected: 4 })).toBe("sold-out");
    expect(changeOf({ quantity: 0, expected: undefined })).toBe("sold-out");
    expect(changeOf({ quantity: 0, expected: 0 })).toBe("other");
    expect(changeOf({ quantity: 3, expected: 0 })).toBe("back-in-stock");
    expect(changeOf({ quantity: 3, expected: 4 })).toBe("other");
    expect(changeOf({ quantity: 3, expected: undefined })).toBe("other");
  });

  test.each([
    ["other", 99, true],
    ["other", 199, true],
    ["other", 200, false],
    ["back-in-stock", 239, true],
    ["back-in-stock", 240, false],
    ["sold-out", 249, true],
    ["sold-out", 250, false],
  ] as const)("%s after %i revisions may go: %s", (change, used, mayGo) => {
    const verdict = judgeRevision(change, { used }, midnightMs + hourMs, midnightMs + 24 * hourMs);
    expect(verdict.mayGo).toBe(mayGo);
    if (!verdict.mayGo) expect(verdict.afterMs).toBe(23 * hourMs);
  });

  test("from the hundredth on, what is left is spread over the rest of the day", () => {
    const nowMs = midnightMs + 4 * hourMs;
    const judge = (used: number, agoMs: number) =>
      judgeRevision("other", { used, lastAtMs: nowMs - agoMs }, nowMs, midnightMs + 24 * hourMs);
    // 20 hours for the 100 that are left: one every 12 minutes.
    expect(judge(99, 0)).toEqual({ mayGo: true });
    expect(judge(100, 2 * 60_000)).toMatchObject({ mayGo: false, afterMs: 10 * 60_000 });
    expect(judge(100, 12 * 60_000)).toEqual({ mayGo: true });
    expect(
      judgeRevision("sold-out", { used: 100, lastAtMs: nowMs }, nowMs, midnightMs + 24 * hourMs),
    ).toEqual({ mayGo: true });
  });

  test("whatever is asked and however often the object restarts, eBay never blocks the listing", async () => {
    let most = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            waitMs: fc.integer({ min: 0, max: 3 * 60_000 }),
            quantity: fc.integer({ min: 0, max: 2 }),
            isRestart: fc.boolean(),
          }),
          { minLength: 400, maxLength: 400 },
        ),
        async (steps) => {
          const world = new EbayWorld();
          const { offerId, listingId } = world.offer("A", 1);
          let channel = world.open();
          let expected = 1;
          for (const { waitMs, quantity, isRestart } of steps) {
            world.nowMs += waitMs;
            if (isRestart) channel = world.open();
            const [result] = await channel.publish([
              world.publication("A", quantity, { external: { offerId, listingId }, expected }),
            ]);
            if (result?.outcome === "ok") expected = quantity;
            most = Math.max(most, world.fake.inventory.revisionsToday(listingId));
            expect(["ok", "later"]).toContain(result?.outcome);
            // Words of eBay's own would mean that it was asked once too often.
            if (result?.outcome === "later") expect(result.detail).not.toContain("User error");
          }
        },
      ),
      { numRuns: 8 },
    );
    // Else the allowance was never in question.
    expect(most).toBeGreaterThan(200);
  });
});

/** Publishes every 20 s from midnight on, up and down, never nothing, and restarts as often as is asked. */
async function busyDay(world: EbayWorld, count: number, restartEvery: number): Promise<PublishResult[]> {
  const external = world.offer("A", 5);
  world.nowMs = midnightMs;
  let channel = world.open();
  const results: PublishResult[] = [];
  for (let index = 0; index < count; index += 1) {
    if (index % restartEvery === restartEvery - 1) channel = world.open();
    results.push(...(await channel.publish([world.publication("A", 5 + (index % 2), { external })])));
    world.nowMs += 20_000;
  }
  return results;
}

describe("revisions over a day", () => {
  test("a busy listing is paced, keeps 50 for zero, and is let go at the next midnight", async () => {
    const world = new EbayWorld();
    const results = await busyDay(world, 24 * 180, 1_000_000);
    const gone = results.filter(({ outcome }) => outcome === "ok").length;
    expect(gone).toBeGreaterThan(190);
    expect(gone).toBeLessThanOrEqual(200);
    // In each hour something may go: the listing is never left with a stale number for the rest of the day.
    for (let hour = 0; hour < 24; hour += 1) {
      expect(results.slice(hour * 180, (hour + 1) * 180).some(({ outcome }) => outcome === "ok")).toBe(true);
    }
    const external = { offerId: "offer-1", listingId: "110000000001" };
    world.nowMs = midnightMs + 24 * hourMs - 60_000;
    const channel = world.open();
    expect(await channel.publish([world.publication("A", 0, { external })])).toEqual([{ outcome: "ok" }]);
    world.nowMs = midnightMs + 24 * hourMs;
    expect(await channel.publish([world.publication("A", 7, { external })])).toEqual([{ outcome: "ok" }]);
    expect(world.fake.inventory.revisionsToday("110000000001")).toBe(1);
  });

  test("restarts forget nothing: with one before each revision the 201st still waits for the next day", async () => {
    const world = new EbayWorld();
    const results = await busyDay(world, 300, 1);
    expect(results.filter(({ outcome }) => outcome === "ok")).toHaveLength(200);
    expect(results.at(-1)).toEqual({
      outcome: "later",
      detail: "200 of the listing's 250 revisions of today are used",
      afterMs: 24 * hourMs - 299 * 20_000,
    });
  });

  test("variations of one listing share its allowance, other listings have their own", async () => {
    const world = new EbayWorld();
    const [red, blue] = ["RED", "BLUE"].map(
      (sku) => world.fake.inventory.add(sku, 5, { listingId: "110" }).offerId,
    );
    const other = world.offer("OTHER", 5);
    const channel = world.open();
    const publish = (sku: string, external: Record<string, string>) =>
      channel.publish([world.publication(sku, 6, { external })]);
    for (let index = 0; index < 50; index += 1) {
      await publish("RED", { offerId: red ?? "", listingId: "110" });
      await publish("BLUE", { offerId: blue ?? "", listingId: "110" });
    }
    expect(world.fake.inventory.revisionsToday("110")).toBe(100);
    expect(await publish("RED", { offerId: red ?? "", listingId: "110" })).toMatchObject([
      { outcome: "later" },
    ]);
    expect(await publish("OTHER", other)).toEqual([{ outcome: "ok" }]);
  });

  test("calls at the same time cannot both take the last one", async () => {
    const world = new EbayWorld();
    const external = world.offer("A", 5);
    await busyDayOn(world, external, 199);
    const channel = world.open();
    const results = await Promise.all(
      [1, 2, 3].map((quantity) => channel.publish([world.publication("A", quantity, { external })])),
    );
    expect(
      results
        .flat()
        .map(({ outcome }) => outcome)
        .sort(),
    ).toEqual(["later", "later", "ok"]);
  });

  test("one revision writes one small text, however many listings there are", async () => {
    const world = new EbayWorld();
    const channel = world.open();
    const externals = Array.from({ length: 500 }, (_, index) => world.offer(`S${index}`, 1));
    for (const [index, external] of externals.entries())
      await channel.publish([world.publication(`S${index}`, 2, { external })]);
    const before = world.vault.writes;
    await channel.publish([world.publication("S0", 3, { external: externals[0] })]);
    expect(world.vault.writes - before).toBe(1);
    const sizes = [...world.vault.texts.values()].map((text) => text.length);
    expect(Math.max(...sizes)).toBeLessThan(1_000);
  });

  test("what eBay refused as a whole does not count", async () => {
    const world = new EbayWorld();
    const external = world.offer("A", 5);
    const channel = world.open();
    for (let index = 0; index < 300; index += 1) {
      world.fake.throttled = 1;
      expect(await channel.publish([world.publication("A", 6, { external })])).toMatchObject([
        { outcome: "retry" },
      ]);
    }
    expect(await channel.publish([world.publication("A", 6, { external })])).toEqual([{ outcome: "ok" }]);
  });

  test("a listing that others have revised to its end waits for the next day when eBay says so", async () => {
    const world = new EbayWorld();
    const external = world.offer("A", 5);
    world.fake.inventory.revisions.set(`${external.listingId} 11/24/2026`, 250);
    expect(await world.open().publish([world.publication("A", 6, { external })])).toEqual([
      {
        outcome: "later",
        detail: "25002: User error: you have exceeded the maximum number of revisions of this listing today",
        afterMs: 23 * hourMs,
      },
    ]);
  });
});

async function busyDayOn(world: EbayWorld, external: Record<string, string>, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await world.open().publish([world.publication("A", 6 + (index % 2), { external })]);
  }
}
