import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ascendingBy, compareText, merged } from "../../../src/ledger/merge.ts";
import { ledgerShardOf } from "../../../src/ledger/shard.ts";

/** How many of these SKUs each of `shards` databases gets. */
function spread(skus: readonly string[], shards: number): number[] {
  const counts = Array.from({ length: shards }, () => 0);
  for (const sku of skus) counts[ledgerShardOf(sku, shards)] = (counts[ledgerShardOf(sku, shards)] ?? 0) + 1;
  return counts;
}

const numbers = Array.from({ length: 20_000 }, (_, index) => index);

describe("the database of a SKU", () => {
  it("is the same for ever", () => {
    const vectors = ["A", "TEE-BLK-M", "BUSY/2 ü", "靴-42", "😀", "x".repeat(128)];
    expect(vectors.map((sku) => [1, 2, 4, 16, 64].map((shards) => ledgerShardOf(sku, shards)))).toEqual([
      [0, 0, 0, 4, 20],
      [0, 0, 0, 12, 44],
      [0, 1, 1, 9, 9],
      [0, 0, 2, 14, 30],
      [0, 0, 2, 10, 10],
      [0, 0, 0, 12, 28],
    ]);
  });

  it.each<[string, (index: number) => string]>([
    ["counted articles", (index) => `SKU-${String(index).padStart(6, "0")}`],
    ["every fourth number", (index) => String(index * 4)],
    ["sizes and colours", (index) => `${index >> 4}-${"ABCD"[index & 3]}-${"IMQU"[(index >> 2) & 3]}`],
    [
      "names that differ in bits FNV-1a leaves out",
      (index) => [12, 8, 4, 0].map((at) => "048<@DHLPTX\\`dhl"[(index >> at) & 15]).join(""),
    ],
    ["text beyond ASCII", (index) => `靴${String.fromCodePoint(0x4e00 + index)}`],
  ])("is spread evenly over %s", (_, nameOf) => {
    const skus = [...new Set(numbers.map(nameOf))];
    for (const shards of [2, 3, 4, 16]) {
      const even = skus.length / shards;
      for (const count of spread(skus, shards)) expect(Math.abs(count / even - 1)).toBeLessThan(0.12);
    }
  });
});

describe("merging", () => {
  it("gives one list in order, with what is equal in the order of the lists", () => {
    const row = fc.record({ at: fc.integer({ min: 0, max: 9 }), sku: fc.constantFrom("a", "b") });
    const byRow = ascendingBy<"at" | "sku">(["at", "sku"]);
    fc.assert(
      fc.property(fc.array(fc.array(row), { maxLength: 5 }), (lists) => {
        const ordered = lists.map((list) => list.toSorted(byRow));
        expect(merged(ordered, byRow)).toEqual(ordered.flat().toSorted(byRow));
      }),
    );
  });

  it("keeps each list's own order, even one that is not sorted", () => {
    const byAt = ascendingBy(["at"]);
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(9)), { maxLength: 4 }), (lists) => {
        const tagged = lists.map((list, from) => list.map((at, index) => ({ at, from, index })));
        const all = merged(tagged, byAt);
        expect(all).toHaveLength(tagged.flat().length);
        for (const [from, list] of tagged.entries())
          expect(all.filter((item) => item.from === from)).toEqual(list);
      }),
    );
  });

  it("orders text as SQLite does: by its UTF-8 bytes", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "é", "\u{ffff}", "\u{e000}", "😀", "\u{10000}", "-"),
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
