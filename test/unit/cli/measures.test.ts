import { describe, expect, test } from "vitest";
import { Acknowledgements } from "../../../src/cli/acknowledgements.ts";
import { percentile, spreadOf } from "../../../src/cli/percentiles.ts";
import { Propagation } from "../../../src/cli/propagation.ts";
import { ShownStock } from "../../../src/cli/shown-stock.ts";

describe("a percentile", () => {
  test("is the smallest value that so many do not exceed", () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0, 0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 50, 95, 99, 100]);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBe(0);
  });

  test("does not depend on the order of the values", () => {
    const spread = { count: 4, p50Ms: 20, p95Ms: 40, p99Ms: 40, maxMs: 40 };
    expect(spreadOf([40, 10, 30, 20])).toEqual(spread);
  });
});

describe("what a channel shows", () => {
  const change = (version: number, quantity: number, epoch = "a") => ({ sku: "A", epoch, version, quantity });

  test("is the newest number, whatever comes later", () => {
    const shown = new ShownStock();
    expect([change(2, 8), change(1, 9), change(2, 8), change(3, 7)].map((one) => shown.take(one))).toEqual([
      "newer",
      "older",
      "equal",
      "newer",
    ]);
    expect(shown.quantity("A")).toBe(7);
    expect(shown.counts).toEqual({ newer: 2, equal: 1, older: 1 });
  });

  test("begins anew with a later life of the SKU", () => {
    const shown = new ShownStock();
    shown.take(change(40, 8));
    expect(shown.take(change(1, 3, "b"))).toBe("newer");
    expect(shown.take(change(41, 8))).toBe("older");
    expect(shown.quantity("A")).toBe(3);
  });

  test("is unknown until it was told", () => {
    expect(new ShownStock().quantity("A")).toBeUndefined();
  });
});

describe("propagation", () => {
  const sale = (version: number, sentAtMs: number, sku = "A") => {
    return { sku, epoch: "a", version, sentAtMs, answeredAtMs: sentAtMs + 10 };
  };

  test("ends with the first delivery of that version or a later one", () => {
    const propagation = new Propagation();
    propagation.noteSale(sale(3, 100));
    propagation.noteSale(sale(4, 110));
    propagation.noteSale(sale(6, 120));
    propagation.noteArrival("A", { epoch: "a", version: 2 }, 130, 7);
    propagation.noteArrival("B", { epoch: "a", version: 9 }, 140, 7);
    expect(propagation.pendingCount).toBe(3);
    propagation.noteArrival("A", { epoch: "a", version: 5 }, 150, 7);
    expect(propagation.pendingCount).toBe(1);
    expect(propagation.fromSend()).toMatchObject({ count: 2, p50Ms: 40, maxMs: 50 });
    expect(propagation.fromAnswer()).toMatchObject({ count: 2, p50Ms: 30, maxMs: 40 });
    expect(propagation.fromRecord()).toMatchObject({ count: 2, p50Ms: 7, maxMs: 7 });
  });

  test("knows a delivery that overtook the answer of its sale", () => {
    const propagation = new Propagation();
    propagation.noteArrival("A", { epoch: "a", version: 2 }, 95, 7);
    propagation.noteArrival("A", { epoch: "a", version: 3 }, 104, 7);
    propagation.noteArrival("A", { epoch: "a", version: 4 }, 300, 7);
    propagation.noteSale(sale(3, 100));
    expect(propagation.fromSend()).toMatchObject({ count: 1, maxMs: 4 });
    expect(propagation.fromAnswer()).toMatchObject({ count: 1, maxMs: 0 });
    expect(propagation.pendingCount).toBe(0);
  });

  test("leaves out what was under way when a channel broke down", () => {
    const propagation = new Propagation();
    propagation.noteSale(sale(3, 100));
    propagation.forgetPending();
    propagation.noteArrival("A", { epoch: "a", version: 3 }, 9_000, 7);
    expect(propagation.fromSend().count).toBe(0);
  });
});

test("two mutations that were given the same version are found out", () => {
  const acknowledgements = new Acknowledgements();
  acknowledgements.note("A", { epoch: "a", version: 2 });
  acknowledgements.note("A", { epoch: "a", version: 1 });
  acknowledgements.note("B", { epoch: "a", version: 2 });
  expect(acknowledgements.duplicates).toEqual([]);
  acknowledgements.note("A", { epoch: "a", version: 2 });
  expect(acknowledgements.duplicates).toEqual(["A a.2"]);
  expect(acknowledgements.newest("A")).toEqual({ epoch: "a", version: 2 });
});
