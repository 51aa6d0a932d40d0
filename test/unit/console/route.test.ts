import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, match, placeOf } from "../../../src/console/route.ts";

describe("addresses of the console", () => {
  it("lead back to what they were made of, whatever a SKU contains", () => {
    const text = fc.string({ minLength: 1, unit: "grapheme" });
    fc.assert(
      fc.property(text, fc.dictionary(fc.stringMatching(/^[a-z]+$/), text), (sku, query) => {
        const place = placeOf(addressOf(["skus", sku], query));
        expect(match("/skus/:sku", place)).toEqual({ sku });
        expect(place.query).toEqual({ ...query });
      }),
    );
  });

  it("leave out what is empty, and take what cannot be decoded as it stands", () => {
    expect(addressOf([], { query: "", status: "low_stock" })).toBe("#/?status=low_stock");
    expect(placeOf("#/skus/50%")).toEqual({ parts: ["skus", "50%"], query: {} });
    expect(placeOf("")).toEqual({ parts: [], query: {} });
  });

  it("belong to one pattern only", () => {
    const place = placeOf("#/channels/web/orders");
    expect(match("/channels/:id", place)).toBeUndefined();
    expect(match("/channels/:id/drift", place)).toBeUndefined();
    expect(match("/channels/:id/orders", place)).toEqual({ id: "web" });
  });
});
