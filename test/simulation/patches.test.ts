import { describe, expect, it } from "vitest";
import { forgetful, patched } from "./code/patches.ts";

describe("patches of the product's source", () => {
  it("fit exactly once, or not at all", () => {
    const patch = { file: "a.ts", find: "1", replace: "2" };
    expect(patched("a.ts", "x = 1;", [patch])).toBe("x = 2;");
    expect(patched("b.ts", "x = 1;", [patch])).toBe("x = 1;");
    expect(() => patched("a.ts", "x = 11;", [patch])).toThrow("2 times");
    expect(() => patched("a.ts", "x = 0;", [patch])).toThrow("0 times");
  });
});

describe("a module that forgets", () => {
  /** Runs a module, has it do something, and then forget; answers what it remembers each time. */
  function remembered(source: string, act: string, ask: string): unknown[] {
    const script = `${forgetful(source)}\nconst first = ${ask};\n${act};\nconst then = ${ask};\nforget.forEach((one) => one());\nreturn [first, then, ${ask}];`;
    const forget: (() => void)[] = [];
    // eslint-disable-next-line typescript/no-implied-eval -- the subject of the test is source text
    const run = new Function("__whenForgotten", "forget", script) as (
      when: (one: () => void) => void,
      all: readonly (() => void)[],
    ) => unknown[];
    return run((one) => forget.push(one), forget);
  }

  it("has its first values back", () => {
    expect(remembered("let seen = [];", "seen = [1]", "seen.length")).toEqual([0, 1, 0]);
    expect(remembered("const cache = new Map();", "cache.set(1, 2)", "cache.size")).toEqual([0, 1, 0]);
    const several = "const all = new Map([\n  [1, 2],\n  [3, 4],\n]);\n\nfunction more() {\n  return 1;\n}";
    expect(remembered(several, "all.clear()", "all.size")).toEqual([2, 0, 2]);
    const made =
      "class Kept {\n  constructor(effects) {\n    this.items = effects.first();\n  }\n}\nconst kept = new Kept({\n  first: () => [1],\n  more: () => 2,\n});";
    expect(remembered(made, "kept.items.push(2)", "kept.items.length")).toEqual([1, 2, 1]);
  });

  it("is otherwise as it was", () => {
    const source =
      "const encoder = 1;\nconst list = [\n  1,\n];\nfunction one() {\n  let two = 2;\n  return two;\n}\n";
    expect(forgetful(source)).toBe(source);
  });
});
