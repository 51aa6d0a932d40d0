import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonBytes } from "../../../src/storage/json-bytes.ts";

it("counts what a value takes as JSON in UTF-8, whatever the script", () => {
  for (const text of ["plain", "Größe", "在庫", "👟", "\ud800", "\u007f\u0080"]) {
    expect(jsonBytes({ text })).toBe(Buffer.byteLength(JSON.stringify({ text })));
  }
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      expect(jsonBytes(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
    }),
  );
});
