import { describe, expect, it } from "vitest";
import { recognized, withApproved, withoutApproved } from "../../../src/order/adopt.ts";
import type { ApprovedRecord, OrderedLine } from "../../../src/order/contract.ts";
import { conflictOf, isNewLine, newRecord, type Order, partsOf } from "../../../src/order/order.ts";

const fact = (...lines: OrderedLine[]) => ({
  channel: "stripe",
  orderId: "cs_1",
  actor: "channel:stripe",
  lines,
});
const line = (lineId: string, sku: string, quantity: number) => ({ lineId, sku, quantity });

function sold({ lineId, sku, quantity }: OrderedLine): ApprovedRecord {
  const legs = [{ sku, lineId: `${lineId}~1`, perUnit: 1 }];
  return { legs, result: { lineId, sku, quantity, status: "accepted", oversold: 0, taken: [] } };
}

const lines = [line("li_1", "TEE", 2), line("li_2", "TEE", 1), line("li_3", "MUG", 1)];
const order: Order = withApproved(undefined, fact(...lines), lines.map(sold));
const idsOf = (told: readonly { lineId: string }[]) => told.map(({ lineId }) => lineId);

describe("an approved order", () => {
  it("that is told under the same ids has nothing new", () => {
    const { lines: told, order: after } = recognized(order, lines);
    expect(after).toBe(order);
    expect(told.some((one) => isNewLine(order, one))).toBe(false);
    expect(conflictOf(order, told)).toBeUndefined();
  });

  it("that is told under other ids is recognized by SKU and quantity, the same each time", () => {
    const told = [line("a", "TEE", 1), line("b", "MUG", 1), line("c", "TEE", 2)];
    const once = recognized(order, told);
    expect(idsOf(once.lines)).toEqual(["li_2", "li_3", "li_1"]);
    const twice = recognized(once.order, told.toReversed());
    expect(idsOf(twice.lines)).toEqual(["li_1", "li_3", "li_2"]);
    expect(twice.order).toBe(once.order);
  });

  it("that is told with more units is in conflict, not taken a second time", () => {
    const { order: after, lines: told } = recognized(order, [line("b", "MUG", 5)]);
    expect(idsOf(told)).toEqual(["li_3"]);
    expect(conflictOf(after, told)).toMatchObject({ lineId: "li_3" });
  });

  it("counts what is in no line of it, and what was told of twice", () => {
    const { order: after, lines: told } = recognized(order, [line("x", "CAP", 1), line("m", "MUG", 1)]);
    expect(idsOf(told)).toEqual(["x", "li_3"]);
    expect(idsOf(recognized(after, [line("n", "MUG", 1)]).lines)).toEqual(["n"]);
  });

  it("is changed under the ids it was told by, and reaches what was sold", () => {
    const { order: after = order } = recognized(order, [line("b", "MUG", 1)]);
    const change = { type: "cancel" as const, channel: "stripe", orderId: "cs_1" };
    const told = recognized(after, [{ lineId: "b" }]).lines;
    const parts = partsOf(after, { ...change, lines: told, key: "", fingerprint: "", actor: "" });
    expect([...(parts ?? [])]).toEqual([["MUG", [{ sku: "MUG", lineId: "li_3~1", quantity: undefined }]]]);
  });

  it("that is taken back is told like any other", () => {
    const after = withoutApproved(order, ["li_1", "li_2", "li_3"]);
    expect(after.lines).toEqual({});
    expect(recognized(after, lines)).toEqual({ order: after, lines });
  });

  it("does not replace lines that were told before, nor is one without approval touched", () => {
    const told: Order = { ...order, lines: { li_1: newRecord(line("li_1", "TEE", 2)) } };
    const first = line("li_1", "TEE", 2);
    expect(withApproved(told, fact(first), [sold(first)]).lines["li_1"]?.isApproved).toBeUndefined();
    expect(recognized(told, [line("z", "TEE", 2)])).toEqual({ order: told, lines: [line("z", "TEE", 2)] });
    expect(withoutApproved(told, ["li_1"]).lines).toHaveProperty("li_1");
  });
});
