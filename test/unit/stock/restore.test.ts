import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StockEvent } from "../../../src/protocol/event.ts";
import { evolve } from "../../../src/stock/evolve.ts";
import { publishEvent } from "../../../src/stock/publish.ts";
import { toStockEvent } from "../../../src/stock/replay.ts";
import { restoredEvents } from "../../../src/stock/restore.ts";
import { isOfThisLife, type SkuState, unknownSku } from "../../../src/stock/state.ts";
import { transact } from "../../../src/stock/transact.ts";
import { stockView } from "../../../src/stock/view.ts";
import { histories, run } from "./history.ts";

/** The life that follows on a state when the service is restored to it, as a SKU makes it. */
function restored(state: SkuState, epoch: string, nowMs: number): { state: SkuState; events: StockEvent[] } {
  const { ended, orderLines } = state;
  const events = restoredEvents(state, nowMs);
  return { state: events.reduce(evolve, { ...unknownSku(state.sku, epoch), ended, orderLines }), events };
}

/** What may be seen of a state, without the place in the ledger. */
function contentOf(state: SkuState) {
  const { epoch: _epoch, version: _version, asOf: _asOf, ...view } = stockView(state, 0);
  const { reservations, ended, orderLines, kit } = state;
  return {
    view,
    kit,
    reservations: reservations.toObject(),
    ended: ended.toObject(),
    lines: orderLines.toObject(),
  };
}

describe("a life that begins with a restored state", { timeout: 60_000 }, () => {
  it("has all that the state had, also by its entries as they are published", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ after, nowMs }) => {
          if (after.version === 0) return;
          const life = restored(after, "e9", nowMs);
          expect(contentOf(life.state)).toEqual(contentOf(after));
          expect(life.state).toMatchObject({ epoch: "e9", version: life.events.length, since: after.epoch });
          const published = life.events.map((event, index) =>
            JSON.parse(JSON.stringify(publishEvent("A", { epoch: "e9", version: index + 1 }, event))),
          );
          expect(published.map(toStockEvent)).toEqual(life.events);
        });
      }),
      { numRuns: 150 },
    );
  });

  it("decides as the life it continues would have", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ before, mutation, nowMs, result }) => {
          // A reservation's id names the version that made it; a line of another life is none of this one.
          if (before.version === 0 || mutation.type === "reserve") return;
          const again = transact(restored(before, "e9", nowMs).state, mutation, nowMs);
          expect(again.decision).toEqual(result.decision);
        });
      }),
      { numRuns: 150 },
    );
  });

  it("takes several entries if there are many reservations, and is whole with the last", () => {
    let state = transact(unknownSku("A", "e0"), { type: "count", location: "default", onHand: 900 }, 0).state;
    for (let index = 0; index < 450; index += 1) {
      const hold = { type: "reserve", quantity: 1, ttlSeconds: 60, nonce: `n${index}` } as const;
      state = transact(state, hold, 0).state;
    }
    const life = restored(state, "e9", 1_000);
    expect(life.events).toHaveLength(3);
    expect(contentOf(life.state)).toEqual(contentOf(state));
    expect(stockView(life.events.slice(0, 1).reduce(evolve, unknownSku("A", "e9")), 0).reserved).toBe(450);
  });

  it("remembers where it really began, however often it is restored", () => {
    const first = transact(unknownSku("A", "e1"), { type: "count", location: "default", onHand: 3 }, 0).state;
    const second = restored(first, "e5", 0).state;
    const third = restored(second, "e9", 0).state;
    expect(third.since).toBe("e1");
    expect(["e0", "e1", "e3", "e5", "e9"].map((epoch) => isOfThisLife(third, epoch))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(isOfThisLife(first, "e5")).toBe(false);
  });
});
