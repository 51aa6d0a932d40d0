import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StockEvent } from "../../../src/protocol/event.ts";
import { evolve } from "../../../src/stock/evolve.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { available, sum, totals } from "../../../src/stock/quantities.ts";
import { exists, type SkuState, unknownSku } from "../../../src/stock/state.ts";
import { transact } from "../../../src/stock/transact.ts";
import { stockView } from "../../../src/stock/view.ts";

// Ids, quantities and times are few and small, so that the steps of a random history meet.
const location = fc.constantFrom("default", "north", "south");
const quantity = fc.integer({ min: 1, max: 12 });
const ids = fc.constantFrom("o1", "o2", "o3");
const onOrder = { channel: fc.constant("web"), orderId: ids };
const parts = fc.option(
  fc.array(
    fc.record({ lineId: fc.constantFrom("1", "2"), quantity: fc.option(quantity, { nil: undefined }) }),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
  { nil: undefined },
);

/** `reservationId` is a number here: which of the reservations made so far is meant. */
const anyMutation = fc.oneof(
  fc.record({
    type: fc.constant("create" as const),
    safetyStock: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    backorderLimit: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  }),
  fc.record({
    type: fc.constant("adjust" as const),
    location,
    delta: fc.integer({ min: -12, max: 12 }).filter((n) => n !== 0),
    reason: fc.constantFrom("sold" as const, "received" as const),
  }),
  fc.record({ type: fc.constant("count" as const), location, onHand: fc.integer({ min: 0, max: 30 }) }),
  fc.record({
    type: fc.constant("reserve" as const),
    quantity,
    location: fc.option(location, { nil: undefined }),
    ttlSeconds: fc.integer({ min: 1, max: 5 }),
    nonce: fc.constant("n"),
  }),
  fc.record({
    type: fc.constant("extend" as const),
    reservationId: fc.nat(9),
    ttlSeconds: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({
    type: fc.constant("commit" as const),
    reservationId: fc.nat(9),
    ...onOrder,
    lineId: fc.constantFrom("1", "2", "3"),
    quantity: fc.option(quantity, { nil: undefined }),
  }),
  fc.record({ type: fc.constant("release" as const), reservationId: fc.nat(9) }),
  fc.record({ type: fc.constant("expire" as const) }),
  fc.record({
    type: fc.constant("order" as const),
    ...onOrder,
    lines: fc.array(fc.record({ lineId: fc.constantFrom("1", "2"), quantity }), {
      minLength: 1,
      maxLength: 2,
    }),
  }),
  fc.record({ type: fc.constant("cancel" as const), ...onOrder, lines: parts }),
  fc.record({ type: fc.constant("fulfil" as const), ...onOrder, lines: parts }),
);
const histories = fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 1_500 }), mutation: anyMutation }), {
  maxLength: 60,
});

const facts = new Set(["create", "count", "order"]);

function run(steps: readonly { waitMs: number; mutation: object }[], check: (at: Checkpoint) => void): void {
  let state = unknownSku("A", "e");
  let nowMs = 1_000_000;
  const ledger: StockEvent[] = [];
  const reservationIds: string[] = [];
  for (const step of steps) {
    nowMs += step.waitMs;
    const mutation = withRealId(step.mutation, reservationIds);
    const before = transact(state, { type: "expire" }, nowMs).state;
    const result = transact(state, mutation, nowMs);
    const events = [
      ...result.expired,
      ...(result.decision.outcome === "events" ? result.decision.events : []),
    ];
    ledger.push(...events);
    for (const event of events) if (event.type === "reserved") reservationIds.push(event.reservationId);
    check({ before, after: result.state, mutation, events, ledger, nowMs, result });
    state = result.state;
  }
}

interface Checkpoint {
  before: SkuState;
  after: SkuState;
  mutation: Mutation;
  events: StockEvent[];
  ledger: readonly StockEvent[];
  nowMs: number;
  result: ReturnType<typeof transact>;
}

function withRealId(mutation: object, reservationIds: readonly string[]): Mutation {
  if (!("reservationId" in mutation)) return mutation as Mutation;
  return { ...mutation, reservationId: reservationIds[Number(mutation.reservationId)] ?? "none" } as Mutation;
}

const runs = { numRuns: 2_000 };

describe("any history of a SKU", () => {
  it("never lets a request take available below what may be backordered", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ before, after, mutation }) => {
          if (facts.has(mutation.type)) return;
          expect(available(after)).toBeGreaterThanOrEqual(
            Math.min(available(before), -before.backorderLimit),
          );
        });
      }),
      runs,
    );
  });

  it("leads to a state that is the fold of its ledger, one version per event", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ after, ledger, nowMs }) => {
          const folded = ledger.reduce(evolve, unknownSku("A", "e"));
          expect(stockView(folded, nowMs)).toEqual(stockView(after, nowMs));
          expect(after.version).toBe(ledger.length);
          expect(folded.reservations.toObject()).toEqual(after.reservations.toObject());
        });
      }),
      { numRuns: 500 },
    );
  });

  it("keeps reserved and committed equal to the holds and order lines that are open", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ after }) => {
          const held = [...after.reservations.values()].reduce((total, r) => total + sum(r.taken), 0);
          const open = [...after.orderLines.values()].reduce((total, line) => total + sum(line.open), 0);
          expect(totals(after)).toMatchObject({ reserved: held, committed: open });
        });
      }),
      runs,
    );
  });

  it("ends every reservation once, and none before its time", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const expiresAtMs = new Map<string, number>();
        const ended = new Set<string>();
        run(steps, ({ events, nowMs }) => {
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
      }),
      runs,
    );
  });

  it("records every fact about a known SKU, and says when it oversells", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ before, after, mutation, events, result }) => {
          if (mutation.type === "count") expect(result.decision.outcome).toBe("events");
          if (mutation.type !== "order" || !exists(before)) return;
          const event = events.at(-1);
          if (result.decision.outcome !== "events" || event?.type !== "ordered") return;
          const short = (state: SkuState) => Math.max(0, -(available(state) + state.backorderLimit));
          const said = event.lines.reduce((total, line) => total + line.oversold, 0);
          expect(said).toBe(short(after) - short(before));
        });
      }),
      runs,
    );
  });

  it("changes nothing when the same order, commit or release is told again", () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ after, mutation, nowMs, result }) => {
          if (!["order", "commit", "release"].includes(mutation.type)) return;
          if (result.decision.outcome !== "events") return;
          const again = transact(after, mutation, nowMs);
          expect(again.decision).toEqual({ outcome: "recorded", version: after.version });
          expect(again.state).toBe(after);
        });
      }),
      runs,
    );
  });
});
