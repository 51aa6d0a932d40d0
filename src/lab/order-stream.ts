import { random } from "./random.ts";

/** What a buyer wants of one SKU, in units. */
export interface WantedLine {
  readonly sku: string;
  readonly quantity: number;
}

/** An order as a buyer would place it on one channel, if the channel shows that much. */
export interface WantedOrder {
  readonly id: string;
  /** After the beginning of the day. */
  readonly atMs: number;
  /** Index of the channel, from 0. */
  readonly channel: number;
  readonly lines: readonly WantedLine[];
}

/** A day of demand: the same for every way to sync. Orders are in the order of time. */
export interface OrderStream {
  readonly channels: number;
  /** Units of each SKU that are there in the beginning, and that every channel shows. */
  readonly opening: ReadonlyMap<string, number>;
  readonly orders: readonly WantedOrder[];
  /** How long the day is: at least until its last order. */
  readonly lengthMs: number;
}

export interface GeneratedDay {
  readonly seed: number;
  readonly skus: number;
  readonly orders: number;
  readonly hours: number;
  readonly channels: number;
  /** Share of the SKUs, the most wanted first, that begin with less than is wanted of them. */
  readonly soldOutShare: number;
}

const linesMax = 4;
const unitsMax = 3;

/** A day made up from a seed: the same seed, the same day. A few SKUs are wanted much, most of them little (Zipf). */
export function generateStream(day: GeneratedDay): OrderStream {
  const next = random(day.seed);
  const below = (limit: number) => Math.floor(next() * limit);
  const skus = Array.from({ length: day.skus }, (_, index) => `SKU-${String(index + 1).padStart(5, "0")}`);
  const pick = zipf(skus, next);
  const lengthMs = day.hours * 3_600_000;
  const orders = Array.from({ length: day.orders }, () => ({ atMs: Math.floor(next() * lengthMs) }))
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs }, index): WantedOrder => {
      const chosen = new Set(Array.from({ length: 1 + below(linesMax) }, pick));
      const lines = [...chosen].map((sku) => ({ sku, quantity: 1 + below(unitsMax) }));
      return { id: `order-${index + 1}`, atMs, channel: below(day.channels), lines };
    });
  const wanted = unitsWanted(orders);
  const scarce = new Set(
    skus
      .filter((sku) => (wanted.get(sku) ?? 0) >= 2)
      .toSorted((a, b) => (wanted.get(b) ?? 0) - (wanted.get(a) ?? 0))
      .slice(0, Math.round(day.skus * day.soldOutShare)),
  );
  const opening = skus.map((sku): [string, number] => {
    const units = wanted.get(sku) ?? 0;
    return [sku, scarce.has(sku) ? Math.max(1, Math.floor(units * (0.3 + 0.6 * next()))) : units * 2 + 5];
  });
  return { channels: day.channels, opening: new Map(opening), orders, lengthMs };
}

/** The same shop with so many times the SKUs and the orders: copies of the day side by side, on other channels in turn. */
export function grownStream(stream: OrderStream, times: number): OrderStream {
  const copies = Array.from({ length: times }, (_, copy) => copy);
  const nameOf = (name: string, copy: number) => (copy === 0 ? name : `${name}#${copy}`);
  const orders = stream.orders.flatMap((order) =>
    copies.map((copy) => ({
      ...order,
      id: nameOf(order.id, copy),
      channel: (order.channel + copy) % stream.channels,
      lines: order.lines.map(({ sku, quantity }) => ({ sku: nameOf(sku, copy), quantity })),
    })),
  );
  const opening = copies.flatMap((copy) =>
    [...stream.opening].map(([sku, units]): [string, number] => [nameOf(sku, copy), units]),
  );
  return { ...stream, orders, opening: new Map(opening) };
}

function unitsWanted(orders: readonly WantedOrder[]): Map<string, number> {
  const wanted = new Map<string, number>();
  for (const { lines } of orders)
    for (const { sku, quantity } of lines) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  return wanted;
}

/** Picks the n-th name with a chance in proportion to 1/n. */
function zipf(names: readonly string[], next: () => number): () => string {
  const sums: number[] = [];
  for (const index of names.keys()) sums.push((sums.at(-1) ?? 0) + 1 / (index + 1));
  return () => {
    const target = next() * (sums.at(-1) ?? 0);
    const found = sums.findIndex((sum) => sum >= target);
    return names[Math.max(0, found)] ?? "";
  };
}
