import fc from "fast-check";
import type { StockEvent } from "../../../src/protocol/event.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { exists, type SkuState, unknownSku } from "../../../src/stock/state.ts";
import { type Transaction, transact } from "../../../src/stock/transact.ts";
import { type AnyCommand, anyCommand, toMutation } from "./commands.ts";

export interface Step {
  readonly waitMs: number;
  readonly command: AnyCommand;
}

const step = fc.record({ waitMs: fc.nat(800), command: anyCommand });

/** How lives begin: mostly with some stock to sell, now and then as a kit, or as it comes. */
const beginnings: readonly (readonly AnyCommand[])[] = [
  [{ type: "count", location: "default", onHand: 20 }],
  [
    { type: "count", location: "default", onHand: 12 },
    { type: "count", location: "north", onHand: 12 },
    { type: "create", allocations: [{ channel: "web", quantity: 6 }] },
  ],
  [{ type: "create", components: [{ sku: "B", quantity: 2 }] }],
  [],
];

/** What may happen to a SKU. */
export const histories: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...beginnings.slice(0, 2)) },
      { weight: 1, arbitrary: fc.constantFrom(...beginnings.slice(2)) },
    ),
    fc.array(step, { maxLength: 40, size: "max" }),
  )
  .map(([beginning, steps]) => [...beginning.map((command) => ({ waitMs: 0, command })), ...steps]);

/** One step of a history, and what it made of the SKU. */
export interface Moment {
  /** After what was due has expired, before the mutation. */
  readonly before: SkuState;
  readonly after: SkuState;
  readonly mutation: Mutation;
  readonly events: readonly StockEvent[];
  /** All events of this life so far. */
  readonly ledger: readonly StockEvent[];
  readonly nowMs: number;
  readonly result: Transaction;
}

/** Runs a history; a retired SKU that is created again begins a new life. Answers how it stands at the end. */
export function run(steps: readonly Step[], check: (moment: Moment) => void): SkuState {
  let state = unknownSku("A", "e0");
  let nowMs = 1_000_000;
  let lives = 0;
  let ledger: StockEvent[] = [];
  const reservationIds: string[] = [];
  for (const { waitMs, command } of steps) {
    nowMs += waitMs;
    const mutation = toMutation(command, reservationIds);
    if (!exists(state) && (mutation.type === "create" || mutation.type === "count")) {
      lives += 1;
      state = unknownSku("A", `e${lives}`);
      ledger = [];
    }
    const before = transact(state, { type: "expire" }, nowMs).state;
    const result = transact(state, mutation, nowMs);
    const { decision } = result;
    const events = [...result.expired, ...(decision.outcome === "events" ? decision.events : [])];
    ledger.push(...events);
    for (const event of events) if (event.type === "reserved") reservationIds.push(event.reservationId);
    check({ before, after: result.state, mutation, events, ledger, nowMs, result });
    state = result.state;
  }
  return state;
}
