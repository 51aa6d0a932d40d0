import { describe, expect, it } from "vitest";
import { BulkBody } from "../../../src/protocol/bulk.ts";
import { toMutation } from "../../../src/api/stock-mutation.ts";

describe("what a caller leaves out of a change", () => {
  it("is the default location", () => {
    expect(toMutation({ type: "adjust", delta: 1, reason: "found" })).toMatchObject({
      type: "adjust",
      location: "default",
    });
    expect(toMutation({ type: "incoming", delta: 1 })).toMatchObject({ type: "expect", location: "default" });
    const unavailable = toMutation({ type: "unavailable", delta: 1, reason: "damaged", location: "shop" });
    expect(unavailable).toMatchObject({ type: "set-unavailable", location: "shop" });
  });

  it("is an order of our own, named after the reservation", () => {
    const commit = toMutation({ type: "commit", reservationId: "rsv_1" });
    expect(commit).toMatchObject({ channel: "direct", orderId: "rsv_1", lineId: "rsv_1" });
    const named = toMutation({
      type: "commit",
      reservationId: "rsv_1",
      channel: "web",
      orderId: "7",
      lineId: "2",
    });
    expect(named).toMatchObject({ channel: "web", orderId: "7", lineId: "2" });
  });

  it("is what makes a reservation's id unguessable", () => {
    const reserve = { type: "reserve", quantity: 1, ttlSeconds: 60 } as const;
    const nonces = [toMutation(reserve), toMutation(reserve)].map((made) =>
      "nonce" in made ? made.nonce : "",
    );
    expect(new Set(nonces).size).toBe(2);
    for (const nonce of nonces) expect(nonce).toMatch(/^[0-9A-Za-z]{22}$/);
  });
});

describe("a bulk item", () => {
  const item = { key: "k", sku: "A" };
  const isFit = (fields: object) => BulkBody.safeParse({ items: [{ ...item, ...fields }] }).success;

  it("is held to the rules of the single request", () => {
    expect(isFit({ type: "transfer", from: "a", to: "b", quantity: 1 })).toBe(true);
    expect(isFit({ type: "transfer", from: "a", to: "a", quantity: 1 })).toBe(false);
    expect(isFit({ type: "reserve", quantity: 1, ttlSeconds: 60, location: "a" })).toBe(true);
    expect(isFit({ type: "reserve", quantity: 1, ttlSeconds: 60, location: "a", split: false })).toBe(false);
    const twice = [
      { sku: "B", quantity: 1 },
      { sku: "B", quantity: 2 },
    ];
    expect(isFit({ type: "create", components: twice })).toBe(false);
    expect(isFit({ type: "create", surprise: 1 })).toBe(false);
  });

  it("takes a position with or without quotes, or the star", () => {
    for (const ifMatch of ["k3v9.42", '"k3v9.42"', "*"])
      expect(isFit({ type: "retire", ifMatch })).toBe(true);
    for (const ifMatch of ["", "42", "k3v9"]) expect(isFit({ type: "retire", ifMatch })).toBe(false);
  });
});
