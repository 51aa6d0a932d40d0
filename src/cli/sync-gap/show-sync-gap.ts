import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { generateStream, type OrderStream } from "../../lab/order-stream.ts";
import { renderCharts } from "../../lab/svg-chart.ts";
import { reportOf, simulateDay } from "../../lab/sync-gap.ts";
import { syncGapCharts } from "../../lab/sync-gap-charts.ts";
import { claimRows } from "../../lab/sync-gap-claims.ts";
import { growthRows, summaryRows } from "../../lab/sync-gap-text.ts";
import type { SyncGapReport } from "../../protocol/sync-gap.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { LiveLines, progressBar, table } from "../terminal.ts";
import { toolClient } from "../tool-client.ts";
import { withEmbeddedService } from "../with-service.ts";
import { streamOfFile } from "./file-stream.ts";
import type { SyncGapOptions } from "./options.ts";
import { runStockwire, type StockwireRun } from "./stockwire-run.ts";

/** Sells the day in every way and prints what came of it. Fails if stock, ledger and channels do not agree in the end. */
export async function showSyncGap(
  file: string | undefined,
  options: SyncGapOptions,
  io: Io,
): Promise<ExitCode> {
  const startedAtMs = performance.now();
  const stream = await streamOf(file, options);
  const source = file === undefined ? `made up, seed ${options.seed}` : basename(file);
  const virtual = simulateDay(source, stream, options.rate);
  const run = options.virtual === true ? undefined : await runForReal(stream, options.seconds, io);
  const report = reportOf(virtual, run?.result);
  if (options.svg !== undefined) await writeFile(options.svg, renderCharts(syncGapCharts(report)));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  io.out(render(report, run, (performance.now() - startedAtMs) / 1_000));
  return run !== undefined && run.mismatches > 0 ? exitCodes.failed : exitCodes.done;
}

async function streamOf(file: string | undefined, options: SyncGapOptions): Promise<OrderStream> {
  const { channels, soldOutShare } = options;
  if (file !== undefined) return streamOfFile(await readFile(file, "utf8"), channels, soldOutShare);
  return generateStream(options);
}

async function runForReal(stream: OrderStream, seconds: number, io: Io): Promise<StockwireRun> {
  const live = new LiveLines(io.screen);
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
  return [
    day,
    table(summaryRows(report)),
    `The argument about polling, beside what came out:\n${table(claimRows(report), "left")}`,
    table(growthRows(report)),
    [polling, ...measured, `Took ${seconds.toFixed(0)} s.`].join("\n"),
  ].join("\n\n");
}
