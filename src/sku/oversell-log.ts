import { oversellsOf } from "../ledger/oversell-rows.ts";
import type { LedgerEntry } from "../protocol/queue.ts";
import { log } from "../telemetry/log.ts";

/** Logs each oversell that new entries of a SKU's ledger tell of. */
export function logOversells(sku: string, entries: readonly LedgerEntry[]): void {
  for (const entry of entries) {
    for (const { id, cause, units, channel, orderId } of oversellsOf(sku, entry))
      log("oversell.recorded", { id, sku, cause, units, channel, orderId });
  }
}
