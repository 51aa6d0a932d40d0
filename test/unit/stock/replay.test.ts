import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evolve } from "../../../src/stock/evolve.ts";
import { publishEvent } from "../../../src/stock/publish.ts";
import { isDense, newReplay, replayed, toStockEvent, UnknownEventError } from "../../../src/stock/replay.ts";
import { unknownSku } from "../../../src/stock/state.ts";
import { stockView } from "../../../src/stock/view.ts";
import { record, steps } from "../ledger/histories.ts";

/** A history as it stands in the ledger: the events of its newest life, as text and back. */
const published = steps.map((history) => {
  const { recorded, state } = record("A/1 é", history);
  return recorded
    .filter(({ entry }) => entry.position.epoch === state.epoch)
    .map(({ entry: { position, event }, view }) => ({
      event,
      view,
      published: JSON.parse(JSON.stringify(publishEvent("A/1 é", position, event))),
    }));
});

describe("replaying a ledger", () => {
  it("gives every published event back as it was", () => {
    fc.assert(
      fc.property(published, (events) => {
        for (const { event, published: text } of events) expect(toStockEvent(text)).toEqual(event);
      }),
    );
  });

  it("leads to the view that stood after each event, in pages of any size", () => {
    fc.assert(
      fc.property(published, fc.integer({ min: 1, max: 7 }), (events, size) => {
        let replay = newReplay("A/1 é", events[0]?.view.epoch ?? "");
        for (let from = 0; from < events.length; from += size) {
          const page = events.slice(from, from + size);
          replay = replayed(
            replay,
            page.map((each) => each.published),
          );
          const { asOf: _asOf, ...expected } = page.at(-1)?.view ?? { asOf: "" };
          expect(stockView(replay.state, replay.atMs)).toMatchObject(expected);
          expect(isDense(replay)).toBe(true);
          expect(replay.atMs).toBe(page.at(-1)?.event.atMs);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("keeps what is open: reservations and order lines as the fold of all events has them", () => {
    fc.assert(
      fc.property(published, (events) => {
        const epoch = events[0]?.view.epoch ?? "";
        const replay = replayed(
          newReplay("A", epoch),
          events.map((each) => each.published),
        );
        const whole = events.map((each) => each.event).reduce(evolve, unknownSku("A", epoch));
        expect(replay.state.reservations.toObject()).toEqual(whole.reservations.toObject());
        const open = whole.orderLines.filter((line) => line.open.length > 0);
        expect(replay.state.orderLines.toObject()).toEqual(open.toObject());
      }),
    );
  });

  it("knows when an entry is missing, and keeps the ledger's versions", () => {
    fc.assert(
      fc.property(published, fc.nat(), (events, at) => {
        fc.pre(events.length > 1);
        const missing = at % (events.length - 1);
        const rest = events.filter((_, index) => index !== missing).map((each) => each.published);
        const replay = replayed(newReplay("A", "e1"), rest);
        expect(isDense(replay)).toBe(false);
        expect(replay.state.version).toBe(events.length);
      }),
    );
  });

  it("does not pass over an event it does not know", () => {
    const event = publishEvent("A", { epoch: "e1", version: 1 }, { type: "created", atMs: 0 });
    for (const word of ["teleported", "toString"]) {
      const stored = JSON.stringify(event).replace("created", word);
      expect(() => toStockEvent(JSON.parse(stored))).toThrow(UnknownEventError);
    }
  });
});
