import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "../code/bundle.ts";
import { patched } from "../code/patches.ts";
import { Pool } from "../jobs/pool.ts";
import { hunt } from "./hunt.ts";
import { mutants } from "./list.ts";

describe("planted bugs", { timeout: 120_000 }, () => {
  const pool = new Pool(1);
  afterAll(() => pool.close());

  it.each(mutants)("$name: stands where it is planted", async (mutant) => {
    const source = await readFile(join(root, mutant.file), "utf8");
    expect(patched(mutant.file, source, [mutant])).not.toBe(source);
  });

  it.each(["the last unit is sold twice", "no idempotency"])("%s: is found", async (name) => {
    const mutant = mutants.find((one) => one.name === name);
    if (mutant === undefined) throw new Error(`no mutant is called ${name}`);
    const fate = await hunt(pool, mutant, { first: 1, seedsMax: 5, hours: 24 });
    expect(fate).toMatchObject({ outcome: "found" });
  });

  it("are not called found if their text is gone", async () => {
    const gone = { name: "gone", file: "src/sku/batch.ts", find: "no such text", replace: "" };
    const fate = await hunt(pool, gone, { first: 1, seedsMax: 1, hours: 24 });
    expect(fate).toMatchObject({ outcome: "does not fit" });
  });
});
