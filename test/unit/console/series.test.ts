import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { availableSeries } from "../../../src/console/series.ts";
import type { LedgerItem } from "../../../src/protocol/answers.ts";
import { evolve } from "../../../src/stock/evolve.ts";
import { publishEvent } from "../../../src/stock/publish.ts";
import { exists, unknownSku } from "../../../src/stock/state.ts";
import { stockView } from "../../../src/stock/view.ts";
import { histories, run } from "../stock/history.ts";

interface Told {
  readonly view: ReturnType<typeof stockView>;
  /** Newest first. */
  readonly entries: readonly LedgerItem[];
  /** What was available after each version, by version. */
  readonly truth: readonly number[];
}

/** A SKU at the end of a history, its ledger, and what the domain itself says was available after each entry. */
function told(steps: Parameters<typeof run>[0]): Told | undefined {
  let last: Told | undefined;
  run(steps, ({ after, ledger, nowMs }) => {
    if (!exists(after)) return;
    const { epoch } = after;
    let state = unknownSku("A", epoch);
    const truth = [0];
    const entries = ledger.map((event, index) => {
      state = evolve(state, event);
      truth.push(stockView(state, nowMs).available);
      const version = index + 1;
      return { ...publishEvent("A", { epoch, version }, event), version };
    });
    last = { view: stockView(after, nowMs), entries: entries.toReversed(), truth };
  });
  return last;
}

describe("available over time, told from the ledger", () => {
  it("is what the domain says after every entry, for any history", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const sku = told(steps);
        if (sku === undefined) return;
        const points = availableSeries(sku.view, sku.entries, true);
        for (const { version, available } of points) expect(available).toBe(sku.truth[version]);
        // Only of a kit there are moments that no entry tells of.
        const isKit = sku.entries.some(({ type, data }) => type.includes("derived") || "components" in data);
        if (!isKit) expect(points).toHaveLength(sku.entries.length);
      }),
      { numRuns: 300 },
    );
  });

  it("is never wrong if only the newest entries are there", () => {
    fc.assert(
      fc.property(histories, fc.nat(20), (steps, count) => {
        const sku = told(steps);
        if (sku === undefined) return;
        const points = availableSeries(sku.view, sku.entries.slice(0, count), false);
        for (const { version, available } of points) expect(available).toBe(sku.truth[version]);
      }),
      { numRuns: 300 },
    );
  });
});
