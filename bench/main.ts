import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { stopAll } from "../e2e/lib/programs.ts";
import { type Catalogue, catalogueOf, catalogueTable } from "./catalogue.ts";
import {
  type Correctness,
  correctnessOf,
  correctnessTable,
  type CrashLoss,
  crashLossOf,
} from "./correctness.ts";
import { latencyAtHalfLoad, latencyTable } from "./latency.ts";
import { type Answer, type Call, load } from "./load.ts";
import { type Memory, memoryOf, memoryTable } from "./memory.ts";
import { type Measured, type Row, rowsOf, table } from "./report.ts";
import { hot, rush, scenarios, skus } from "./scenarios.ts";
import { startFloor } from "./targets/floor.ts";
import { startMedusaPeer } from "./targets/medusa.ts";
import { startPostgresPeer } from "./targets/postgres.ts";
import { startRedisPeer } from "./targets/redis.ts";
import { startStockwire } from "./targets/stockwire.ts";
import type { Target } from "./targets/target.ts";

/** What is measured beside the scenarios. */
const others = ["correctness", "latency", "catalogue", "memory"];
const everything = [...scenarios.map(({ name }) => name), ...others].join(",");

const usage = `Usage: npm run bench -- [options]

  --only <names>       of ${everything} (default all)
  --minutes <number>   how long memory is watched, after as long to warm up (default 10)
  --peers <names>      of postgres, redis, medusa, or none (default postgres,redis); they come from Debian and npm
  --rounds <number>    each target once a round, in turn (default 3)
  --seconds <number>   length of one measurement (default 5)
  --connections <n>    how many calls are under way at once (default 32)
  --json <file>        writes every table and measurement there
  --help               this text

All processes share the machine: run it alone. Rates are compared within a round only.`;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: everything },
    minutes: { type: "string", default: "10" },
    peers: { type: "string", default: "postgres,redis" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "5" },
    connections: { type: "string", default: "32" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const wanted = new Set(values.only.split(","));
const peers = new Set(values.peers.split(","));
const connections = Number(values.connections);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const run = crypto.randomUUID().slice(0, 8);
/** What rates are given as a share of. */
const against = [
  "floor-noop",
  "floor-row",
  "floor-record",
  "postgres-transaction-4",
  "postgres-function-4",
  "medusa",
];

process.once("SIGINT", () => void stopAll().finally(() => process.exit(130)));

const targets: Target[] = [];
try {
  targets.push(...(await startFloor()), await startStockwire());
  if (peers.has("postgres")) {
    // Its best pool on two cores, of 2, 4, 8 and 20: more connections than that wait for the same row's lock.
    targets.push(await startPostgresPeer("transaction", 4), await startPostgresPeer("function", 4));
  }
  if (peers.has("redis")) targets.push(await startRedisPeer());
  if (peers.has("medusa")) targets.push(await startMedusaPeer([hot, rush]));

  const measured: Measured[] = [];
  const tables: { scenario: string; title: string; rows: Row[] }[] = [];
  for (const scenario of scenarios.filter(({ name }) => wanted.has(name))) {
    for (let round = 1; round <= rounds; round += 1) {
      for (const target of targets) {
        const callOf = scenario.callOf(target, `${run}-${scenario.name}-${round}`);
        if (callOf === undefined || (target.name === "medusa" && scenario.name !== "hot")) continue;
        if (round === 1) await target.stock(target.name === "medusa" ? [hot] : skus, 100_000_000);
        if (round === 1) await scenario.prepare?.(target);
        await load(target.url, (index) => callOf(index + 10_000_000), { connections, seconds: 1 });
        const { name, title, unitsPerCall, undoneIn } = scenario;
        let undone = 0;
        const answered = (_call: Call, { body }: Answer) => (undone += undoneIn?.(body) ?? 0);
        const result = await load(target.url, callOf, { connections, seconds, answered });
        const unitsPerSecond = result.perSecond * unitsPerCall;
        measured.push({
          scenario: name,
          title,
          target: target.name,
          round,
          unitsPerSecond,
          undone,
          load: result,
        });
      }
    }
    const own = measured.filter(({ scenario: name }) => name === scenario.name);
    const rows = rowsOf(own, against);
    tables.push({ scenario: scenario.name, title: scenario.title, rows });
    console.log(table(scenario.title, rows, against));
  }

  const [noop, ...otherFloors] = targets.filter(({ name }) => name.startsWith("floor-"));
  const stockwire = targets.find(({ name }) => name === "stockwire");
  if (noop === undefined || stockwire === undefined) throw new Error("no target");
  const correct: (Correctness | undefined)[] = [];
  const crashed: (CrashLoss | undefined)[] = [];
  if (wanted.has("correctness")) {
    for (const target of targets) correct.push(await correctnessOf(target, run));
    for (const target of targets) crashed.push(await crashLossOf(target, run));
    console.log(correctnessTable(correct, crashed));
  }
  const latency = wanted.has("latency")
    ? await latencyAtHalfLoad(stockwire, [noop, ...otherFloors], { run, seconds, rounds })
    : undefined;
  if (latency !== undefined) console.log(latencyTable(latency));
  const minutes = Number(values.minutes);
  let catalogue: Catalogue | undefined;
  let memory: Memory | undefined;
  if (wanted.has("catalogue") || wanted.has("memory")) {
    // As everybody runs it: to keep so many SKUs open takes more files than most processes may have.
    const asUsual = await startStockwire("stockwire-as-usual", []);
    targets.push(asUsual);
    if (wanted.has("catalogue")) {
      const floors = await startFloor([]);
      const writing = floors.filter(({ name }) => name !== noop.name);
      catalogue = await catalogueOf(asUsual, writing, run);
      for (const floor of floors) await floor.stop();
      console.log(catalogueTable(catalogue));
    }
    if (wanted.has("memory")) {
      await asUsual.stock(skus, 100_000_000);
      memory = await memoryOf(asUsual, run, minutes);
      console.log(memoryTable(memory, minutes));
    }
  }
  console.log("\n", targets.map(({ name, about }) => `${name}: ${about}`).join("\n "));
  if (values.json !== undefined) {
    await writeFile(
      values.json,
      `${JSON.stringify({ tables, measured, correct, crashed, latency, catalogue, memory }, undefined, 2)}\n`,
    );
  }
} finally {
  for (const target of targets.toReversed()) await target.stop();
  await stopAll();
}
