import { describe, expect, it } from "vitest";
import { unchangedProblem } from "../../../src/api/order-refusal.ts";
import type { OrderChangeLine } from "../../../src/order/contract.ts";

const refused = (sku: string, detail: string): OrderChangeLine => ({
  sku,
  status: "refused",
  lines: [],
  detail,
});
const notOpen = (requested: number, open: number): OrderChangeLine => ({
  ...refused("A", "quantity-not-open"),
  notOpen: { lineId: "1", requested, open },
});

describe("a change of an order that no SKU made", () => {
  it.each([
    ["quantity-not-open", 409],
    ["idempotency-key-reused", 422],
    ["sku-not-found", 404],
    ["order-not-found", 404],
    ["quantity-out-of-range", 422],
  ])("is the problem its SKUs name: %s", (code, _status) => {
    const problem = unchangedProblem("cancel", [refused("A", code), refused("B", code)], false);
    expect(problem?.slug).toBe(code);
    expect(problem?.members.detail).toMatch(/^nothing was changed: A: /);
  });

  it.each([
    ["cancel", 3, 2, "3 of line 1 requested, 2 can be cancelled; name at most that, with a new key"],
    ["return", 3, 2, "3 of line 1 requested, 2 can be returned; name at most that, with a new key"],
    ["cancel", 1, 0, "all of line 1 was cancelled or has left; what has left can be returned"],
    ["fulfil", 0, 0, "all of line 1 was cancelled or has left"],
    ["return", 0, 0, "all of line 1 was cancelled or is back"],
    [
      "return",
      0,
      2,
      "nothing of line 1 is recorded as gone and not back; fulfil it first or name in `lines` what came back, at most 2, with a new key",
    ],
  ] as const)("says how much is open, and what to do: %s %i of %i", (type, requested, open, detail) => {
    const problem = unchangedProblem(type, [notOpen(requested, open)], false);
    expect(problem?.members).toEqual({
      detail: `nothing was changed: A: ${detail}`,
      sku: "A",
      lineId: "1",
      requested,
      open,
    });
  });

  it("is replayed as such", () => {
    expect(unchangedProblem("cancel", [notOpen(1, 0)], true)?.headers).toEqual({
      "idempotent-replayed": "true",
    });
  });

  it("is no problem if one of them did", () => {
    const changed: OrderChangeLine = { sku: "B", status: "cancelled", lines: [] };
    expect(unchangedProblem("cancel", [notOpen(1, 0), changed], false)).toBeUndefined();
    expect(unchangedProblem("cancel", [], false)).toBeUndefined();
  });
});
