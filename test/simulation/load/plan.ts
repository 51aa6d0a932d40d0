import type { Weather } from "../faults/faults.ts";
import type { Blow, Line, ShopPlan, Step } from "./steps.ts";

/** All that is to happen in a run: what is decided before it begins. */
export interface Plan {
  readonly seed: string;
  readonly hours: number;
  readonly skus: readonly string[];
  /** What kits are made of, one of each; they are not among the SKUs. */
  readonly kits: ReadonlyMap<string, readonly Line[]>;
  readonly shops: readonly ShopPlan[];
  readonly steps: readonly Step[];
  /** Times in ms since the run began. */
  readonly weather: readonly Weather[];
  readonly blows: readonly Blow[];
}
