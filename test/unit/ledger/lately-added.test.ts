import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LatelyAdded } from "../../../src/ledger/lately-added.ts";
import type { LedgerEntry } from "../../../src/protocol/queue.ts";

const event = { type: "adjusted", atMs: 0, location: "default", delta: 1, reason: "found" } as const;

function entries(epoch: string, first: number, last: number): LedgerEntry[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    position: { epoch, version: first + index },
    event,
  }));
}

const a = (first: number, last: number) => entries("a", first, last);

describe("LatelyAdded", () => {
  it("knows a run that came in pieces, in whatever order they touch", () => {
    const lately = new LatelyAdded();
    for (const piece of [a(4, 6), a(7, 9), a(2, 3)]) lately.note("A", piece);
    expect(lately.reached("A", { epoch: "a", first: 2, last: 20 })).toBe(9);
    expect(lately.reached("A", { epoch: "a", first: 5, last: 7 })).toBe(7);
    expect(lately.reached("A", { epoch: "a", first: 1, last: 9 })).toBeUndefined();
    expect(lately.reached("A", { epoch: "a", first: 10, last: 12 })).toBeUndefined();
    expect(lately.reached("B", { epoch: "a", first: 2, last: 3 })).toBeUndefined();
  });

  it("takes nothing beyond a gap for known, nor of another life", () => {
    const lately = new LatelyAdded();
    lately.note("A", a(1, 2));
    lately.note("A", a(4, 5));
    expect(lately.reached("A", { epoch: "a", first: 1, last: 5 })).toBeUndefined();
    lately.note("A", [...a(6, 6), ...entries("b", 1, 2)]);
    expect(lately.reached("A", { epoch: "a", first: 6, last: 6 })).toBeUndefined();
    expect(lately.reached("A", { epoch: "b", first: 1, last: 9 })).toBe(2);
  });

  it("forgets the SKU that was added to longest ago", () => {
    const lately = new LatelyAdded(2);
    for (const sku of ["A", "B", "A", "C"]) lately.note(sku, a(1, 1));
    const known = ["A", "B", "C"].map((sku) => lately.reached(sku, { epoch: "a", first: 1, last: 1 }));
    expect(known).toEqual([1, undefined, 1]);
  });

  it("never says more than was added, whatever was added when", () => {
    const life = fc.constantFrom("a", "b");
    const from = fc.integer({ min: 1, max: 12 });
    const piece = fc.record({ epoch: life, first: from, more: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(piece), life, from, fc.nat(12), (pieces, epoch, first, more) => {
        const lately = new LatelyAdded();
        const added = new Set<string>();
        for (const { epoch: of, first: begin, more: length } of pieces) {
          lately.note("A", entries(of, begin, begin + length));
          for (let version = begin; version <= begin + length; version += 1) added.add(`${of}${version}`);
        }
        const last = first + more;
        const reached = lately.reached("A", { epoch, first, last });
        if (reached === undefined) return;
        expect(reached).toBeLessThanOrEqual(last);
        for (let version = first; version <= reached; version += 1)
          expect(added.has(`${epoch}${version}`)).toBe(true);
      }),
    );
  });
});
