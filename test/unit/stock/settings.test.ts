import { describe, expect, it } from "vitest";
import { decodeSnapshot, encodeSnapshot } from "../../../src/sku/snapshot.ts";
import type { Price } from "../../../src/protocol/stock.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { unknownSku } from "../../../src/stock/state.ts";
import { transact } from "../../../src/stock/transact.ts";
import { stockView } from "../../../src/stock/view.ts";

const create = (price?: Price | null): Mutation => ({ type: "create", price });
const euro = (amount: number): Price => ({ amount, currency: "EUR" });

/** What a SKU says it costs after these, and how many events they made; kept and read again after each. */
function told(...mutations: Mutation[]): { price: Price | undefined; events: number } {
  const state = mutations.reduce(
    (before, mutation) => decodeSnapshot(encodeSnapshot(transact(before, mutation, 0).state)),
    unknownSku("A", "e"),
  );
  return { price: stockView(state, 0).price, events: state.version };
}

describe("a price", () => {
  it("is what the seller told last", () => {
    expect(told(create())).toEqual({ price: undefined, events: 1 });
    expect(told(create(euro(5)), create(euro(6)))).toEqual({ price: euro(6), events: 2 });
    expect(told(create(euro(5)), { type: "create", title: "Tee" })).toEqual({ price: euro(5), events: 2 });
  });

  it("can be taken back", () => {
    expect(told(create(euro(5)), create(null))).toEqual({ price: undefined, events: 2 });
  });

  it("that is so already makes no event", () => {
    expect(told(create(euro(5)), create(euro(5)))).toEqual({ price: euro(5), events: 1 });
    expect(told(create(), create(null))).toEqual({ price: undefined, events: 1 });
  });
});
