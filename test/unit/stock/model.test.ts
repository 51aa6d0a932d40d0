import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PublishedEvent } from "../../../src/protocol/event.ts";
import { StockView } from "../../../src/protocol/stock.ts";
import { evolve } from "../../../src/stock/evolve.ts";
import { publishEvent } from "../../../src/stock/publish.ts";
import { available, sum, totals } from "../../../src/stock/quantities.ts";
import { toStockEvent } from "../../../src/stock/replay.ts";
import { exists, type SkuState, unknownSku } from "../../../src/stock/state.ts";
import { transact } from "../../../src/stock/transact.ts";
import { stockView } from "../../../src/stock/view.ts";
import { histories, type Moment, run } from "./history.ts";

const runs = { numRuns: 700 };

/** What has happened elsewhere, or is the seller's to say, may take available below zero. */
const facts = new Set(["create", "count", "order", "report", "derive", "retire"]);

function always(check: (moment: Moment) => void, options = runs): void {
  fc.assert(
    fc.property(histories, (steps) => {
      run(steps, check);
    }),
    options,
  );
}

describe("any history of a SKU", { timeout: 60_000 }, () => {
  it("never lets a request take available below what may be backordered", () => {
    always(({ before, after, mutation }) => {
      if (facts.has(mutation.type)) return;
      expect(available(after)).toBeGreaterThanOrEqual(Math.min(available(before), -before.backorderLimit));
    });
  });

  it("leads to a state that is the fold of its ledger, one version per event, as published too", () => {
    always(
      ({ after, ledger, nowMs }) => {
        const { epoch } = after;
        const folded = ledger.reduce(evolve, unknownSku("A", epoch));
        expect(stockView(folded, nowMs)).toEqual(stockView(after, nowMs));
        expect(after.version).toBe(ledger.length);
        expect(folded.reservations.toObject()).toEqual(after.reservations.toObject());
        const last = ledger.at(-1);
        if (last === undefined) return;
        const published = publishEvent("A", { epoch, version: after.version }, last);
        expect(toStockEvent(JSON.parse(JSON.stringify(published)))).toEqual(last);
      },
      { numRuns: 200 },
    );
  });

  it("has views and events that keep to their schemas", () => {
    always(
      ({ after, events, nowMs }) => {
        if (after.version > 0) {
          const view = stockView(after, nowMs);
          expect(StockView.parse(view)).toEqual(view);
        }
        for (const event of events) {
          const published = publishEvent("A", { epoch: after.epoch, version: 1 }, event);
          expect(PublishedEvent.parse(published)).toEqual(published);
        }
      },
      { numRuns: 100 },
    );
  });

  it("keeps reserved and committed equal to the holds and order lines that are open", () => {
    always(({ after }) => {
      const held = [...after.reservations.values()].reduce((total, r) => total + sum(r.taken), 0);
      const open = [...after.orderLines.values()].reduce((total, line) => total + sum(line.open), 0);
      expect(totals(after)).toMatchObject({ reserved: held, committed: open });
    });
  });

  it("keeps what is on hand when it is moved, held, sold or set aside", () => {
    const moving = new Set([
      "transfer",
      "reserve",
      "extend",
      "release",
      "commit",
      "set-unavailable",
      "expire",
    ]);
    const still = new Set([...moving, "order", "cancel", "expect", "create", "derive"]);
    always(({ before, after, mutation }) => {
      if (still.has(mutation.type)) expect(totals(after).onHand).toBe(totals(before).onHand);
      if (mutation.type === "transfer") expect(totals(after)).toEqual(totals(before));
    });
  });

  it("ends every reservation once, and none before its time", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const expiresAtMs = new Map<string, number>();
        const ended = new Set<string>();
        const last = run(steps, ({ events, nowMs }) => {
          for (const event of events) {
            if (event.type === "reserved" || event.type === "extended") {
              expiresAtMs.set(event.reservationId, Date.parse(event.expiresAt));
            } else if (event.type === "expired" || event.type === "committed" || event.type === "released") {
              expect(ended.has(event.reservationId)).toBe(false);
              ended.add(event.reservationId);
              const due = expiresAtMs.get(event.reservationId) ?? Number.NaN;
              if (event.type === "expired") expect(due).toBeLessThanOrEqual(nowMs);
              else expect(due).toBeGreaterThan(nowMs);
            }
          }
        });
        const open = [...expiresAtMs.keys()].filter((id) => !ended.has(id));
        expect(open.toSorted()).toEqual([...last.reservations.keys()].toSorted());
        const latest = Math.max(0, ...expiresAtMs.values());
        const { state, expired } = transact(last, { type: "expire" }, latest);
        expect(expired).toHaveLength(open.length);
        expect(totals(state).reserved).toBe(0);
      }),
      runs,
    );
  });

  it("records every fact about a known SKU, and says when it oversells", () => {
    const short = (state: SkuState) => Math.max(0, -(available(state) + state.backorderLimit));
    always(({ before, after, mutation, events, result }) => {
      if (mutation.type === "count" && before.kit === undefined)
        expect(result.decision.outcome).toBe("events");
      if (mutation.type !== "order" || !exists(before)) return;
      const event = events.at(-1);
      if (result.decision.outcome !== "events" || event?.type !== "ordered") return;
      const said = event.lines.reduce((total, line) => total + line.oversold, 0);
      expect(said).toBe(short(after) - short(before));
    });
  });

  it("changes nothing when the same order, commit, release or report is told again", () => {
    always(({ after, mutation, nowMs, result }) => {
      if (!["order", "commit", "release", "report"].includes(mutation.type)) return;
      if (result.decision.outcome !== "events" || result.state === after) return;
      const again = transact(after, mutation, nowMs);
      const { epoch, version } = after;
      const recorded = { outcome: "recorded", position: { epoch, version } };
      const nothing = { outcome: "events", events: [] };
      expect(again.decision).toEqual(mutation.type === "report" ? nothing : recorded);
      expect(again.state).toBe(after);
    });
  });

  it("lets nobody reserve what belongs to another channel", () => {
    always(({ before, after, mutation, result }) => {
      if (mutation.type !== "reserve" || result.decision.outcome !== "events") return;
      const others = before.allocations.reduce(
        (total, units, owner) => (owner === mutation.channel ? total : total + units),
        0,
      );
      expect(available(after) + after.backorderLimit).toBeGreaterThanOrEqual(others);
      for (const [owner, units] of before.allocations) {
        if (owner !== mutation.channel) expect(after.allocations.get(owner)).toBe(units);
      }
    });
  });

  it("takes a channel's own units once for what it sells, and gives them back once", () => {
    const channels = ["web", "shop"];
    /** Units of an allocation: left, held, or sold and not cancelled. */
    const known = (state: SkuState, channel: string) =>
      (state.allocations.get(channel) ?? 0) +
      state.reservations.reduce((total, r) => total + (r.channel === channel ? r.allocated : 0), 0) +
      state.orderLines.reduce((total, line) => total + (line.channel === channel ? line.allocated : 0), 0);
    always(({ before, after, mutation }) => {
      if (mutation.type === "create" || mutation.type === "retire") return;
      for (const channel of channels) {
        if (!after.allocations.has(channel)) continue;
        expect(after.allocations.get(channel)).toBeGreaterThanOrEqual(0);
        // Sold to another channel's order, they are nobody's own any more.
        if (mutation.type === "commit")
          expect(known(after, channel)).toBeLessThanOrEqual(known(before, channel));
        else expect(known(after, channel)).toBe(known(before, channel));
      }
    });
  });
});
