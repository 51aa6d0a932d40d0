import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chaos } from "./chaos.ts";
import { isGood, renderReport } from "./report.ts";

const usage = `npm run chaos -- [--kills N] [--rate N] [--skus N] [--seed TEXT] [--json]

Runs the real service (npm start) under load over HTTP and sockets, kills its whole process tree with SIGKILL at random
times, starts it again on its data, and lets channels fail and recover. Then all that anybody asked, was answered and was
told is checked against the ledger. Ends with 1 if something is found; docs/chaos.md says what can be.

  --kills N      how often it is killed (20)
  --rate N       mutations offered in a second (400)
  --skus N       SKUs (100)
  --seed TEXT    what decides kills, failures and wishes; how threads race is not in it (the time)
  --json         the report as JSON`;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    rate: { type: "string", default: "400" },
    skus: { type: "string", default: "100" },
    seed: { type: "string", default: String(Date.now()) },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  const { seed, json } = values;
  const logDir = await mkdtemp(join(tmpdir(), "stockwire-chaos-"));
  console.error(`seed ${seed}; what the service says is in ${join(logDir, "service.log")}`);
  const report = await chaos({
    seed,
    kills: whole(values.kills, "--kills"),
    rate: whole(values.rate, "--rate"),
    skus: whole(values.skus, "--skus"),
    lifeMs: { least: 2_000, most: 6_000 },
    logDir,
    onProgress: (line) => console.error(line),
  });
  console.log(json ? JSON.stringify(report) : renderReport(report));
  process.exitCode = isGood(report) ? 0 : 1;
}

function whole(text: string, name: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${name} takes a whole number\n\n${usage}`);
  return Number(text);
}
