import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PublicationRule } from "../../../src/protocol/rule.ts";
import { publishedQuantity } from "../../../src/stock/publication.ts";
import { stock } from "./world.ts";

const quantity = fc.integer({ min: 0, max: 1_000 });
const anyParts = {
  buffer: quantity,
  percent: fc.integer({ min: 0, max: 100 }),
  cap: quantity,
  floor: quantity,
};
const rules = fc.record(
  {
    ...anyParts,
    locations: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const rulesWithLow = fc
  .tuple(rules, fc.record({ atOrBelow: quantity, ...anyParts }, { requiredKeys: ["atOrBelow"] }))
  .map(([rule, low]) => ({ ...rule, low }));
const views = fc
  .record({ a: fc.integer({ min: -50, max: 1_000 }), b: quantity, safetyStock: fc.nat(100) })
  .map(({ a, b, safetyStock }) => {
    const level = { onHand: 0, committed: 0, reserved: 0, unavailable: 0, incoming: 0 };
    const locations = [
      { location: "a", ...level, available: a },
      { location: "b", ...level, available: b },
    ];
    return stock("A", 1, a + b - safetyStock, { locations, safetyStock });
  });

describe("publication rule", () => {
  test("never shows less than nothing or more than is available, and keeps buffer, cap and floor", () => {
    fc.assert(
      fc.property(views, rules, (view, rule) => {
        const shown = publishedQuantity(view, PublicationRule.parse(rule));
        expect(Number.isInteger(shown)).toBe(true);
        expect(shown).toBeGreaterThanOrEqual(0);
        expect(shown).toBeLessThanOrEqual(Math.max(0, view.available - (rule.buffer ?? 0)));
        if (rule.cap !== undefined) expect(shown).toBeLessThanOrEqual(rule.cap);
        if (rule.floor !== undefined && shown > 0) expect(shown).toBeGreaterThanOrEqual(rule.floor);
      }),
    );
  });

  test("without a rule, shows what is available", () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(publishedQuantity(view)).toBe(Math.max(0, view.available));
      }),
    );
  });

  test("more stock never shows less", () => {
    fc.assert(
      fc.property(quantity, quantity, rules, (some, more, rule) => {
        const { locations: _all, ...withoutLocations } = rule;
        const before = publishedQuantity(stock("A", 1, some), withoutLocations);
        expect(publishedQuantity(stock("A", 2, some + more), withoutLocations)).toBeGreaterThanOrEqual(
          before,
        );
      }),
    );
  });

  test("low stock is shown by the rule for low stock alone, locations apart", () => {
    fc.assert(
      fc.property(views, rulesWithLow, (view, rule) => {
        const { low, ...normal } = rule;
        const { atOrBelow, ...parts } = low;
        const { locations } = normal;
        const applied = view.available <= atOrBelow ? { ...parts, ...(locations && { locations }) } : normal;
        expect(publishedQuantity(view, PublicationRule.parse(rule))).toBe(publishedQuantity(view, applied));
      }),
    );
  });

  // The worked table of docs/channels/README.md.
  test.each([
    [{}, 12],
    [{ buffer: 2 }, 10],
    [{ percent: 50 }, 6],
    [{ cap: 5 }, 5],
    [{ floor: 15 }, 0],
    [{ locations: ["north"] }, 8],
    [{ locations: ["north"], buffer: 1, percent: 50, cap: 10, floor: 2 }, 3],
  ])("of 12 available, 8 of them in the north, %j shows %i", (rule, expected) => {
    const level = { onHand: 0, committed: 0, reserved: 0, unavailable: 0, incoming: 0 };
    const locations = [
      { location: "north", ...level, available: 8 },
      { location: "south", ...level, available: 4 },
    ];
    expect(publishedQuantity(stock("A", 1, 12, { locations }), rule)).toBe(expected);
  });
});

describe("hard allocations", () => {
  const channels = ["web", "shop", "market"];
  const allocations = fc.tuple(fc.nat(400), fc.nat(400)).map(([web, shop]) => [
    { channel: "web", quantity: web },
    { channel: "shop", quantity: shop },
  ]);
  const allocated = fc.tuple(views, allocations).map(([view, own]) => ({ ...view, allocations: own }));
  const others = (
    view: { allocations: { channel: string; quantity: number }[] },
    channel: string | undefined,
  ) => view.allocations.reduce((sum, own) => (own.channel === channel ? sum : sum + own.quantity), 0);

  test("no channel is ever shown units that belong to others, whatever its rule", () => {
    fc.assert(
      fc.property(allocated, rulesWithLow, fc.constantFrom(...channels, undefined), (view, rule, channel) => {
        const shown = publishedQuantity(view, rule, channel);
        expect(shown).toBeGreaterThanOrEqual(0);
        expect(shown).toBeLessThanOrEqual(Math.max(0, view.available - others(view, channel)));
      }),
    );
  });

  test("all are honoured at once: whatever one channel sells of what it is shown, the others' units are left", () => {
    fc.assert(
      fc.property(allocated, fc.constantFrom(...channels), (view, channel) => {
        fc.pre(view.available >= others(view, undefined));
        const shown = publishedQuantity(view, {}, channel);
        expect(shown).toBeGreaterThanOrEqual(others(view, undefined) - others(view, channel));
        const left = { ...view, available: view.available - shown };
        expect(left.available).toBeGreaterThanOrEqual(others(view, channel));
      }),
    );
  });

  test("more stock never shows less under one set of parts", () => {
    fc.assert(
      fc.property(allocations, quantity, quantity, rules, (own, some, more, rule) => {
        const { locations: _all, ...parts } = rule;
        const shown = (units: number) =>
          publishedQuantity(stock("A", 1, units, { allocations: own }), parts, "web");
        expect(shown(some + more)).toBeGreaterThanOrEqual(shown(some));
      }),
    );
  });

  test("nothing is shown when nothing is available, nor of a retired SKU", () => {
    fc.assert(
      fc.property(
        allocations,
        rulesWithLow,
        fc.constantFrom(...channels),
        fc.nat(50),
        (own, rule, channel, short) => {
          expect(publishedQuantity(stock("A", 1, -short, { allocations: own }), rule, channel)).toBe(0);
          expect(publishedQuantity(stock("A", 1, 50, { retired: true }), rule, channel)).toBe(0);
        },
      ),
    );
  });

  // The worked tables of docs/channels/README.md.
  test.each([
    ["web", 12, 9],
    ["shop", 12, 4],
    ["market", 12, 1],
    ["web", 6, 3],
    ["shop", 6, 0],
    ["market", 6, 0],
  ])("%s is shown, of %i available with 8 for web and 3 for shop, %i", (channel, available, expected) => {
    const own = [
      { channel: "web", quantity: 8 },
      { channel: "shop", quantity: 3 },
    ];
    expect(publishedQuantity(stock("A", 1, available, { allocations: own }), {}, channel)).toBe(expected);
  });

  test.each([
    [40, 20],
    [11, 9],
    [10, 5],
    [3, 1],
    [1, 0],
  ])("of %i available, the rule with a low-stock part shows %i", (available, expected) => {
    const rule = PublicationRule.parse({ buffer: 2, cap: 20, low: { atOrBelow: 10, percent: 50 } });
    expect(publishedQuantity(stock("A", 1, available), rule)).toBe(expected);
  });
});
