import { describe, expect, it } from "vitest";
import { decodeSnapshot, encodeSnapshot } from "../../../src/sku/snapshot.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { type SkuState, unknownSku } from "../../../src/stock/state.ts";
import { transact } from "../../../src/stock/transact.ts";

/** A SKU with so many reservations at a location of two-unit characters that its snapshot has several parts. */
function large(title: string): SkuState {
  const location = "🏬".repeat(100);
  const before: Mutation[] = [
    { type: "create", title },
    { type: "count", location, onHand: 10_000 },
  ];
  const holds = Array.from({ length: 3_000 }, (_, index): Mutation => {
    return { type: "reserve", quantity: 1, ttlSeconds: 60, nonce: `n${index}` };
  });
  return [...before, ...holds].reduce(
    (state, mutation) => transact(state, mutation, 0).state,
    unknownSku("A", "e"),
  );
}

/** What SQLite gives back of a text: half a character does not survive. */
const stored = (text: string) => new TextDecoder().decode(new TextEncoder().encode(text));

describe("a snapshot", { timeout: 60_000 }, () => {
  it.each(["t", "tt"])("is read as it was written, wherever its text is cut (title %s)", (title) => {
    const state = large(title);
    const parts = encodeSnapshot(state);
    expect(parts.length).toBeGreaterThan(2);
    const read = decodeSnapshot(parts.map(stored));
    expect(read.levels.toObject()).toEqual(state.levels.toObject());
    expect(read.reservations.toObject()).toEqual(state.reservations.toObject());
  });
});
