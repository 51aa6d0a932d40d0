import type { Pool, PoolRun } from "../jobs/pool.ts";
import type { Plan } from "../load/plan.ts";
import type { Blow, ShopPlan, Step } from "../load/steps.ts";
import type { RunResult } from "../world.ts";
import { startMs } from "../world.ts";
import { smallest } from "./smallest.ts";

/** Runs that are spent on one story; what is found by then is told. */
const runsUsual = 600;

/** A run that breaks a promise, and what is left of the plan it came from. */
export interface Story {
  readonly plan: Plan;
  readonly result: RunResult;
  /** Runs it took to find. */
  readonly runs: number;
}

/**
 * The shortest story of a broken promise that can be found: leaves out steps, shops, faults and blows as long as the same
 * promise is broken. Deterministic, as every run is.
 */
export async function shorten(
  pool: Pool,
  script: string,
  plan: Plan,
  first: RunResult,
  runsMax = runsUsual,
): Promise<Story> {
  const search = new Search(pool, script, plan, first, runsMax);
  await search.run();
  return search.story();
}

class Search {
  readonly #pool: Pool;
  readonly #script: string;
  readonly #rule: string | undefined;
  #plan: Plan;
  #faults: readonly string[];
  #result: RunResult;
  readonly #runsMax: number;
  #runs = 0;

  constructor(pool: Pool, script: string, plan: Plan, result: RunResult, runsMax: number) {
    this.#pool = pool;
    this.#script = script;
    this.#rule = result.violation?.rule;
    this.#plan = plan;
    this.#faults = result.faults;
    this.#result = result;
    this.#runsMax = runsMax;
  }

  async run(): Promise<void> {
    await this.#leaveOutWhatCameLater();
    await this.#faultsOf((faults) => faults);
    for (let before = Number.POSITIVE_INFINITY; this.#size < before && this.#runs < this.#runsMax;) {
      before = this.#size;
      await this.#part<Step>(this.#plan.steps, (steps) => ({ ...this.#plan, steps }));
      await this.#part<ShopPlan>(this.#plan.shops, (shops) => ({ ...this.#plan, shops }));
      await this.#part<Blow>(this.#plan.blows, (blows) => ({ ...this.#plan, blows }));
      await this.#faultsOf((faults) => faults);
    }
    for (const { id } of this.#plan.steps) await this.#simplify(id);
  }

  /** The story, with its lines. */
  async story(): Promise<Story> {
    const result = await this.#pool.run(this.#script, {
      ...this.#options(this.#plan, this.#faults),
      keepsLines: true,
    });
    return { plan: this.#plan, result, runs: this.#runs };
  }

  get #size(): number {
    const { steps, shops, blows } = this.#plan;
    return steps.length + shops.length + blows.length + this.#faults.length;
  }

  async #leaveOutWhatCameLater(): Promise<void> {
    const atMs = (this.#result.violation?.atMs ?? 0) - startMs;
    const until = <Item extends { readonly atMs: number }>(items: readonly Item[]) =>
      items.filter((item) => item.atMs <= atMs);
    const { steps, blows, hours } = this.#plan;
    await this.#holds({ ...this.#plan, steps: until(steps), blows: until(blows) }, this.#faults);
    const lastMs = Math.max(0, ...steps.map((step) => step.atMs));
    const fewer = Math.ceil(Math.min(atMs, lastMs) / 3_600_000);
    if (fewer < hours) await this.#holds({ ...this.#plan, hours: fewer }, this.#faults);
  }

  async #part<Item>(items: readonly Item[], planOf: (items: readonly Item[]) => Plan): Promise<void> {
    await smallest(items, (some) => this.#holds(planOf(some), this.#faults));
  }

  async #faultsOf(some: (faults: readonly string[]) => readonly string[]): Promise<void> {
    await smallest(some(this.#faults), (faults) => this.#holds(this.#plan, faults));
  }

  /** Without repetitions of a step, if it goes without. */
  async #simplify(id: number): Promise<void> {
    const steps = this.#plan.steps.map((step) => {
      if (step.id !== id) return step;
      const { echoAfterMs: _, ...rest } = step;
      return { ...rest, patience: 0 };
    });
    await this.#holds({ ...this.#plan, steps }, this.#faults);
  }

  /** Whether the promise is still broken; if it is, the story goes on from there. */
  async #holds(plan: Plan, faults: readonly string[]): Promise<boolean> {
    if (this.#runs >= this.#runsMax) return false;
    this.#runs += 1;
    const result = await this.#pool.run(this.#script, this.#options(plan, faults));
    if (result.violation?.rule !== this.#rule) return false;
    this.#plan = plan;
    // Of those that may happen, only these did.
    this.#faults = result.faults;
    this.#result = result;
    return true;
  }

  #options(plan: Plan, faults: readonly string[]): PoolRun {
    return { plan, onlyFaults: new Set(faults) };
  }
}
