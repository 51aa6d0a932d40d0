import fc from "fast-check";
import { expect, it } from "vitest";
import { refuseShape } from "../../../src/http/json-shape.ts";
import { limits } from "../../../src/protocol/limits.ts";

it("takes every JSON text that is not too deep, whatever its strings contain", () => {
  const name = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), name, (value, text) => {
      expect(refuseShape(JSON.stringify({ [text]: value, text: `${text}[[[{{"\\` }))).toBeUndefined();
    }),
  );
});

it("refuses what is nested too deep, and counts levels, not brackets", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(refuseShape(nested(limits.bodyDepthMax))).toBeUndefined();
  expect(refuseShape(nested(limits.bodyDepthMax + 1))).toContain("levels deep");
  expect(refuseShape(`[${Array.from({ length: 500 }, () => "[{}]").join(",")}]`)).toBeUndefined();
  expect(refuseShape("[".repeat(500_000))).toContain("levels deep");
});

it("refuses an object with too many fields, and lets many objects have some", () => {
  const object = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i])));
  expect(refuseShape(object(limits.bodyFieldsMax))).toBeUndefined();
  expect(refuseShape(object(limits.bodyFieldsMax + 1))).toContain("fields");
  expect(refuseShape(`[${Array.from({ length: 50 }, () => object(100)).join(",")}]`)).toBeUndefined();
});
