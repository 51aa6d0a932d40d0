import { parseArgs } from "node:util";
import { bundleProduct } from "./code/bundle.ts";
import { loadRealm } from "./code/realm.ts";
import { runSeeds } from "./runs.ts";

const usage = `npm run simulate -- [--seed N] [--seeds COUNT] [--hours H] [--story]

Runs the whole service in virtual time on a simulated platform that fails in every way it can, and checks what it
promises. The same seed gives the same history, byte for byte.

  --seed N       the first seed (default 1)
  --seeds COUNT  how many seeds, one after the other (default 1)
  --hours H      virtual hours of each (default 24)
  --story        print what happened, also if all went well`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    hours: { type: "string", default: "24" },
    story: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  const realm = loadRealm(await bundleProduct());
  const { seed, seeds, hours, story } = values;
  const isOk = await runSeeds(realm, {
    first: whole(seed, "--seed"),
    count: whole(seeds, "--seeds"),
    hours: whole(hours, "--hours"),
    tellsStory: story,
  });
  process.exitCode = isOk ? 0 : 1;
}

function whole(text: string, name: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} takes a whole number\n\n${usage}`);
  return Number(text);
}
