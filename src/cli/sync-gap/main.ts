import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { generateStream, type OrderStream } from "../../lab/order-stream.ts";
import { renderCharts } from "../../lab/svg-chart.ts";
import { defaultRatePerSecond, reportOf, simulateDay } from "../../lab/sync-gap.ts";
import { syncGapCharts } from "../../lab/sync-gap-charts.ts";
import { differences, growthRows, summaryRows } from "../../lab/sync-gap-text.ts";
import type { SyncGapReport } from "../../protocol/sync-gap.ts";
import { LiveLines, progressBar, table } from "../terminal.ts";
import { toolClient } from "../tool-client.ts";
import { withEmbeddedService } from "../with-service.ts";
import { streamOfFile } from "./file-stream.ts";
import { runStockwire, type StockwireRun } from "./stockwire-run.ts";

const usage = `Usage: npm run sync-gap -- [FILE.csv] [options]

Sells one day of orders on several channels three times: under polling every 15 minutes and every minute, reckoned in
virtual time, and under Stockwire, run for real on a service started for it. docs/sync-gap.md says how to read it.

  FILE.csv                 real orders, as npm run replay takes them; without one a day is made up
  --seed <n>               of the day that is made up (1)
  --skus <n>               (300)
  --orders <n>             (600)
  --channels <n>           channels that sell (2)
  --sold-out-share <0..1>  share of the SKUs that run out (0.1)
  --rate <n>               calls a second that each channel takes from a poller (${defaultRatePerSecond})
  --seconds <n>            how long Stockwire's day may take (45)
  --virtual                leave Stockwire out
  --svg <file>             write the charts there
  --json <file>            write the report there
  --help                   this text`;

class UsageError extends Error {}

interface Options {
  readonly file: string | undefined;
  readonly seed: number;
  readonly skus: number;
  readonly orders: number;
  readonly channels: number;
  readonly soldOutShare: number;
  readonly rate: number;
  readonly seconds: number;
  readonly isVirtual: boolean;
  readonly svg: string | undefined;
  readonly json: string | undefined;
}

function parseOptions(): Options | undefined {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: text,
      skus: text,
      orders: text,
      channels: text,
      "sold-out-share": text,
      rate: text,
      seconds: text,
      virtual: flag,
      svg: text,
      json: text,
      help: flag,
    },
  });
  if (values.help) return undefined;
  if (positionals.length > 1) throw new UsageError("name one order file at most");
  const number = (name: string, given: string | undefined, standard: number, min: number, max: number) => {
    const value = given === undefined ? standard : Number(given);
    const isWhole = Number.isInteger(value) || name === "sold-out-share" || name === "rate";
    if (!(value >= min && value <= max && isWhole) || given?.trim() === "")
      throw new UsageError(`--${name} is a number from ${min} to ${max}, not ${given}`);
    return value;
  };
  return {
    file: positionals[0],
    seed: number("seed", values.seed, 1, 0, 4_294_967_295),
    skus: number("skus", values.skus, 300, 1, 20_000),
    orders: number("orders", values.orders, 600, 1, 50_000),
    channels: number("channels", values.channels, 2, 2, 10),
    soldOutShare: number("sold-out-share", values["sold-out-share"], 0.1, 0, 1),
    rate: number("rate", values.rate, defaultRatePerSecond, 0.01, 10_000),
    seconds: number("seconds", values.seconds, 45, 1, 3_600),
    isVirtual: values.virtual,
    svg: values.svg,
    json: values.json,
  };
}

async function main(): Promise<number> {
  const options = parseOptions();
  if (options === undefined) {
    console.log(usage);
    return 0;
  }
  const startedAtMs = performance.now();
  const stream = await streamOf(options);
  const source = options.file === undefined ? `made up, seed ${options.seed}` : basename(options.file);
  const virtual = simulateDay(source, stream, options.rate);
  const run = options.isVirtual ? undefined : await runForReal(stream, options.seconds);
  const report = reportOf(virtual, run?.result);
  if (options.svg !== undefined) await writeFile(options.svg, renderCharts(syncGapCharts(report)));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(render(report, run, (performance.now() - startedAtMs) / 1_000));
  return run !== undefined && run.mismatches > 0 ? 1 : 0;
}

async function streamOf(options: Options): Promise<OrderStream> {
  const { file, channels, soldOutShare, seed, skus, orders } = options;
  if (file !== undefined) return streamOfFile(await readFile(file, "utf8"), channels, soldOutShare);
  return generateStream({ seed, skus, orders, hours: 12, channels, soldOutShare });
}

async function runForReal(stream: OrderStream, seconds: number): Promise<StockwireRun> {
  const live = new LiveLines(process.stderr);
  const onProgress = (step: string, done: number, total: number) =>
    live.draw([progressBar(done, total, step)]);
  try {
    return await withEmbeddedService((service) =>
      runStockwire(stream, { client: toolClient(service), seconds, onProgress }),
    );
  } finally {
    live.clear();
  }
}

function render(report: SyncGapReport, run: StockwireRun | undefined, seconds: number): string {
  const { stream, ratePerSecond } = report;
  const day =
    `${stream.source}: ${stream.orders} orders, ${stream.lines} lines, ${stream.units} units of ${stream.skus} SKUs wanted ` +
    `on ${stream.channels} channels in ${stream.hours.toFixed(1)} h`;
  const polling = `Polling is reckoned in virtual time; each channel takes ${ratePerSecond} calls a second, one SKU a call.`;
  const measured =
    run === undefined
      ? []
      : [
          `Stockwire was run for real, the day ${run.speed.toFixed(0)} times faster than its clock: its latencies are real, and its ` +
            `oversells pessimistic, since ${run.speed.toFixed(0)} times as much is sold within a millisecond.`,
          `Its calls an hour are one for each change and channel; played so fast, ${run.sent.numbers} numbers went out in ` +
            `${run.sent.requests} requests.`,
          `${run.reads.count} reads as an agent (maxAge 30): the oldest answer was ${run.reads.oldestSeconds.toFixed(1)} s old.`,
          run.mismatches === 0
            ? "In the end stock, ledger and channels agreed on every SKU."
            : `FAILED: ${run.mismatches} numbers of stock, ledger and channels disagreed in the end.`,
        ];
  const differing = differences(report);
  return [
    day,
    table(summaryRows(report)),
    ...(differing.length > 0
      ? [`Measured otherwise than claimed:\n${differing.map((line) => `  ${line}`).join("\n")}`]
      : []),
    table(growthRows(report)),
    [polling, ...measured, `Took ${seconds.toFixed(0)} s.`].join("\n"),
  ].join("\n\n");
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  console.error(isUsage ? `${error.message}\n\n${usage}` : error);
  process.exitCode = isUsage ? 2 : 1;
}
