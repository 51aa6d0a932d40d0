import { describe, expect, it } from "vitest";
import { unchangedProblem } from "../../../src/api/order-refusal.ts";
import type { OrderChangeLine } from "../../../src/order/contract.ts";

const refused = (sku: string, detail: string): OrderChangeLine => ({
  sku,
  status: "refused",
  lines: [],
  detail,
});

describe("a change of an order that no SKU made", () => {
  it.each([
    ["quantity-not-open", 409],
    ["idempotency-key-reused", 422],
    ["sku-not-found", 404],
    ["order-not-found", 404],
    ["quantity-out-of-range", 422],
  ])("is the problem its SKUs name: %s", (code, _status) => {
    const problem = unchangedProblem([refused("A", code), refused("B", code)], false);
    expect(problem?.slug).toBe(code);
    expect(problem?.members.detail).toMatch(/^nothing was changed: A: /);
  });

  it("is replayed as such", () => {
    expect(unchangedProblem([refused("A", "quantity-not-open")], true)?.headers).toEqual({
      "idempotent-replayed": "true",
    });
  });

  it("is no problem if one of them did", () => {
    const changed: OrderChangeLine = { sku: "B", status: "cancelled", lines: [] };
    expect(unchangedProblem([refused("A", "quantity-not-open"), changed], false)).toBeUndefined();
    expect(unchangedProblem([], false)).toBeUndefined();
  });
});
