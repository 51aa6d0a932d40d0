import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinNews } from "../../../src/ledger/join-news.ts";
import { isNewer } from "../../../src/protocol/position.ts";
import type { LedgerEntry, StockEventsMessage } from "../../../src/protocol/queue.ts";
import { view } from "../feed/clock.ts";

const entry = (version: number): LedgerEntry => ({
  position: { epoch: "e1", version },
  event: { type: "adjusted", atMs: version, location: "default", delta: 1, reason: "found" },
});

/** A SKU's news of the entries after one version up to another. */
function about(
  sku: string,
  after: number,
  to: number,
  more: Partial<StockEventsMessage> = {},
): StockEventsMessage {
  const entries = Array.from({ length: to - after }, (_, index) => entry(after + index + 1));
  return { sku, after: { epoch: "e1", version: after }, entries, stock: view(sku, to, 0), ...more };
}

const versionsOf = ({ entries }: StockEventsMessage) => entries.map(({ position }) => position.version);

/** News of some SKUs, each of which goes on where it was or leaves some out, in pieces of every size. */
const anyNews = fc
  .array(
    fc.record({
      sku: fc.constantFrom("A", "B", "C"),
      gap: fc.boolean(),
      length: fc.integer({ min: 0, max: 60 }),
    }),
  )
  .map((pieces) => {
    const at = new Map<string, number>();
    return pieces.map(({ sku, gap, length }) => {
      const after = (at.get(sku) ?? 0) + (gap ? 1 : 0);
      at.set(sku, after + length);
      return about(sku, after, after + length);
    });
  });

describe("news that are joined", () => {
  it("of one SKU become one piece, with the newest view and all its kits", () => {
    const [joined, ...others] = joinNews([
      about("A", 0, 2),
      about("B", 0, 1),
      about("A", 2, 3, { usedBy: ["KIT"] }),
    ]);
    expect(others.map(({ sku }) => sku)).toEqual(["B"]);
    expect(joined).toMatchObject({ sku: "A", after: { version: 0 }, stock: { version: 3 }, usedBy: ["KIT"] });
    expect(joined === undefined ? [] : versionsOf(joined)).toEqual([1, 2, 3]);
  });

  it("stay apart where something is missing between them, or must be fetched", () => {
    const gap = [about("A", 0, 1), about("A", 2, 3)];
    expect(joinNews(gap)).toEqual(gap);
    const large = [
      about("A", 0, 1),
      { ...about("A", 1, 1), last: { epoch: "e1", version: 4 } },
      about("A", 4, 5),
    ];
    expect(joinNews(large)).toEqual(large);
  });

  it("tell each entry once and in order, follow on what they followed, and show the newest", () => {
    fc.assert(
      fc.property(anyNews, (news) => {
        const joined = joinNews(news);
        for (const sku of ["A", "B", "C"]) {
          const [before, after] = [news, joined].map((list) => list.filter((one) => one.sku === sku));
          expect(after?.flatMap(versionsOf)).toEqual(before?.flatMap(versionsOf));
          const newest = (list: readonly StockEventsMessage[] = []) =>
            list
              .map(({ stock }) => stock)
              .reduce((one, other) => (isNewer(other, one) ? other : one), view(sku, 0, 0));
          expect(newest(after)).toEqual(newest(before));
        }
        for (const { after, entries } of joined) {
          entries.forEach(({ position }, index) => expect(position.version).toBe(after.version + index + 1));
          expect(entries.length).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
