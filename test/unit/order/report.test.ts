import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ToldLine } from "../../../src/order/contract.ts";
import { line, Shop } from "./shop.ts";

function newShop(onHand = 100): Shop {
  const shop = new Shop();
  shop.count("A", onHand);
  shop.count("B", onHand);
  shop.compose("KIT", [
    { sku: "A", quantity: 2 },
    { sku: "B", quantity: 1 },
  ]);
  return shop;
}

/** What may happen to a line next. */
const step = fc.record({
  lineId: fc.constantFrom("1", "2", "3"),
  what: fc.constantFrom("ordered", "ordered", "cancelled", "fulfilled", "restocked", "writtenOff"),
  units: fc.integer({ min: 1, max: 4 }),
});
const skus: Record<string, string> = { "1": "A", "2": "B", "3": "KIT" };

/** The reports of a history that can be: after each step, the counts of all lines. */
function reportsOf(steps: readonly { lineId: string; what: string; units: number }[]): ToldLine[][] {
  const now = new Map(Object.entries(skus).map(([lineId, sku]) => [lineId, line(lineId, sku, {})]));
  return steps.map(({ lineId, what, units }) => {
    const told = now.get(lineId) ?? line(lineId, undefined, {});
    const open = told.ordered - told.cancelled - told.fulfilled;
    const outside = told.fulfilled - told.restocked - told.writtenOff;
    const room = what === "ordered" ? 20 : what === "cancelled" || what === "fulfilled" ? open : outside;
    const count = told[what as "ordered"];
    now.set(lineId, { ...told, [what]: count + Math.min(units, room) });
    return [...now.values()];
  });
}

async function after(reports: readonly (readonly ToldLine[])[]) {
  const shop = newShop();
  let units = new Map<string, number>();
  for (const [index, lines] of reports.entries()) {
    const answer = await shop.report(String(index), lines);
    for (const news of answer.skus) units = units.set(news.sku, (units.get(news.sku) ?? 0) + news.units);
  }
  const sold = new Map([...units].filter(([, sum]) => sum !== 0));
  const counts = shop.counts().sort((a, b) => (`${a.sku} ${a.lineId}` < `${b.sku} ${b.lineId}` ? -1 : 1));
  return { a: shop.stock("A"), b: shop.stock("B"), counts, sold };
}

describe("reports of an order", () => {
  it("end in the same, in whatever order they come and however often", async () => {
    const mixed = fc
      .array(step, { minLength: 1, maxLength: 12 })
      .map(reportsOf)
      .chain((reports) =>
        fc
          .tuple(
            fc.shuffledSubarray(reports, { minLength: reports.length }),
            fc.array(fc.constantFrom(...reports), { maxLength: 6 }),
          )
          .map(([shuffled, repeated]) => ({ reports, mixed: [...shuffled, ...repeated] })),
      );
    await fc.assert(
      fc.asyncProperty(mixed, async ({ reports, mixed: told }) => {
        expect(await after(told)).toEqual(await after(reports));
      }),
      { numRuns: 500 },
    );
  });

  it("change nothing twice and tell the channel of each sale once, wherever a crash cuts them off", async () => {
    const cut = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 8 }),
      at: fc.integer({ min: 0, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ steps, at }) => {
        const reports = reportsOf(steps);
        const shop = newShop();
        const sold = new Map<string, number>();
        shop.answersLeft = at;
        for (const [index, lines] of reports.entries()) {
          const answer = await shop.report(String(index), lines).catch(async () => {
            shop.answersLeft = Number.POSITIVE_INFINITY;
            return shop.settle();
          });
          for (const news of answer.skus) sold.set(news.sku, (sold.get(news.sku) ?? 0) + news.units);
        }
        const whole = await after(reports);
        expect({ a: shop.stock("A"), b: shop.stock("B") }).toEqual({ a: whole.a, b: whole.b });
        expect(new Map([...sold].filter(([, units]) => units !== 0))).toEqual(whole.sold);
      }),
      { numRuns: 500 },
    );
  });

  it("answer a repeated id as before, with nothing done", async () => {
    const shop = newShop(5);
    const first = await shop.report("r1", [line("1", "A", { ordered: 2 })]);
    const { version } = shop.state("A");
    expect(await shop.report("r1", [line("1", "A", { ordered: 2 })])).toEqual(first);
    expect(first.skus).toEqual([{ sku: "A", units: 2, epoch: "e", version }]);
    expect(shop.state("A").version).toBe(version);
  });

  it("let a line grow, and cancel or fulfil what was added like the rest", async () => {
    const shop = newShop(10);
    await shop.report("r1", [line("1", "A", { ordered: 2 })]);
    await shop.report("r2", [line("1", "A", { ordered: 5 })]);
    expect(shop.stock("A")).toEqual({ onHand: 10, committed: 5, available: 5 });
    await shop.report("r3", [line("1", "A", { ordered: 5, fulfilled: 4, cancelled: 1 })]);
    expect(shop.stock("A")).toEqual({ onHand: 6, committed: 0, available: 6 });
  });

  it("count goods that came back once, for sale again or written off", async () => {
    const shop = newShop(10);
    await shop.report("r1", [line("1", "A", { ordered: 4, fulfilled: 4, restocked: 1, writtenOff: 2 })]);
    expect(shop.stock("A")).toEqual({ onHand: 7, committed: 0, available: 7 });
    await shop.report("r2", [line("1", "A", { ordered: 4, fulfilled: 4, restocked: 2, writtenOff: 2 })]);
    expect(shop.stock("A")).toEqual({ onHand: 8, committed: 0, available: 8 });
  });

  it("take from what a kit is made of, and news of it are the kit's", async () => {
    const shop = newShop(10);
    const { skus: news } = await shop.report("r1", [line("1", "KIT", { ordered: 3, cancelled: 1 })]);
    expect(shop.stock("A").available).toBe(6);
    expect(shop.stock("B").available).toBe(8);
    expect(news).toMatchObject([{ sku: "KIT", units: 2 }]);
  });

  it("flag an oversell, but not of units that were cancelled in the same breath", async () => {
    const oversold = async (counts: Partial<ToldLine>) => {
      const shop = newShop(1);
      await shop.report("r1", [line("1", "A", counts)]);
      return shop.events.flatMap((event) =>
        event.type === "ordered" ? event.lines.map((part) => part.oversold) : [],
      );
    };
    expect(await oversold({ ordered: 3 })).toEqual([2]);
    expect(await oversold({ ordered: 3, cancelled: 1 })).toEqual([1]);
    expect(await oversold({ ordered: 3, cancelled: 3 })).toEqual([0]);
  });

  it("that cannot be are recorded as far as they can, and say so", async () => {
    const shop = newShop(10);
    const { notes } = await shop.report("r1", [line("1", "A", { ordered: 3, fulfilled: 2, cancelled: 2 })]);
    expect(notes).toEqual(["line 1: 2 fulfilled and 2 cancelled of 3 ordered"]);
    expect(shop.stock("A")).toEqual({ onHand: 8, committed: 0, available: 8 });
    const next = await shop.report("r2", [line("1", "A", { ordered: 4, fulfilled: 2, cancelled: 2 })]);
    expect(next.notes).toEqual([]);
    expect(shop.stock("A")).toEqual({ onHand: 8, committed: 0, available: 8 });
  });

  it("of a line that callers of the API told are of the same line", async () => {
    const shop = newShop(10);
    shop.mutate("A", {
      type: "order",
      channel: "web",
      orderId: "1001",
      lines: [{ lineId: "1", quantity: 3 }],
    });
    const { epoch, version } = shop.state("A");
    const result = {
      lineId: "1",
      sku: "A",
      quantity: 3,
      status: "accepted" as const,
      oversold: 0,
      taken: [],
      epoch,
      version,
    };
    const told = { lineId: "1", sku: "A", quantity: 3 };
    const record = { line: told, legs: [{ sku: "A", lineId: "1", perUnit: 1 }], result };
    shop.order = { channel: "web", orderId: "1001", actor: "key", lines: { "1": record }, waiting: [] };
    const { skus: news } = await shop.report("r1", [line("1", "A", { ordered: 3, fulfilled: 1 })]);
    expect(shop.stock("A")).toEqual({ onHand: 9, committed: 2, available: 7 });
    // The channel has subtracted them by itself, whoever told us of it.
    expect(news).toMatchObject([{ sku: "A", units: 3 }]);
  });

  it("of a later life of a SKU say nothing to it", async () => {
    const shop = newShop(10);
    await shop.report("r1", [line("1", "A", { ordered: 2, fulfilled: 2 })]);
    shop.mutate("A", { type: "count", location: "default", onHand: 0 });
    shop.mutate("A", { type: "retire" });
    shop.count("A", 5);
    const { notes } = await shop.report("r2", [line("1", "A", { ordered: 2, fulfilled: 2, restocked: 1 })]);
    expect(notes).toEqual([]);
    expect(shop.stock("A")).toEqual({ onHand: 5, committed: 0, available: 5 });
  });
});

describe("an unmatched line", () => {
  it("is recorded with all that was told of it meanwhile, once somebody says which SKU it is", async () => {
    const shop = newShop(10);
    const first = await shop.report("r1", [
      line("1", undefined, { ordered: 2 }),
      line("2", "B", { ordered: 1 }),
    ]);
    expect(first.unmatched).toEqual(["1"]);
    expect(shop.stock("B").available).toBe(9);
    await shop.report("r2", [line("1", undefined, { ordered: 4, cancelled: 1, fulfilled: 2 })]);
    expect(shop.stock("A").available).toBe(10);
    const { skus: news, unmatched } = await shop.match("1", "A");
    expect(shop.stock("A")).toEqual({ onHand: 8, committed: 1, available: 7 });
    expect(unmatched).toEqual([]);
    expect(news).toMatchObject([{ sku: "A", units: 3 }]);
  });

  it("matches by itself when the channel tells of it again and its SKU is known by then", async () => {
    const shop = newShop(10);
    await shop.report("r1", [line("1", "NEW", { ordered: 2 })]);
    expect((await shop.report("r2", [line("1", "NEW", { ordered: 2 })])).unmatched).toEqual(["1"]);
    shop.count("NEW", 5);
    expect((await shop.report("r3", [line("1", "NEW", { ordered: 2 })])).unmatched).toEqual([]);
    expect(shop.stock("NEW").available).toBe(3);
  });

  it("stays what it is if it is matched to a SKU that nobody knows", async () => {
    const shop = newShop(10);
    await shop.report("r1", [line("1", undefined, { ordered: 2 })]);
    expect((await shop.match("1", "NOBODY")).unmatched).toEqual(["1"]);
    await shop.match("1", "A");
    expect(shop.stock("A").available).toBe(8);
  });
});

describe("a channel that tells only what an order is now", () => {
  it("is taken at its newest word, also if lines shrink or go", async () => {
    const shop = newShop(10);
    await shop.report(
      "r1",
      [line("1", "A", { ordered: 3 }), line("2", "B", { ordered: 1 })],
      "2026-01-01T00:00:01Z",
    );
    await shop.report("r3", [line("1", "A", { ordered: 1 })], "2026-01-01T00:00:03Z");
    await shop.report("r2", [line("1", "A", { ordered: 2 })], "2026-01-01T00:00:02Z");
    expect(shop.stock("A").available).toBe(9);
    expect(shop.stock("B").available).toBe(10);
  });
});
