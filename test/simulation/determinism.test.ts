import { describe, expect, it } from "vitest";
import { bundleProduct } from "./code/bundle.ts";
import { loadRealm } from "./code/realm.ts";
import { planOf } from "./load/planner.ts";
import { runApart } from "./runs.ts";

describe("the simulator", { timeout: 120_000 }, () => {
  it("makes the same history of the same seed, byte for byte, whatever ran before", async () => {
    const script = await bundleProduct();
    const realm = loadRealm(script);
    const run = (seed: string) => runApart({ realm, plan: planOf(seed, 6), keepsLines: true });
    const first = await run("7");
    expect(first.steps).toBeGreaterThan(20);
    expect((await run("8")).digest).not.toBe(first.digest);
    expect(await run("7")).toEqual(first);
    const elsewhere = await runApart({ realm: loadRealm(script), plan: planOf("7", 6) });
    expect(elsewhere.digest).toBe(first.digest);
  });
});
