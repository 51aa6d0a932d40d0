import { inLanes } from "./jobs/lanes.ts";
import type { Pool } from "./jobs/pool.ts";
import { clock } from "./kernel/clock.ts";
import type { Line } from "./kernel/trace.ts";
import { planOf } from "./load/planner.ts";
import { shorten } from "./shorten/shorten.ts";
import { type RunOptions, type RunResult, runPlan, startMs } from "./world.ts";

/** Lines of a story that are printed, from its end back. */
const linesMax = 120;
/** Characters of a line that are printed: answers are long, and most of what they say is not news. */
const lineLengthMax = 200;

export interface SeedsOptions {
  readonly first: number;
  readonly count: number;
  readonly hours: number;
  readonly tellsStory: boolean;
}

/** A seed that broke a promise. */
export interface Failure {
  readonly seed: number;
  readonly result: RunResult;
}

/**
 * Runs seeds, as many at once as there are threads, until one breaks a promise: answers the first one that does,
 * whatever ended first.
 */
export async function runSeeds(
  pool: Pool,
  script: string,
  options: SeedsOptions,
): Promise<Failure | undefined> {
  const { first, count, hours, tellsStory } = options;
  const beganAtMs = performance.now();
  const sums = { steps: 0, faults: 0 };
  const failures: Failure[] = [];
  // Stories are told one after the other.
  await inLanes(seedsUntil(options, failures), tellsStory ? 1 : pool.size, async (seed) => {
    const result = await pool.run(script, { plan: planOf(String(seed), hours), keepsLines: tellsStory });
    sums.steps += result.steps;
    sums.faults += result.faults.length;
    for (const line of result.lines) console.log(inWords(line));
    if (result.violation !== undefined) failures.push({ seed, result });
  });
  const [failure] = failures.toSorted((a, b) => a.seed - b.seed);
  if (failure !== undefined) return failure;
  const seconds = ((performance.now() - beganAtMs) / 1_000).toFixed(1);
  console.log(
    `${count} seeds from ${first} on, ${hours} virtual hours each: all promises kept ` +
      `(${sums.steps} requests, ${sums.faults} faults, ${seconds} s)`,
  );
  return undefined;
}

function* seedsUntil({ first, count }: SeedsOptions, failures: readonly Failure[]): Iterable<number> {
  for (let seed = first; seed < first + count && failures.length === 0; seed += 1) yield seed;
}

/** Runs a plan in a macrotask of its own, as it must be. */
export function runApart(options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(runPlan(options));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** What a person reads of a failure: the promise, and the shortest story that breaks it. */
export async function tellFailure(
  pool: Pool,
  script: string,
  { seed, result }: Failure,
  hours: number,
): Promise<void> {
  if (result.violation === undefined) return;
  const { rule, detail, atMs } = result.violation;
  console.log(
    `seed ${seed}, ${hours} hours: broken promise "${rule}" at ${clock(atMs - startMs)}\n  ${detail}`,
  );
  const plan = planOf(String(seed), hours);
  const story = await shorten(pool, script, plan, result);
  const { steps, faults, violation } = story.result;
  console.log(
    `\nthe shortest story of it found in ${story.runs} runs: ${steps} of ${result.steps} requests, ` +
      `${faults.length} of ${result.faults.length} faults`,
  );
  const lines = story.result.lines.filter(({ weight }) => weight === "story");
  if (lines.length > linesMax) console.log(`  (${lines.length - linesMax} lines before)`);
  for (const line of lines.slice(-linesMax)) console.log(`  ${cut(inWords(line))}`);
  if (violation !== undefined)
    console.log(`  ${clock(violation.atMs - startMs)}  ${rule}\n  ${violation.detail}`);
}

function inWords({ atMs, text }: Line): string {
  return `${clock(atMs - startMs)}  ${text}`;
}

function cut(text: string): string {
  return text.length <= lineLengthMax ? text : `${text.slice(0, lineLengthMax)} ...`;
}
