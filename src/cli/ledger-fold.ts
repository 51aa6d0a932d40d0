import { z } from "zod";
import { comparePositions, type Position } from "../protocol/position.ts";
import type { LedgerEvent } from "./service-client.ts";

/** What the ledger of one SKU adds up to, and what is wrong with it. */
export interface FoldedLedger extends Position {
  readonly available: number;
  /** Versions that are missing or there twice, within the newest epoch. */
  readonly gaps: readonly string[];
  /** Requests (a reservation, units taken away) that left less than may be sold: never allowed. */
  readonly oversoldRequests: number;
  /** Units that order facts took below zero, as their events say. */
  readonly oversoldUnits: number;
}

const at = { location: z.string() };
const taken = z.array(z.object({ ...at, quantity: z.int() }));
const Settings = z.object({ safetyStock: z.int().optional(), backorderLimit: z.int().optional() });
const Changed = z.object({ ...at, delta: z.int() });
const Counted = z.object({ ...at, onHand: z.int() });
const Received = z.object({ ...at, quantity: z.int() });
const Transferred = z.object({ from: z.string(), to: z.string(), quantity: z.int() });
const Derived = z.object({ available: z.int() });
const Held = z.object({ taken });
const Committed = z.object({ taken, released: taken });
const Ordered = z.object({ lines: z.array(z.object({ quantity: z.int(), oversold: z.int().optional() })) });
const OfOrder = z.object({ lines: z.array(z.object({ taken })), restock: z.boolean().optional() });

type Parts = z.infer<typeof taken>;

/** Sums over a SKU's locations, in units; only what is on hand must be known by location, since counts replace it. */
class Sums {
  readonly onHand = new Map<string, number>();
  committed = 0;
  reserved = 0;
  unavailable = 0;
  safetyStock = 0;
  backorderLimit = 0;
  oversoldUnits = 0;
  /** Of a kit: what its components allow. */
  kitAvailable: number | undefined;

  get available(): number {
    const onHand = [...this.onHand.values()].reduce((sum, quantity) => sum + quantity, 0);
    const free = this.kitAvailable ?? onHand - this.committed - this.reserved - this.unavailable;
    return free - this.safetyStock;
  }

  move(location: string, delta: number): void {
    this.onHand.set(location, (this.onHand.get(location) ?? 0) + delta);
  }

  retire(): void {
    this.onHand.clear();
    this.committed = 0;
    this.reserved = 0;
    this.unavailable = 0;
  }
}

/**
 * Adds a SKU's events up again, from their published form alone. On purpose it shares nothing with the service's
 * own arithmetic: it is the second opinion.
 */
export function foldLedger(events: readonly LedgerEvent[]): FoldedLedger | undefined {
  const inOrder = events.toSorted((a, b) => comparePositions(a.data, b.data));
  const epoch = inOrder.at(-1)?.data.epoch;
  if (epoch === undefined) return undefined;

  const sums = new Sums();
  const gaps: string[] = [];
  let version = 0;
  let oversoldRequests = 0;
  for (const event of inOrder.filter((one) => one.data.epoch === epoch)) {
    const expected = version + 1;
    if (event.data.version !== expected) gaps.push(`${event.data.version} where ${expected} was due`);
    version = event.data.version;
    const kind = kindOf(event);
    apply(sums, kind, event.data);
    if (isTaking(kind, event.data) && sums.available < -sums.backorderLimit) oversoldRequests += 1;
  }
  const { available, oversoldUnits } = sums;
  return { epoch, version, available, gaps, oversoldRequests, oversoldUnits };
}

/** The word that stands in an event's type. */
function kindOf(event: LedgerEvent): string {
  return /^stockwire\.stock\.(\w+)\.v1$/.exec(event.type)?.[1] ?? event.type;
}

/** Whether the event is a request that took units, and could have been refused. */
function isTaking(kind: string, data: unknown): boolean {
  if (kind === "reserved") return true;
  if (kind === "adjusted") return Changed.parse(data).delta < 0;
  return kind === "marked_unavailable" && Changed.parse(data).delta > 0;
}

function apply(sums: Sums, kind: string, data: unknown): void {
  switch (kind) {
    case "created":
    case "updated": {
      const { safetyStock, backorderLimit } = Settings.parse(data);
      sums.safetyStock = safetyStock ?? sums.safetyStock;
      sums.backorderLimit = backorderLimit ?? sums.backorderLimit;
      return;
    }
    case "retired":
      return sums.retire();
    case "adjusted": {
      const { location, delta } = Changed.parse(data);
      return sums.move(location, delta);
    }
    case "counted": {
      const { location, onHand } = Counted.parse(data);
      sums.onHand.set(location, onHand);
      return;
    }
    case "received": {
      const { location, quantity } = Received.parse(data);
      return sums.move(location, quantity);
    }
    case "transferred": {
      const { from, to, quantity } = Transferred.parse(data);
      sums.move(from, -quantity);
      return sums.move(to, quantity);
    }
    case "marked_unavailable":
      sums.unavailable += Changed.parse(data).delta;
      return;
    case "derived":
      sums.kitAvailable = Derived.parse(data).available;
      return;
    case "incoming_changed":
    case "extended":
      return;
    case "reserved":
      sums.reserved += unitsOf(Held.parse(data).taken);
      return;
    case "released":
    case "expired":
      sums.reserved -= unitsOf(Held.parse(data).taken);
      return;
    case "committed": {
      const parts = Committed.parse(data);
      sums.reserved -= unitsOf(parts.taken) + unitsOf(parts.released);
      sums.committed += unitsOf(parts.taken);
      return;
    }
    default:
      return applyToOrder(sums, kind, data);
  }
}

function applyToOrder(sums: Sums, kind: string, data: unknown): void {
  switch (kind) {
    case "ordered":
      for (const { quantity, oversold } of Ordered.parse(data).lines) {
        sums.committed += quantity;
        sums.oversoldUnits += oversold ?? 0;
      }
      return;
    case "cancelled":
      sums.committed -= unitsOf(partsOf(data));
      return;
    case "fulfilled":
      sums.committed -= unitsOf(partsOf(data));
      for (const { location, quantity } of partsOf(data)) sums.move(location, -quantity);
      return;
    case "returned":
      if (OfOrder.parse(data).restock !== true) return;
      for (const { location, quantity } of partsOf(data)) sums.move(location, quantity);
      return;
    default:
      // Silently skipping an event would make the sum wrong without saying why.
      throw new Error(`the ledger holds an event this tool cannot add up: ${kind}`);
  }
}

function partsOf(data: unknown): Parts {
  return OfOrder.parse(data).lines.flatMap((line) => line.taken);
}

function unitsOf(parts: Parts): number {
  return parts.reduce((sum, part) => sum + part.quantity, 0);
}
