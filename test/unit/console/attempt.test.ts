import { describe, expect, it } from "vitest";
import { Attempt } from "../../../src/console/attempt.ts";

function counted(): Attempt {
  let made = 0;
  return new Attempt(() => String((made += 1)));
}

describe("the key of something that a person wants done", () => {
  it("stays the same until somebody answers, so that pressing twice does it once", () => {
    const attempt = counted();
    expect([attempt.keyFor("sell 1"), attempt.keyFor("sell 1"), attempt.keyFor("sell 1")]).toEqual([
      "1",
      "1",
      "1",
    ]);
  });

  it("is a new one for something else, and for the same thing after an answer", () => {
    const attempt = counted();
    attempt.keyFor("sell 1");
    expect(attempt.keyFor("sell 2")).toBe("2");
    attempt.answered();
    expect(attempt.keyFor("sell 2")).toBe("3");
  });
});
