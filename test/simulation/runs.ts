import type { Realm } from "./code/realm.ts";
import type { Line } from "./kernel/trace.ts";
import { planOf } from "./load/planner.ts";
import { type RunOptions, type RunResult, runPlan, startMs } from "./world.ts";

export interface SeedsOptions {
  readonly first: number;
  readonly count: number;
  readonly hours: number;
  readonly tellsStory: boolean;
}

/** Runs seeds one after the other, until one breaks a promise. False then. */
export async function runSeeds(realm: Realm, options: SeedsOptions): Promise<boolean> {
  const { first, count, hours, tellsStory } = options;
  const beganAtMs = performance.now();
  const sums = { steps: 0, faults: 0 };
  for (let seed = first; seed < first + count; seed += 1) {
    const plan = planOf(String(seed), hours);
    const result = await runApart({ realm, plan, keepsLines: tellsStory });
    sums.steps += result.steps;
    sums.faults += result.faults.length;
    if (tellsStory) for (const line of result.lines) console.log(inWords(line));
    if (result.violation !== undefined) {
      const { rule, detail, atMs } = result.violation;
      console.log(`seed ${seed}, ${hours} hours: broken promise "${rule}" at ${clock(atMs)}\n  ${detail}`);
      console.log(`repeat it: npm run simulate -- --seed ${seed} --hours ${hours} --story`);
      return false;
    }
  }
  const seconds = ((performance.now() - beganAtMs) / 1_000).toFixed(1);
  console.log(
    `${count} seeds from ${first} on, ${hours} virtual hours each: all promises kept ` +
      `(${sums.steps} requests, ${sums.faults} faults, ${seconds} s)`,
  );
  return true;
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

function inWords({ atMs, text }: Line): string {
  return `${clock(atMs)}  ${text}`;
}

/** Virtual time since the run began. */
function clock(atMs: number): string {
  const ms = atMs - startMs;
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1_000) % 60].map(Math.floor);
  const digits = (value: number | undefined, length: number) => String(value).padStart(length, "0");
  return `${digits(hours, 2)}:${digits(minutes, 2)}:${digits(seconds, 2)}.${digits(Math.floor(ms % 1_000), 3)}`;
}
