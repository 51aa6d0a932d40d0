import { describe, expect, it } from "vitest";
import { LedgerItem } from "../../../src/protocol/answers.ts";
import { type EventType, eventData, PublishedEvent, type StockEvent } from "../../../src/protocol/event.ts";
import { publishEvent } from "../../../src/stock/publish.ts";
import { formatReservationId } from "../../../src/stock/reservation-id.ts";

const sku = "é".repeat(128);
const atMs = Date.UTC(2026, 10, 23);
const common = {
  atMs,
  actor: "key_1",
  reference: "PO-1",
  note: "by hand",
  occurredAt: "2026-11-23T09:00:00.000Z",
};
const taken = [
  { location: "default", quantity: 2 },
  { location: "north", quantity: 1 },
];
// As a commit without an order id makes them: the order and its line are called what the reservation is called.
const reservationId = formatReservationId(sku, 12_345, "n".repeat(22));
const order = { channel: "web", orderId: reservationId };
const lines = [{ lineId: `${reservationId}/${sku}`, quantity: 3, taken }];
const settings = {
  title: "Tee",
  price: { amount: 1999, currency: "EUR" },
  safetyStock: 1,
  backorderLimit: 2,
  lowStockAt: 3,
  allocations: [{ channel: "web", quantity: 4 }],
  components: [{ sku: "B", quantity: 2 }],
};

/** One event of each type, with every field it may have. */
const events: { [Type in EventType]: Extract<StockEvent, { type: Type }> } = {
  created: { type: "created", ...common, ...settings },
  updated: { type: "updated", ...common, ...settings },
  retired: { type: "retired", ...common },
  restored: {
    type: "restored",
    ...common,
    from: { epoch: "k3v8", version: 41 },
    since: "k3v1",
    ...settings,
    kitAvailable: 3,
    retired: true,
    levels: [{ location: "default", onHand: -1, committed: 2, reserved: 3, unavailable: 4, incoming: 5 }],
    reservations: [
      {
        reservationId,
        quantity: 3,
        taken,
        expiresAt: "2026-11-23T09:10:00.000Z",
        channel: "web",
        reference: "cart-17",
        allocated: 1,
      },
    ],
  },
  adjusted: { type: "adjusted", ...common, location: "default", delta: -3, reason: "sold" },
  counted: {
    type: "counted",
    ...common,
    location: "default",
    onHand: 4,
    // More was shipped than was ever counted.
    previousOnHand: -2,
    reason: "count",
    oversold: 1,
  },
  transferred: { type: "transferred", ...common, from: "default", to: "north", quantity: 2 },
  marked_unavailable: {
    type: "marked_unavailable",
    ...common,
    location: "default",
    delta: -1,
    reason: "damaged",
  },
  incoming_changed: { type: "incoming_changed", ...common, location: "default", delta: 5 },
  received: { type: "received", ...common, location: "default", quantity: 5, fromIncoming: 4 },
  derived: {
    type: "derived",
    ...common,
    available: 2,
    components: [{ sku: "B", available: -1, epoch: "e", version: 7 }],
  },
  reserved: {
    type: "reserved",
    ...common,
    reservationId,
    quantity: 3,
    taken,
    expiresAt: "2026-11-23T09:10:00.000Z",
    channel: "web",
    allocated: 1,
  },
  extended: { type: "extended", ...common, reservationId, expiresAt: "2026-11-23T09:10:00.000Z" },
  committed: {
    type: "committed",
    ...common,
    reservationId,
    ...order,
    lineId: reservationId,
    quantity: 2,
    taken,
    released: [{ location: "north", quantity: 1 }],
  },
  released: { type: "released", ...common, reservationId, taken },
  expired: { type: "expired", ...common, reservationId, taken },
  ordered: {
    type: "ordered",
    ...common,
    ...order,
    lines: lines.map((line) => ({ ...line, oversold: 1, allocated: 1 })),
  },
  cancelled: {
    type: "cancelled",
    ...common,
    ...order,
    lines: lines.map((line) => ({ ...line, allocated: 1 })),
  },
  fulfilled: { type: "fulfilled", ...common, ...order, lines },
  returned: { type: "returned", ...common, ...order, restock: false, lines },
};
const all = Object.keys(eventData).map((type) =>
  publishEvent(sku, { epoch: "k3v9", version: 42 }, events[type as EventType]),
);

describe("a published event", () => {
  it.each(all)("of type $type survives a parse with every field it has", (event) => {
    expect(PublishedEvent.parse(event)).toEqual(event);
    expect(LedgerItem.parse({ ...event, version: 42 })).toEqual({ ...event, version: 42 });
  });

  it("of a type nobody knows, or with the data of another type, is refused", () => {
    const [created] = all;
    const adjusted = all.find(({ type }) => type === "stockwire.stock.adjusted.v1");
    expect(PublishedEvent.safeParse({ ...created, type: "stockwire.stock.teleported.v1" }).success).toBe(
      false,
    );
    expect(PublishedEvent.safeParse({ ...adjusted, data: created?.data }).success).toBe(false);
  });
});
