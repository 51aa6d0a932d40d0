import type { Allocation, StockStatus, StockView } from "../protocol/stock.ts";
import { available, availableAt, totals } from "./quantities.ts";
import type { SkuState } from "./state.ts";

/** The public view of a SKU, true at `asOfMs`. Locations in order of name. */
export function stockView(state: SkuState, asOfMs: number): StockView {
  const locations = [...state.levels]
    .map(([location, level]) => ({ location, ...level, available: availableAt(level) }))
    .sort((a, b) => (a.location < b.location ? -1 : 1));
  const { onHand, committed, reserved, unavailable, incoming } = totals(state);
  return {
    sku: state.sku,
    ...(state.title !== undefined && { title: state.title }),
    ...(state.price !== undefined && { price: state.price }),
    status: stockStatus(state),
    available: available(state),
    onHand,
    committed,
    reserved,
    unavailable,
    incoming,
    safetyStock: state.safetyStock,
    ...(state.backorderLimit > 0 && { backorderLimit: state.backorderLimit }),
    ...(state.lowStockAt > 0 && { lowStockAt: state.lowStockAt }),
    locations,
    ...(state.allocations.size > 0 && { allocations: allocationsOf(state) }),
    ...(state.shards > 0 && { shards: state.shards }),
    ...(state.granted > 0 && { inShards: state.granted }),
    ...(state.kit !== undefined && { components: [...state.kit.components] }),
    ...(state.isRetired && { retired: true as const }),
    epoch: state.epoch,
    version: state.version,
    asOf: new Date(asOfMs).toISOString(),
  };
}

function allocationsOf(state: SkuState): Allocation[] {
  return [...state.allocations]
    .map(([channel, quantity]) => ({ channel, quantity }))
    .sort((a, b) => (a.channel < b.channel ? -1 : 1));
}

function stockStatus(state: SkuState): StockStatus {
  const left = available(state);
  if (left > 0) return left <= state.lowStockAt ? "low_stock" : "in_stock";
  return left + state.backorderLimit > 0 ? "backorder" : "out_of_stock";
}
