import { bundleProduct } from "../code/bundle.ts";
import type { Violation } from "../check/violation.ts";
import { clock } from "../kernel/clock.ts";
import { inLanes } from "../jobs/lanes.ts";
import type { Pool } from "../jobs/pool.ts";
import { planOf } from "../load/planner.ts";
import { startMs } from "../world.ts";
import type { Mutant } from "./list.ts";

export interface HuntOptions {
  readonly first: number;
  /** Seeds that a mutant may survive at most. */
  readonly seedsMax: number;
  readonly hours: number;
}

/** What became of a mutant. */
export type Fate = { readonly mutant: Mutant } & (
  | { readonly outcome: "found"; readonly seed: number; readonly violation: Violation }
  | { readonly outcome: "survived" }
  | { readonly outcome: "does not fit"; readonly why: string }
);

/** Runs seed after seed with a bug in the product, until a promise is broken. */
export async function hunt(pool: Pool, mutant: Mutant, options: HuntOptions): Promise<Fate> {
  const { first, seedsMax, hours } = options;
  let script: string;
  try {
    script = await bundleProduct([mutant]);
  } catch (error) {
    return { mutant, outcome: "does not fit", why: error instanceof Error ? error.message : String(error) };
  }
  for (let seed = first; seed < first + seedsMax; seed += 1) {
    const { violation } = await pool.run(script, { plan: planOf(String(seed), hours) });
    if (violation !== undefined) return { mutant, outcome: "found", seed, violation };
  }
  return { mutant, outcome: "survived" };
}

/** Hunts mutants and tells of each as soon as its fate is known. True if all were found. */
export async function huntAll(
  pool: Pool,
  mutants: readonly Mutant[],
  options: HuntOptions,
): Promise<boolean> {
  const beganAtMs = performance.now();
  console.log(row("mutant", "file", "broken promise", "seed", "after"));
  let found = 0;
  await inLanes(mutants, pool.size, async (mutant) => {
    const fate = await hunt(pool, mutant, options);
    if (fate.outcome === "found") found += 1;
    console.log(inWords(fate, options));
  });
  const seconds = ((performance.now() - beganAtMs) / 1_000).toFixed(1);
  console.log(`${found} of ${mutants.length} mutants found (${seconds} s)`);
  return found === mutants.length;
}

function inWords(fate: Fate, { seedsMax }: HuntOptions): string {
  const { name, file } = fate.mutant;
  switch (fate.outcome) {
    case "found": {
      const { rule, atMs } = fate.violation;
      return row(name, file, rule, String(fate.seed), clock(atMs - startMs).slice(0, 8));
    }
    case "survived":
      return row(name, file, `NOT FOUND in ${seedsMax} seeds`, "", "");
    case "does not fit":
      return row(name, file, `DOES NOT FIT: ${fate.why}`, "", "");
    default:
      throw new Error(`a fate nobody knows: ${String(fate satisfies never)}`);
  }
}

function row(mutant: string, file: string, promise: string, seed: string, after: string): string {
  return `${mutant.padEnd(52)} ${file.padEnd(40)} ${promise.padEnd(46)} ${seed.padStart(4)}  ${after}`.trimEnd();
}
