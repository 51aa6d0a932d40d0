import { describe, expect, it } from "vitest";
import { KeyFilter } from "../../../src/escrow/key-filter.ts";

const key = (index: number) => `principal\n${(index * 2_654_435_761) >>> 0}`;

describe("a filter of keys", () => {
  it("knows every key it was made of, after it was stored too, and few others", () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => key(index));
    const filter = KeyFilter.fromText(KeyFilter.of(keys).toText());
    expect(keys.every((known) => filter.mayKnow(known))).toBe(true);
    const others = Array.from({ length: 20_000 }, (_, index) => key(index + 20_000));
    const mistaken = others.filter((unknown) => filter.mayKnow(unknown)).length;
    expect(mistaken / others.length).toBeLessThan(0.03);
  });

  it("of no keys knows none", () => {
    expect(KeyFilter.of([]).mayKnow("principal\nfirst")).toBe(false);
  });
});
