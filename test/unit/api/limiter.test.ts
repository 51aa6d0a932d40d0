import { describe, expect, it } from "vitest";
import { limiter } from "../../../src/api/limiter.ts";

describe("a limiter", () => {
  it("runs no more tasks at a time than it may, and all of them in the order they came", async () => {
    const run = limiter(3);
    let running = 0;
    let most = 0;
    const started: number[] = [];
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        run(async () => {
          started.push(index);
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setTimeout(resolve, index % 3));
          running -= 1;
          return index;
        }),
      ),
    );
    expect(most).toBe(3);
    expect(results).toEqual(started);
  });

  it("goes on after a task that fails", async () => {
    const run = limiter(1);
    const failed = run(() => Promise.reject(new Error("no")));
    const next = run(() => Promise.resolve("yes"));
    await expect(failed).rejects.toThrow("no");
    await expect(next).resolves.toBe("yes");
  });
});
