import { oversellsOf } from "../ledger/oversell-rows.ts";
import type { LedgerEntry } from "../protocol/queue.ts";
import { log } from "../telemetry/log.ts";
import { mutations, oversells, oversoldUnits, refusals } from "../telemetry/metrics.ts";
import type { MutationRequest, MutationResult } from "./contract.ts";

/** Counts what became of mutations, and counts and logs each oversell that their entries tell of. */
export function account(
  sku: string,
  requests: readonly MutationRequest[],
  results: readonly MutationResult[],
  entries: readonly LedgerEntry[],
): void {
  for (const [index, result] of results.entries()) {
    const type = requests[index]?.mutation.type ?? "";
    const outcome = outcomeOf(result);
    mutations.add({ type, outcome });
    if (outcome === "refused" && result.outcome === "refused")
      refusals.add({ type, problem: result.refusal.code });
  }
  for (const entry of entries) {
    for (const { id, cause, units, channel, orderId } of oversellsOf(sku, entry)) {
      oversells.add({ cause });
      oversoldUnits.add({ cause }, units);
      log("oversell.recorded", { id, sku, cause, units, channel, orderId });
    }
  }
}

function outcomeOf(result: MutationResult): "done" | "unchanged" | "replayed" | "refused" {
  if (result.replayed) return "replayed";
  if (result.outcome === "refused") return "refused";
  return result.event === undefined ? "unchanged" : "done";
}
