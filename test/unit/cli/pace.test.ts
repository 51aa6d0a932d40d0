import { describe, expect, test } from "vitest";
import { schedule } from "../../../src/cli/replay/pace.ts";
import { runPaced } from "../../../src/cli/run-paced.ts";

const minuteMs = 60_000;

describe("a schedule", () => {
  test("at a rate is even", () => {
    expect(schedule([0, 0, minuteMs], { kind: "rate", ordersPerSecond: 10 })).toEqual([0, 100, 200]);
  });

  test("at a speed follows the day's clock, and spreads what one minute holds", () => {
    const dueMs = schedule([0, minuteMs, minuteMs, 3 * minuteMs], { kind: "speed", factor: 60 });
    expect(dueMs).toEqual([0, 1_000, 1_500, 3_000]);
  });

  test("at full speed is due at once", () => {
    expect(schedule([0, minuteMs], { kind: "fast" })).toEqual([0, 0]);
  });
});

describe("a paced run", () => {
  test("starts in order and never has more under way than it may", async () => {
    const started: number[] = [];
    let underWay = 0;
    let underWayMax = 0;
    await runPaced([1, 2, 3, 4, 5], [], 2, async (item) => {
      started.push(item);
      underWay += 1;
      underWayMax = Math.max(underWayMax, underWay);
      await Promise.resolve();
      underWay -= 1;
    });
    expect(started).toEqual([1, 2, 3, 4, 5]);
    expect(underWayMax).toBe(2);
  });

  test("stops at a failure, lets what is under way end, and throws the failure", async () => {
    const ended: number[] = [];
    const run = runPaced([1, 2, 3, 4], [], 2, async (item) => {
      if (item === 2) throw new Error("item 2");
      await new Promise((resolve) => setTimeout(resolve, 5));
      ended.push(item);
    });
    await expect(run).rejects.toThrow("item 2");
    expect(ended).toEqual([1]);
  });
});
