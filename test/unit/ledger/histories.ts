import fc from "fast-check";
import type { LedgerEntry, StockEventsMessage } from "../../../src/protocol/queue.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { evolve } from "../../../src/stock/evolve.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { exists, type SkuState, unknownSku } from "../../../src/stock/state.ts";
import { transact } from "../../../src/stock/transact.ts";
import { stockView } from "../../../src/stock/view.ts";

// Ids, quantities and times are few and small, so that the steps of a random history meet.
const location = fc.constantFrom("default", "north");
const channel = fc.constantFrom("web", "shop");
const quantity = fc.integer({ min: 1, max: 9 });
const onOrder = { channel, orderId: fc.constantFrom("o1", "o2", "o3") };
const lines = fc.array(fc.record({ lineId: fc.constantFrom("1", "2"), quantity }), {
  minLength: 1,
  maxLength: 2,
});

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({
    type: fc.constant("create" as const),
    safetyStock: fc.integer({ min: 0, max: 3 }),
    allocations: fc.constantFrom([], [{ channel: "web", quantity: 2 }]),
  }),
  fc.record({ type: fc.constant("count" as const), location, onHand: fc.integer({ min: 0, max: 12 }) }),
  fc.record({
    type: fc.constant("adjust" as const),
    location,
    delta: fc.integer({ min: 1, max: 9 }),
    reason: fc.constant("received" as const),
    reference: fc.constantFrom("PO-1", "PO-2"),
  }),
  fc.record({
    type: fc.constant("reserve" as const),
    quantity,
    channel,
    ttlSeconds: fc.integer({ min: 1, max: 5 }),
    nonce: fc.constant("n"),
  }),
  fc.record({ type: fc.constant("order" as const), ...onOrder, lines }),
  fc.record({ type: fc.constant("cancel" as const), ...onOrder }),
  fc.record({ type: fc.constant("fulfil" as const), ...onOrder }),
  fc.record({ type: fc.constant("return" as const), ...onOrder, restock: fc.boolean() }),
  fc.record({ type: fc.constant("retire" as const) }),
);

interface Step {
  readonly waitMs: number;
  readonly mutation: Mutation;
}

/** Steps of one SKU's life, or of several lives if it is retired on the way. It begins with some stock. */
export const steps: fc.Arbitrary<Step[]> = fc
  .array(fc.record({ waitMs: fc.integer({ min: 1, max: 1_500 }), mutation }), { minLength: 1, maxLength: 40 })
  .map((some) => [{ waitMs: 0, mutation: { type: "count", location: "default", onHand: 6 } }, ...some]);

/** What a SKU recorded: each entry, with the view right after it. */
export interface Recorded {
  readonly entry: LedgerEntry;
  readonly view: StockView;
}

export const startMs = 1_000_000;

/** Runs a history as a SkuObject would: a mutation of a retired SKU that may create it begins a new epoch. */
export function record(
  sku: string,
  history: readonly Step[],
): { recorded: Recorded[]; state: SkuState; nowMs: number } {
  const recorded: Recorded[] = [];
  let state = unknownSku(sku, "e0");
  let nowMs = startMs;
  let lives = 0;
  for (const { waitMs, mutation: each } of history) {
    nowMs += waitMs;
    if (!exists(state) && (each.type === "create" || each.type === "count")) {
      lives += 1;
      state = unknownSku(sku, `e${lives}`);
    }
    const { state: after, expired, decision } = transact(state, each, nowMs);
    for (const event of [...expired, ...(decision.outcome === "events" ? decision.events : [])]) {
      state = evolve(state, event);
      const { epoch, version } = state;
      recorded.push({ entry: { position: { epoch, version }, event }, view: stockView(state, nowMs) });
    }
    state = after;
  }
  return { recorded, state, nowMs };
}

/** One message with some of what was recorded, sent when `sentAt` of it had happened. */
export function messageOf(
  recorded: readonly Recorded[],
  from: number,
  count: number,
  sentAt: number,
): StockEventsMessage {
  const newest = recorded[Math.min(recorded.length, Math.max(sentAt, from + count)) - 1];
  const first = recorded[from];
  if (newest === undefined || first === undefined) throw new Error("nothing was recorded there");
  const { epoch, version } = first.entry.position;
  // A message holds entries of one life.
  const entries = recorded
    .slice(from, from + count)
    .map(({ entry }) => entry)
    .filter((entry) => entry.position.epoch === epoch);
  return { sku: newest.view.sku, after: { epoch, version: version - 1 }, entries, stock: newest.view };
}
