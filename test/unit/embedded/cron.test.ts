import { describe, expect, it } from "vitest";
import { isDue } from "../../../src/embedded/cron.ts";

const at = (time: string) => new Date(`2026-11-23T${time}:00Z`);

describe("a cron expression", () => {
  it.each([
    ["7 * * * *", "09:07", true],
    ["7 * * * *", "09:08", false],
    ["* * * * *", "09:08", true],
    ["*/15 * * * *", "09:45", true],
    ["*/15 * * * *", "09:46", false],
    ["5/20 * * * *", "09:25", true],
    ["5/20 * * * *", "09:04", false],
    ["0 9-11 * * *", "10:00", true],
    ["0 9-11 * * *", "12:00", false],
    ["0,30 9 * * *", "09:30", true],
    ["0,30 9 * * *", "10:30", false],
  ])("%s at %s: %s", (expression, time, expected) => {
    expect(isDue(expression, at(time))).toBe(expected);
  });

  it.each(["* * *", "0 0 1 * *", "x * * * *"])("is refused if it is not understood: %s", (expression) => {
    expect(() => isDue(expression, at("09:00"))).toThrow(/cron/);
  });
});
