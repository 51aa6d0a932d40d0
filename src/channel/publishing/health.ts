import type { GateMemory } from "./gate.ts";

/** How a channel has been doing, as far as a restart must not forget it. Written only when it changes. */
export interface Health {
  readonly gate: GateMemory;
  readonly lastFailure?: { readonly detail: string; readonly atMs: number } | undefined;
  /** See `ChannelStatusView`. */
  readonly unexplainedUnits?: number | undefined;
}
