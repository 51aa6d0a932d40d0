import { afterAll, describe, expect, it } from "vitest";
import { bundleProduct } from "../code/bundle.ts";
import { Pool } from "../jobs/pool.ts";
import { planOf } from "../load/planner.ts";
import { mutants } from "../mutants/list.ts";
import { shorten } from "./shorten.ts";
import { smallest } from "./smallest.ts";

describe("the smallest part of a list", () => {
  it("is what the test needs, in its order", async () => {
    const all = Array.from({ length: 40 }, (_, index) => index);
    const needed = [3, 17, 31];
    const part = await smallest(all, async (some) => needed.every((item) => some.includes(item)));
    expect(part).toEqual(needed);
    expect(await smallest(all, async () => true)).toEqual([]);
  });
});

describe("the shortest story", { timeout: 120_000 }, () => {
  const pool = new Pool(1);
  afterAll(() => pool.close());

  it("breaks the same promise with little of what happened", async () => {
    const script = await bundleProduct(mutants.filter(({ name }) => name === "the last unit is sold twice"));
    const plan = planOf("1", 6);
    const result = await pool.run(script, { plan });
    const story = await shorten(pool, script, plan, result, 40);
    expect(result.violation).toBeDefined();
    expect(story.result.violation?.rule).toBe(result.violation?.rule);
    expect(story.result.steps).toBeLessThan(result.steps / 2);
  });
});
