import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextStep, offeredBy, offersTooMuch, type OnHandLevel } from "../../../../src/channel/kit/on-hand.ts";

const units = fc.integer({ min: 0, max: 50 });
const levels = fc.record({
  onHand: units,
  allocated: units,
  keptBack: fc.integer({ min: -5, max: 5 }),
}) satisfies fc.Arbitrary<OnHandLevel>;
const publications = fc.record({
  quantity: units,
  expected: fc.option(fc.integer({ min: -10, max: 50 }), { nil: undefined }),
});

/** What the channel offers after the step. */
function after(publication: { quantity: number; expected?: number | undefined }, level: OnHandLevel): number {
  const step = nextStep(publication, level);
  return offeredBy(step.step === "write" ? { ...level, onHand: step.onHand } : level);
}

describe("what a channel that counts what is there is told", () => {
  test("exactly what is wanted, if nothing is known or all is as expected", () => {
    fc.assert(
      fc.property(units, levels, (quantity, level) => {
        expect(after({ quantity }, level)).toBe(quantity);
        expect(after({ quantity, expected: offeredBy(level) }, level)).toBe(quantity);
      }),
    );
  });

  test("never more than it offers, if it sold what we have not heard of", () => {
    fc.assert(
      fc.property(publications, levels, ({ quantity, expected = 0 }, level) => {
        const actual = offeredBy(level);
        fc.pre(actual < expected && actual >= 0);
        const sold = expected - actual;
        const offered = after({ quantity, expected }, level);
        expect(offered).toBeLessThanOrEqual(Math.max(actual, 0));
        // It falls as far as it should, at once.
        expect(offered).toBeLessThanOrEqual(
          Math.max(0, quantity - sold, actual <= quantity - sold ? actual : 0),
        );
      }),
    );
  });

  test("nothing, if it shows more than expected", () => {
    fc.assert(
      fc.property(publications, levels, ({ quantity, expected = 0 }, level) => {
        fc.pre(offeredBy(level) > expected && offeredBy(level) !== 0);
        expect(nextStep({ quantity, expected }, level)).toEqual({
          step: "done",
          result: { outcome: "moved", actual: offeredBy(level) },
        });
      }),
    );
  });

  test("again, if a parcel crossed the write, and not if a sale did", () => {
    const before = { onHand: 10, allocated: 2, keptBack: 0 };
    const step = nextStep({ quantity: 5, expected: 8 }, before);
    expect(step).toEqual({ step: "write", onHand: 7, offers: 5 });
    expect(offersTooMuch(5, { onHand: 7, allocated: 2, keptBack: 0 })).toBe(false);
    expect(offersTooMuch(5, { onHand: 7, allocated: 1, keptBack: 0 })).toBe(true);
    expect(offersTooMuch(5, { onHand: 7, allocated: 3, keptBack: 0 })).toBe(false);
  });
});
