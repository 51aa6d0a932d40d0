import { describe, expect, test } from "vitest";
import type { PublishedEvent } from "../../../src/protocol/event.ts";
import type { Rule } from "../../../src/verify/index.ts";
import { LedgerWalk } from "../../../src/verify/ledger.ts";
import { Sums } from "../../../src/verify/sums.ts";

function history(...entries: readonly (readonly [kind: string, data: object])[]): PublishedEvent[] {
  return entries.map(([kind, data], index) => entry("a", index + 1, kind, data));
}

function entry(epoch: string, version: number, kind: string, data: object): PublishedEvent {
  const time = "2026-11-25T09:00:00.000Z";
  const event = { type: `stockwire.stock.${kind}.v1`, time, data: { sku: "A", epoch, version, ...data } };
  return event as unknown as PublishedEvent;
}

function sumOf(events: readonly PublishedEvent[]): number {
  const sums = new Sums();
  for (const event of events) sums.add(event);
  return sums.available;
}

function rulesIn(events: readonly PublishedEvent[]): Rule[] {
  const walk = new LedgerWalk("A", events);
  walk.finish();
  return walk.findings.map(({ rule }) => rule);
}

const at = (quantity: number) => [{ location: "default", quantity }];
const counted = (onHand: number, previousOnHand = 0) =>
  ["counted", { location: "default", onHand, previousOnHand }] as const;
const reserved = (quantity: number) =>
  [
    "reserved",
    { reservationId: "r", quantity, taken: at(quantity), expiresAt: "2026-11-25T10:00:00Z" },
  ] as const;
const adjusted = (delta: number) => ["adjusted", { location: "default", delta }] as const;
const ordered = (quantity: number, oversold = 0, lineId = "1") =>
  [
    "ordered",
    { channel: "web", orderId: "o", lines: [{ lineId, quantity, oversold, taken: at(quantity) }] },
  ] as const;

describe("the second arithmetic adds up", () => {
  test("everything that is sold", () => {
    const events = history(
      ["created", { title: "Lantern" }],
      counted(20),
      adjusted(5),
      ordered(4),
      ["cancelled", { lines: [{ taken: at(1) }] }],
      reserved(4),
      ["committed", { taken: at(3), released: at(1) }],
      reserved(2),
      ["released", { taken: at(2) }],
      ["fulfilled", { lines: [{ taken: at(3) }] }],
      ["returned", { lines: [{ taken: at(2) }], restock: true }],
      ["returned", { lines: [{ taken: at(1) }], restock: false }],
      ["updated", { safetyStock: 2 }],
    );
    // 25 were on hand, 3 ordered and 3 bought by others, 2 came back and 2 are kept back.
    expect(sumOf(events)).toBe(19);
  });

  test("everything that happens in a warehouse, each location by itself", () => {
    const events = history(
      counted(20),
      ["incoming_changed", { location: "default", delta: 30 }],
      ["received", { location: "default", quantity: 10, fromIncoming: 10 }],
      ["transferred", { from: "default", to: "shop", quantity: 8 }],
      ["marked_unavailable", { location: "default", delta: 3, reason: "damaged" }],
      counted(15),
    );
    // 15 counted and 8 in the shop, 3 of them not to be sold.
    expect(sumOf(events)).toBe(20);
  });

  test("a kit to what its components allow, and what is retired to nothing", () => {
    expect(sumOf(history(["derived", { available: 4 }], ["updated", { safetyStock: 1 }]))).toBe(3);
    expect(sumOf(history(counted(5), ordered(2), ["retired", {}]))).toBe(0);
  });

  test("nothing that it was not taught", () => {
    expect(() => sumOf(history(["teleported", {}]))).toThrow(/teleported/);
  });
});

describe("a ledger gives away", () => {
  test("a version that is missing, and one that is there twice", () => {
    const [first, second, third] = history(counted(20), ordered(3), ordered(2, 0, "2"));
    expect(rulesIn([first, third].filter((event) => event !== undefined))).toEqual(["gap"]);
    expect(rulesIn([first, second, second].filter((event) => event !== undefined))).toEqual([]);
    expect(rulesIn([...history(counted(20), ordered(3)), entry("a", 2, ...adjusted(1))])).toEqual(["twice"]);
  });

  test("a version that is missing in an earlier life, and goes on with the next", () => {
    const walk = new LedgerWalk("A", [entry("a", 2, ...counted(20)), entry("b", 1, ...counted(5))]);
    expect(walk.finish()).toMatchObject({
      entries: 1,
      newest: { epoch: "b", version: 1 },
      state: { epoch: "b" },
    });
    expect(walk.findings).toMatchObject([{ rule: "gap", position: { epoch: "a", version: 2 } }]);
  });

  test("a request that took more than there was, and not a fact that did", () => {
    expect(rulesIn(history(counted(5), ordered(7, 2)))).toEqual([]);
    expect(rulesIn(history(counted(5), reserved(6)))).toEqual(["oversell"]);
    expect(rulesIn(history(counted(5), ordered(5), adjusted(-1)))).toEqual(["oversell"]);
    expect(rulesIn(history(counted(5), reserved(5), ordered(1, 1)))).toEqual([]);
    expect(rulesIn(history(["created", { backorderLimit: 2 }], reserved(2)))).toEqual([]);
    expect(rulesIn(history(["created", { backorderLimit: 2 }], reserved(3)))).toEqual(["oversell"]);
  });

  test("where the domain and the second arithmetic differ", () => {
    // The domain adds the difference that the event names, the other one takes what was counted.
    expect(rulesIn(history(counted(5), counted(9, 4)))).toEqual(["sum"]);
  });

  test("an event that nobody knows", () => {
    expect(rulesIn(history(["teleported", {}]))).toEqual(["unknown-event"]);
  });

  test("units that facts took below zero, as they say", () => {
    expect(new LedgerWalk("A", history(counted(5), ordered(7, 2))).finish()).toMatchObject({
      oversoldUnits: 2,
    });
  });
});
