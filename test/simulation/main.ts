import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { bundleProduct } from "./code/bundle.ts";
import { Pool } from "./jobs/pool.ts";
import { huntAll } from "./mutants/hunt.ts";
import { type Mutant, mutants } from "./mutants/list.ts";
import { runSeeds, tellFailure } from "./runs.ts";

const usage = `npm run simulate -- [--seed N] [--seeds COUNT] [--hours H] [--story] [--mutants] [--mutant NAME]

Runs the whole service in virtual time on a simulated platform that fails in every way it can, and checks what it
promises. The same seed gives the same history, byte for byte.

  --seed N       the first seed (default 1)
  --seeds COUNT  how many seeds (default 1; with --mutants 200, the most that a mutant may survive)
  --hours H      virtual hours of each (default 24)
  --jobs J       how many run at once (default: as many as there are processors)
  --story        print what happened, also if all went well
  --mutants      plant one bug after the other into the product; all must be found
  --mutant NAME  plant this one bug, and run seeds until it is found`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string" },
    hours: { type: "string", default: "24" },
    jobs: { type: "string", default: String(availableParallelism()) },
    story: { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
    mutant: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(usage);
else process.exitCode = (await run()) ? 0 : 1;

async function run(): Promise<boolean> {
  const planted = values.mutant === undefined ? undefined : mutantNamed(values.mutant);
  const first = whole(values.seed, "--seed");
  const isHunt = values.mutants || planted !== undefined;
  const count = whole(values.seeds ?? (isHunt ? "200" : "1"), "--seeds");
  const hours = whole(values.hours, "--hours");
  const pool = new Pool(Math.max(1, whole(values.jobs, "--jobs")));
  try {
    if (values.mutants) return await huntAll(pool, mutants, { first, seedsMax: count, hours });
    const script = await bundleProduct(planted === undefined ? [] : [planted]);
    const failure = await runSeeds(pool, script, { first, count, hours, tellsStory: values.story });
    if (failure === undefined) return true;
    await tellFailure(pool, script, failure, hours);
    const mutant = planted === undefined ? "" : ` --mutant "${planted.name}"`;
    console.log(`\nall of it: npm run simulate -- --seed ${failure.seed} --hours ${hours}${mutant} --story`);
    return false;
  } finally {
    await pool.close();
  }
}

function mutantNamed(name: string): Mutant {
  const mutant = mutants.find((one) => one.name === name);
  if (mutant !== undefined) return mutant;
  const names = mutants.map((one) => `  ${one.name}`).join("\n");
  throw new Error(`no mutant is called "${name}"; there are\n${names}`);
}

function whole(text: string, name: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} takes a whole number\n\n${usage}`);
  return Number(text);
}
