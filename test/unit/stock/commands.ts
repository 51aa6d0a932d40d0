import fc from "fast-check";
import type { Mutation, MutationOf } from "../../../src/stock/mutation.ts";

// Ids, quantities and times are few and small, so that the steps of a random history meet.
const location = fc.constantFrom("default", "north", "south");
const channel = fc.constantFrom("web", "shop");
const quantity = fc.integer({ min: 1, max: 12 });
const ttlSeconds = fc.integer({ min: 1, max: 5 });
const lineId = fc.constantFrom("1", "2");
const reason = fc.constantFrom("sold" as const, "received" as const, "damaged" as const);
const onOrder = {
  channel: fc.oneof({ weight: 3, arbitrary: fc.constant("web") }, { weight: 1, arbitrary: channel }),
  orderId: fc.constantFrom("o1", "o2"),
};
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const delta = fc.integer({ min: -12, max: 12 }).filter((units) => units !== 0);

const choice = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ location }) },
  {
    weight: 1,
    arbitrary: fc.record({
      strategy: fc.constantFrom("priority" as const, "most-stock" as const, "single-location-first" as const),
      locations: fc.uniqueArray(location, { minLength: 1 }),
      split: fc.boolean(),
    }),
  },
);
const parts = fc.option(
  fc.array(fc.record({ lineId, quantity: fc.option(quantity, { nil: undefined, freq: 1 }) }), {
    minLength: 1,
    maxLength: 2,
  }),
  { nil: undefined, freq: 1 },
);
const orderLines = fc
  .array(fc.tuple(fc.record({ lineId, quantity }), choice), { minLength: 1, maxLength: 2 })
  .map((lines) => lines.map(([line, where]) => ({ ...line, ...where })));
const counts = fc.record({
  lineId,
  ordered: fc.nat(6),
  cancelled: fc.nat(3),
  fulfilled: fc.nat(4),
  restocked: fc.nat(2),
  writtenOff: fc.nat(2),
});

/** A mutation that says by number which of the reservations made so far it means: 0 is the newest. */
type Command<Each extends Mutation> = Each extends { readonly reservationId: string }
  ? Omit<Each, "reservationId"> & { readonly reservationId: number }
  : Each;
export type AnyCommand = Command<Mutation>;

/** Every mutation there is: the compiler asks for the next one. */
const commandOf: { [Type in Mutation["type"]]: fc.Arbitrary<Command<MutationOf<Type>>> } = {
  create: fc.record({
    type: fc.constant("create"),
    title: maybe(fc.constantFrom("Tee", "Shirt")),
    price: maybe(fc.constantFrom(null, { amount: 1999, currency: "EUR" }, { amount: 0, currency: "JPY" })),
    safetyStock: maybe(fc.nat(5)),
    backorderLimit: maybe(fc.nat(3)),
    lowStockAt: maybe(fc.nat(3)),
    allocations: maybe(
      fc.constantFrom(
        [],
        [{ channel: "web", quantity: 4 }],
        [
          { channel: "web", quantity: 2 },
          { channel: "shop", quantity: 3 },
        ],
      ),
    ),
    components: maybe(fc.constantFrom([], [], [{ sku: "B", quantity: 2 }])),
  }),
  adjust: fc.record({ type: fc.constant("adjust"), location, delta, reason }),
  count: fc.record({ type: fc.constant("count"), location, onHand: fc.nat(30) }),
  retire: fc.record({ type: fc.constant("retire") }),
  transfer: fc.record({ type: fc.constant("transfer"), from: location, to: location, quantity }),
  "set-unavailable": fc.record({ type: fc.constant("set-unavailable"), location, delta, reason }),
  expect: fc.record({ type: fc.constant("expect"), location, delta }),
  receive: fc.record({ type: fc.constant("receive"), location, quantity }),
  derive: fc.record({
    type: fc.constant("derive"),
    components: fc.array(fc.record({ sku: fc.constant("B"), available: fc.integer({ min: -3, max: 9 }) }), {
      minLength: 1,
      maxLength: 1,
    }),
  }),
  reserve: fc
    .tuple(fc.record({ quantity, ttlSeconds, channel: maybe(channel) }), choice)
    .map(([hold, where]) => ({ type: "reserve", nonce: "n", ...hold, ...where })),
  extend: fc.record({ type: fc.constant("extend"), reservationId: fc.nat(3), ttlSeconds }),
  commit: fc.record({
    type: fc.constant("commit"),
    reservationId: fc.nat(3),
    ...onOrder,
    lineId,
    quantity: maybe(quantity),
  }),
  release: fc.record({ type: fc.constant("release"), reservationId: fc.nat(3) }),
  expire: fc.record({ type: fc.constant("expire") }),
  order: fc.record({ type: fc.constant("order"), ...onOrder, lines: orderLines }),
  cancel: fc.record({ type: fc.constant("cancel"), ...onOrder, lines: parts }),
  fulfil: fc.record({ type: fc.constant("fulfil"), ...onOrder, lines: parts }),
  return: fc.record({
    type: fc.constant("return"),
    ...onOrder,
    lines: parts,
    restock: fc.boolean(),
    location: maybe(location),
  }),
  report: fc.record({
    type: fc.constant("report"),
    ...onOrder,
    lines: fc.uniqueArray(counts, { minLength: 1, maxLength: 2, selector: (line) => line.lineId }),
  }),
};

/** What ends a life is rare, so that something happens in between; what follows on a hold or an order is frequent. */
const weights: Partial<Record<Mutation["type"], number>> = {
  retire: 1,
  create: 2,
  expire: 1,
  derive: 2,
  reserve: 8,
  order: 6,
  commit: 6,
  cancel: 6,
  fulfil: 6,
};

export const anyCommand: fc.Arbitrary<AnyCommand> = fc.oneof(
  ...Object.entries(commandOf).map(([type, arbitrary]) => ({
    weight: weights[type as Mutation["type"]] ?? 3,
    arbitrary: arbitrary as fc.Arbitrary<AnyCommand>,
  })),
);

/** The mutation a command comes to, once it is known which reservations there are. */
export function toMutation(command: AnyCommand, reservationIds: readonly string[]): Mutation {
  // As in life, no two reservations have the same id, not even in two lives.
  if (command.type === "reserve") return { ...command, nonce: `n${reservationIds.length}` };
  if (!("reservationId" in command)) return command;
  return { ...command, reservationId: reservationIds.at(-1 - command.reservationId) ?? "none" };
}
