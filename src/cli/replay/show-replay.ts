import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { LiveLines, progressBar } from "../terminal.ts";
import { withEmbeddedService } from "../with-service.ts";
import type { ReplayOptions } from "./options.ts";
import { type OnProgress, replay } from "./replay.ts";
import { failuresOf, renderReport, type ReplayReport } from "./report.ts";

const redrawMs = 50;

/** Replays and prints the report. Fails if stock, ledger and channels do not agree in the end. */
export async function showReplay(options: ReplayOptions): Promise<ExitCode> {
  // On stderr, so that a report written to a file or a pipe is nothing but the report.
  const live = new LiveLines(process.stderr);
  let drawnAtMs = 0;
  const onProgress: OnProgress = (step, done, total) => {
    const nowMs = performance.now();
    if (done < total && nowMs - drawnAtMs < redrawMs) return;
    drawnAtMs = nowMs;
    live.draw([progressBar(done, total, step)]);
  };
  try {
    const report = await run(options, onProgress);
    live.clear();
    console.log(options.json ? toJson(report) : renderReport(report));
    return failuresOf(report).length === 0 ? exitCodes.done : exitCodes.failed;
  } catch (error) {
    live.clear();
    throw error;
  }
}

function run(options: ReplayOptions, onProgress: OnProgress): Promise<ReplayReport> {
  if (options.service !== "embedded") return replay(options, options.service, onProgress);
  const { keepAwake } = options;
  return withEmbeddedService((service) => replay(options, service, onProgress), { keepAwake });
}

function toJson(report: ReplayReport): string {
  const { day, ...rest } = report;
  const { invoicesInFile, rows, notStock, unclear, caseVariants } = day;
  const summary = { invoicesInFile, rows, notStock: Object.fromEntries(notStock), unclear, caseVariants };
  return JSON.stringify({ day: summary, ...rest, failures: failuresOf(report) }, undefined, 2);
}
