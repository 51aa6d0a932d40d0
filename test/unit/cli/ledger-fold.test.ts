import { describe, expect, test } from "vitest";
import { foldLedger } from "../../../src/cli/ledger-fold.ts";
import type { LedgerEvent } from "../../../src/cli/service-client.ts";

function history(...entries: readonly (readonly [kind: string, data: object])[]): LedgerEvent[] {
  return entries.map(([kind, data], index) => entry("a", index + 1, kind, data));
}

function entry(epoch: string, version: number, kind: string, data: object): LedgerEvent {
  return { type: `stockwire.stock.${kind}.v1`, data: { sku: "A", epoch, version, ...data } };
}

const at = (quantity: number) => [{ location: "default", quantity }];
const counted = (onHand: number) => ["counted", { location: "default", onHand }] as const;
const reserved = (quantity: number) => ["reserved", { taken: at(quantity) }] as const;
const adjusted = (delta: number) => ["adjusted", { location: "default", delta }] as const;
const ordered = (quantity: number, oversold = 0) => ["ordered", { lines: [{ quantity, oversold }] }] as const;

describe("a ledger adds up", () => {
  test("over everything that is sold", () => {
    const folded = foldLedger(
      history(
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
      ),
    );
    // 25 were on hand, 3 ordered and 3 bought by others, 2 came back and 2 are kept back.
    expect(folded).toEqual({
      epoch: "a",
      version: 13,
      available: 19,
      gaps: [],
      oversoldRequests: 0,
      oversoldUnits: 0,
    });
  });

  test("over everything that happens in a warehouse", () => {
    const folded = foldLedger(
      history(
        counted(20),
        ["incoming_changed", { location: "default", delta: 30 }],
        ["received", { location: "default", quantity: 10, fromIncoming: 10 }],
        ["transferred", { from: "default", to: "shop", quantity: 8 }],
        ["marked_unavailable", { location: "default", delta: 3, reason: "damaged" }],
        counted(15),
      ),
    );
    // 15 counted and 8 in the shop, 3 of them not to be sold.
    expect(folded?.available).toBe(20);
  });

  test("for a kit to what its components allow, and to nothing once the SKU is retired", () => {
    expect(
      foldLedger(history(["derived", { available: 4 }], ["updated", { safetyStock: 1 }]))?.available,
    ).toBe(3);
    expect(foldLedger(history(counted(5), ordered(2), ["retired", {}]))?.available).toBe(0);
  });

  test("in the order of versions, whatever order it is read in", () => {
    const events = history(counted(20), adjusted(-5), counted(3));
    expect(foldLedger(events.toReversed())).toEqual(foldLedger(events));
    expect(foldLedger(events)?.available).toBe(3);
  });

  test("for each location by itself", () => {
    const elsewhere = ["counted", { location: "shop", onHand: 7 }] as const;
    expect(foldLedger(history(counted(20), elsewhere, counted(2)))?.available).toBe(9);
  });

  test("for the newest life of the SKU only", () => {
    const events = [...history(counted(20), ordered(3)), entry("b", 1, ...counted(5))];
    expect(foldLedger(events)).toMatchObject({ epoch: "b", version: 1, available: 5, gaps: [] });
  });

  test("to nothing if there is none", () => {
    expect(foldLedger([])).toBeUndefined();
  });
});

describe("a ledger gives away", () => {
  test("a lost version", () => {
    const [first, , third] = history(counted(20), ordered(3), ordered(2));
    const events = [first, third].filter((event) => event !== undefined);
    expect(foldLedger(events)?.gaps).toEqual(["3 where 2 was due"]);
  });

  test("a version that is there twice", () => {
    const events = history(counted(20), ordered(3));
    expect(foldLedger([...events, ...events.slice(1)])?.gaps).toEqual(["2 where 3 was due"]);
  });

  test("a request that took more than there was, and not a fact that did", () => {
    expect(foldLedger(history(counted(5), ordered(7, 2)))).toMatchObject({
      available: -2,
      oversoldRequests: 0,
      oversoldUnits: 2,
    });
    expect(foldLedger(history(counted(5), reserved(6)))?.oversoldRequests).toBe(1);
    expect(foldLedger(history(counted(5), ordered(5), adjusted(-1)))?.oversoldRequests).toBe(1);
    expect(foldLedger(history(counted(5), reserved(5), ordered(1, 1)))?.oversoldRequests).toBe(0);
    expect(foldLedger(history(["created", { backorderLimit: 2 }], reserved(2)))?.oversoldRequests).toBe(0);
    expect(foldLedger(history(["created", { backorderLimit: 2 }], reserved(3)))?.oversoldRequests).toBe(1);
  });

  test("an event nobody taught this tool to add up", () => {
    expect(() => foldLedger(history(["teleported", {}]))).toThrow(/teleported/);
  });
});
