import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowWindow } from "../../../src/console/window.ts";

describe("the rows that a long list draws", () => {
  it("cover all that is looked at, exist, and are few", () => {
    const natural = fc.nat(1_000_000);
    fc.assert(
      fc.property(natural, fc.integer({ min: 1, max: 3_000 }), fc.nat(20_000), (scrolled, height, count) => {
        const { first, end } = rowWindow(scrolled, height, 36, count, 12);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(count);
        expect(first % 2).toBe(0);
        expect(end - first).toBeLessThanOrEqual(height / 36 + 2 * 12 + 3);
        const lastSeen = Math.min(count - 1, Math.floor((scrolled + height - 1) / 36));
        const firstSeen = Math.floor(scrolled / 36);
        if (firstSeen > lastSeen) return;
        expect(first).toBeLessThanOrEqual(firstSeen);
        expect(end).toBeGreaterThan(lastSeen);
      }),
    );
  });
});
