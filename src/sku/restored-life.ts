import type { LedgerEntry } from "../protocol/queue.ts";
import { evolve } from "../stock/evolve.ts";
import { restoredEvents } from "../stock/restore.ts";
import { type SkuState, unknownSku } from "../stock/state.ts";
import { epochAfter, epochAt } from "./epoch.ts";
import type { SkuStore } from "./store.ts";

/** Whether a life began before the service was restored, so that its positions may stand for something else by now. */
export function isBefore({ epoch }: SkuState, restoredAtMs: number): boolean {
  return epoch < epochAt(restoredAtMs);
}

/** Writes the entries that begin a new life with a state. Orders, ended reservations and keys stay what they were. */
export function beginRestoredLife(
  store: SkuStore,
  before: SkuState,
  nowMs: number,
): { readonly state: SkuState; readonly entries: readonly LedgerEntry[] } {
  const { sku, ended, orderLines, homes } = before;
  const epoch = epochAfter(before.epoch, nowMs);
  let state: SkuState = { ...unknownSku(sku, epoch, homes), ended, orderLines };
  const entries: LedgerEntry[] = [];
  for (const event of restoredEvents(before, nowMs)) {
    state = evolve(state, event);
    const entry = { position: { epoch, version: state.version }, event };
    store.ledger.append(entry);
    entries.push(entry);
  }
  return { state, entries };
}
