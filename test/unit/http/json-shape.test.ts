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

it("refuses a field that stands twice in one object, however its name is spelt", () => {
  const twice = (text: string) => expect(`${text}: ${refuseShape(text)}`).toContain("stands twice");
  twice('{"onHand":1,"onHand":2}');
  twice('{"onHand":1,"on\\u0048and":2}');
  twice('{"a":{"b":1,"c":[],"b":1}}');
  twice('[{"a":{}},{"a":[1],"x":"a","a":{}}]');
  twice('{"":1,"":2}');
  twice(`{${Array.from({ length: 40 }, (_, index) => `"f${index}":0`).join(",")},"f3":1}`);
});

it("lets the same name stand in two objects, as a value, and in another case", () => {
  for (const text of [
    '[{"a":1},{"a":2}]',
    '{"a":{"a":"a"},"b":["a","a"]}',
    '{"a":1,"A":2}',
    '{"a":"\\"a\\":"}',
  ])
    expect(refuseShape(text)).toBeUndefined();
});
