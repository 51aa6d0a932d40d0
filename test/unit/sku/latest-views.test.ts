import { describe, expect, it } from "vitest";
import type { StockView } from "../../../src/protocol/stock.ts";
import { isOneProcess, LatestViews } from "../../../src/sku/latest-views.ts";

const view = (sku: string, version = 1): StockView => ({
  sku,
  status: "in_stock",
  available: 5,
  onHand: 5,
  committed: 0,
  reserved: 0,
  unavailable: 0,
  incoming: 0,
  safetyStock: 0,
  locations: [],
  epoch: "e",
  version,
  asOf: "2026-01-01T00:00:00.000Z",
});
const atMs = Date.parse("2026-11-26T12:00:00Z");
const never = Number.POSITIVE_INFINITY;

describe("LatestViews", () => {
  it("answers what was kept, true at the time it is asked", () => {
    const views = new LatestViews();
    views.keep(view("A"), never);
    expect(views.at("A", atMs)).toEqual({ ...view("A"), asOf: "2026-11-26T12:00:00.000Z" });
    expect(views.at("B", atMs)).toBeUndefined();
  });

  it("knows nothing of a SKU that is about to change, until it is kept again", () => {
    const views = new LatestViews();
    views.keep(view("A"), never);
    views.forget("A");
    expect(views.at("A", atMs)).toBeUndefined();
    views.keep(view("A", 2), never);
    expect(views.at("A", atMs)?.version).toBe(2);
  });

  it("leaves it to the object once a hold may have expired", () => {
    const views = new LatestViews();
    views.keep(view("A"), atMs);
    expect(views.at("A", atMs - 1)).toBeDefined();
    expect(views.at("A", atMs)).toBeUndefined();
  });

  it("keeps so many, and lets those go that were kept first", () => {
    const views = new LatestViews(2);
    for (const sku of ["A", "B", "A", "C"]) views.keep(view(sku), never);
    expect(["A", "B", "C"].map((sku) => views.at(sku, atMs)?.sku)).toEqual(["A", undefined, "C"]);
  });
});

describe("isOneProcess", () => {
  it("is so only if the service says it", () => {
    expect(isOneProcess({})).toBe(false);
    expect(isOneProcess({ ONE_PROCESS: "false" })).toBe(false);
    expect(isOneProcess({ ONE_PROCESS: "true" })).toBe(true);
  });
});
