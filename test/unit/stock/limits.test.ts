import { describe, expect, it } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { StockView } from "../../../src/protocol/stock.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { type SkuState, unknownSku } from "../../../src/stock/state.ts";
import { transact } from "../../../src/stock/transact.ts";
import { stockView } from "../../../src/stock/view.ts";

const most = limits.quantityMax;
const web = { channel: "web", orderId: "1" };
const count = (onHand: number, location = "default"): Mutation => ({ type: "count", location, onHand });
const order = (quantity: number, orderId = "1", location?: string): Mutation => ({
  type: "order",
  channel: "web",
  orderId,
  lines: [{ lineId: "1", quantity, location }],
});

/** Applies mutations in order; answers the state, and how the last one ended. */
function run(...mutations: Mutation[]): { state: SkuState; last: string } {
  let state = unknownSku("A", "e");
  let last = "none";
  for (const mutation of mutations) {
    const { state: after, decision } = transact(state, mutation, 0);
    state = after;
    last = decision.outcome === "refused" ? decision.refusal.code : decision.outcome;
    expect(StockView.safeParse(stockView(state, 0)).error).toBeUndefined();
  }
  return { state, last };
}

describe("at the largest quantity there is", () => {
  it.each<[string, Mutation[]]>([
    ["reserving on backorder", [count(most), { type: "create", backorderLimit: most }, hold(most), hold(1)]],
    ["taking goods back", [count(most), order(2), { type: "fulfil", ...web }, count(most), giveBack(2)]],
    ["overselling what is below zero already", [count(0), order(most), fulfil("1"), order(1, "2")]],
    [
      "receiving at one location what another lacks",
      [
        count(0, "north"),
        order(5, "1", "north"),
        fulfil("1"),
        count(most, "default"),
        { type: "adjust", location: "default", delta: 1, reason: "found" },
      ],
    ],
    ["keeping back more than is below zero", [count(0), order(most), { type: "create", safetyStock: 1 }]],
  ])("%s is refused rather than leaving the range", (_, mutations) => {
    expect(run(...mutations).last).toBe("quantity-out-of-range");
  });

  it("still gives back what is reserved, and cancels what is committed", () => {
    const held = run(count(most), hold(most));
    const [id = ""] = held.state.reservations.keys();
    const { state } = transact(held.state, { type: "release", reservationId: id }, 0);
    expect(stockView(state, 0)).toMatchObject({ available: most, reserved: 0 });
    expect(run(count(most), order(most), { type: "cancel", ...web }).last).toBe("events");
  });
});

describe("goods that came back before they were recorded as gone", () => {
  const early = [count(5), order(2), giveBack(2)];

  it("cannot be cancelled too: one unit is put back once", () => {
    expect(run(...early, { type: "cancel", ...web }).last).toBe("quantity-not-open");
    const part: Mutation = { type: "cancel", ...web, lines: [{ lineId: "1", quantity: 1 }] };
    expect(run(...early, part).last).toBe("quantity-not-open");
    expect(stockView(run(...early, part, fulfil("1")).state, 0)).toMatchObject({ onHand: 5, available: 5 });
  });

  it("leave the rest of the line to be cancelled", () => {
    const { state, last } = run(count(5), order(3), giveBack(2), { type: "cancel", ...web });
    expect(last).toBe("events");
    expect(stockView(state, 0)).toMatchObject({ onHand: 7, committed: 2, available: 5 });
  });
});

describe("a return of all that left", () => {
  const all: Mutation = { type: "return", ...web, restock: true };
  const refusalOf = (...mutations: Mutation[]) => {
    const { decision } = transact(run(...mutations).state, all, 0);
    return decision.outcome === "refused" ? decision.refusal : undefined;
  };

  it.each<[string, Mutation[], number]>([
    ["nothing has left", [], 3],
    ["the rest was cancelled", [{ type: "cancel", ...web, lines: [{ lineId: "1", quantity: 2 }] }], 1],
    ["more came back than left", [fulfilPart(1), giveBack(2)], 1],
    ["all came back", [fulfil("1"), giveBack(3)], 0],
    ["all was cancelled", [{ type: "cancel", ...web }], 0],
  ])("says how many may come back if %s", (_, mutations, open) => {
    expect(refusalOf(count(5), order(3), ...mutations)).toEqual({
      code: "quantity-not-open",
      lineId: "1",
      requested: 0,
      open,
    });
  });

  it("names the line of which some may come back", () => {
    const closed = { type: "cancel" as const, ...web };
    const two: Mutation = { type: "order", ...web, lines: [{ lineId: "2", quantity: 2 }] };
    expect(refusalOf(count(5), order(3), closed, two)).toMatchObject({ lineId: "2", open: 2 });
  });

  it("of an order that the SKU does not know is another matter", () => {
    expect(refusalOf(count(5), order(3, "2"))).toEqual({ code: "order-not-found" });
  });
});

it("a SKU with units at one location, owed at another, is no kit yet", () => {
  const mutations = [count(0, "north"), order(2, "1", "north"), fulfil("1"), count(2, "default")];
  expect(run(...mutations, { type: "create", components: [{ sku: "B", quantity: 1 }] }).last).toBe(
    "sku-has-stock",
  );
});

function hold(quantity: number): Mutation {
  return { type: "reserve", quantity, ttlSeconds: 60, nonce: "n" };
}
function fulfil(orderId: string): Mutation {
  return { type: "fulfil", channel: "web", orderId };
}
function fulfilPart(quantity: number): Mutation {
  return { type: "fulfil", ...web, lines: [{ lineId: "1", quantity }] };
}
function giveBack(quantity: number): Mutation {
  return { type: "return", ...web, restock: true, lines: [{ lineId: "1", quantity }] };
}
