import { describe, expect, it } from "vitest";
import { limiter } from "../../../src/storage/limiter.ts";

const atOnce = () => Promise.resolve();

describe("a limiter", () => {
  it("runs no more tasks at a time than it may, and all of them in the order they came", async () => {
    const run = limiter(3, atOnce);
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

  it("begins no more than four tasks before others had their turn", async () => {
    const turns: (() => void)[] = [];
    const run = limiter(10, () => new Promise((resolve) => turns.push(resolve)));
    let begun = 0;
    const all = Array.from({ length: 11 }, () =>
      run(async () => {
        begun += 1;
      }),
    );
    const begunPerTurn: number[] = [];
    for (let turn = 0; ; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      begunPerTurn.push(begun);
      begun = 0;
      if (turns.length === turn) break;
      turns[turn]?.();
    }
    await Promise.all(all);
    expect(begunPerTurn).toEqual([3, 4, 4]);
  });

  it("goes on after a task that fails", async () => {
    const run = limiter(1, atOnce);
    const failed = run(() => Promise.reject(new Error("no")));
    const next = run(() => Promise.resolve("yes"));
    await expect(failed).rejects.toThrow("no");
    await expect(next).resolves.toBe("yes");
  });
});
