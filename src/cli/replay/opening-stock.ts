import type { DayPlan } from "./planned.ts";

/** What the day takes of one SKU, in units. */
interface Demand {
  sold: number;
  writtenOff: number;
}

/**
 * Opening stock for a day of which a share of the SKUs runs out: those begin with a part of what the day sells,
 * all others with more than it needs. The same day and share always give the same stock.
 */
export function computeOpeningStock(day: DayPlan, soldOutShare: number): Map<string, number> {
  const demands = demandOf(day);
  // Of a SKU that sells one unit, any stock above 0 would be enough: it cannot run out in the course of the day.
  const candidates = [...demands].filter(([, demand]) => demand.sold >= 2).map(([sku]) => sku);
  const soldOutCount = Math.min(candidates.length, Math.round(demands.size * soldOutShare));
  const soldOut = new Set(candidates.toSorted((a, b) => hash(a) - hash(b)).slice(0, soldOutCount));
  return new Map([...demands].map(([sku, demand]) => [sku, openingOf(sku, demand, soldOut.has(sku))]));
}

function openingOf(sku: string, demand: Demand, runsOut: boolean): number {
  const spread = (hash(`${sku} opening`) % 1_000) / 1_000;
  if (runsOut) return Math.max(1, Math.floor(demand.sold * (0.3 + 0.6 * spread)));
  return Math.ceil((demand.sold + demand.writtenOff) * (1.1 + spread)) + 5;
}

function demandOf(day: DayPlan): Map<string, Demand> {
  const demands = new Map([...day.titles.keys()].map((sku) => [sku, { sold: 0, writtenOff: 0 }]));
  const add = (sku: string, part: keyof Demand, quantity: number) => {
    const demand = demands.get(sku);
    if (demand !== undefined) demand[part] += quantity;
  };
  for (const { orders, adjustments } of day.invoices) {
    for (const { sku, quantity } of orders.flat()) add(sku, "sold", quantity);
    for (const { sku, delta } of adjustments) if (delta < 0) add(sku, "writtenOff", -delta);
  }
  return demands;
}

/** FNV-1a, 32 bits: spreads texts evenly, the same on every machine. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
