import { expect, test } from "vitest";
import { allOf, type Page } from "../../../e2e/lib/pages.ts";

/** A shop that answers up to 100 of its items at a time, and what it was asked for. */
function shopWith(count: number) {
  const all = Array.from({ length: count }, (_, index) => `SKU-${index}`);
  const offsets: number[] = [];
  const pageFrom = async (offset: number): Promise<Page<string>> => {
    offsets.push(offset);
    return { items: all.slice(offset, offset + 100), count };
  };
  return { all, offsets, pageFrom };
}

test.each([
  [0, [0]],
  [7, [0]],
  [100, [0]],
  [101, [0, 100]],
  [250, [0, 100, 200]],
])("a list of %i is read whole, and no page twice", async (count, asked) => {
  const { all, offsets, pageFrom } = shopWith(count);
  expect(await allOf(pageFrom)).toEqual(all);
  expect(offsets).toEqual(asked);
});

test("a list that becomes shorter while it is read has an end", async () => {
  const { all, pageFrom } = shopWith(150);
  const shrinking = async (offset: number) => ({ ...(await pageFrom(offset)), count: 200 });
  expect(await allOf(shrinking)).toEqual(all);
});
