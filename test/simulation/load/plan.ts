import type { Weather } from "../faults/faults.ts";
import type { Blow, ShopPlan, Step } from "./steps.ts";

/** All that is to happen in a run: what is decided before it begins. */
export interface Plan {
  readonly seed: string;
  readonly hours: number;
  readonly skus: readonly string[];
  readonly shops: readonly ShopPlan[];
  readonly steps: readonly Step[];
  /** Times in ms since the run began. */
  readonly weather: readonly Weather[];
  readonly blows: readonly Blow[];
}
