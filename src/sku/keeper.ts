import { isNewer, type Position } from "../protocol/position.ts";
import type { LedgerEntry } from "../protocol/queue.ts";
import { hasLedger, type SkuState } from "../stock/state.ts";
import { beginRestoredLife } from "./restored-life.ts";
import { applyBatch, type BatchOutcome } from "./batch.ts";
import type { MutationRequest } from "./contract.ts";
import type { SkuStore } from "./store.ts";

/** A checkpoint costs a write as large as the state, so it waits for this many events, or more if many holds are open. */
const checkpointEvents = 64;

/** Old records are looked for no more often than this, and only when a checkpoint is written anyway. */
const pruneIntervalMs = 3_600_000;

/** What `load` found, or an unknown SKU at version 0. */
export interface Kept {
  readonly state: SkuState;
  /** The version that the snapshot has; 0 if there is none. */
  readonly checkpointVersion: number;
}

/** Keeps a SKU's state, in memory and stored. What is in memory changes only if the transaction holds. */
export class Keeper {
  readonly #store: SkuStore;
  readonly #transaction: <Result>(run: () => Result) => Result;
  readonly #checkpointEvents: number;
  #state: SkuState;
  #checkpointVersion: number;
  #prunedAtMs = 0;

  constructor(
    store: SkuStore,
    transaction: <Result>(run: () => Result) => Result,
    kept: Kept,
    eventsBetweenCheckpoints = checkpointEvents,
  ) {
    this.#store = store;
    this.#transaction = transaction;
    this.#checkpointEvents = eventsBetweenCheckpoints;
    this.#state = kept.state;
    this.#checkpointVersion = kept.checkpointVersion;
  }

  get state(): SkuState {
    return this.#state;
  }

  /**
   * Decides mutations in one transaction; if it throws, nothing happened. Records up to `confirmed` may be forgotten
   * when their time is over.
   */
  commit(
    requests: readonly MutationRequest[],
    nowMs: number,
    confirmed: Position,
  ): Omit<BatchOutcome, "state"> {
    const { outcome, isCheckpoint, isPruned } = this.#transaction(() => {
      const decided = applyBatch(this.#store, this.#state, requests, nowMs);
      const isNewLife = decided.state.epoch !== this.#state.epoch || this.#checkpointVersion === 0;
      const isDue = hasLedger(decided.state) && (isNewLife || this.#isCheckpointDue(decided.state));
      if (isDue) this.#store.checkpoint(decided.state);
      // A life that has just begun has nothing old; what is left of the one before goes with a later checkpoint.
      const isPruneDue = isDue && !isNewLife && nowMs >= this.#prunedAtMs + pruneIntervalMs;
      if (isPruneDue) this.#prune(decided.state, nowMs, confirmed);
      return { outcome: decided, isCheckpoint: isDue, isPruned: isPruneDue };
    });
    const { state, results, entries } = outcome;
    // What is stored by now need not be in memory too.
    const ended = isCheckpoint ? state.ended.clear() : state.ended;
    this.#state = { ...state, ended, orderLines: state.orderLines.clear() };
    if (isCheckpoint) this.#checkpointVersion = state.version;
    if (isPruned) this.#prunedAtMs = nowMs;
    return { results, entries };
  }

  /**
   * Begins a new life with the state there is, since what was said of later states is undone: each position given out so
   * far is older than the new ones. Everything the ledger still has goes out again, as nobody knows who has it.
   */
  restore(nowMs: number): readonly LedgerEntry[] {
    const { state, entries } = this.#transaction(() => {
      const restored = beginRestoredLife(this.#store, this.#state, nowMs);
      this.#store.checkpoint(restored.state);
      this.#store.saveConfirmed({ epoch: "", version: 0 });
      return restored;
    });
    this.#state = { ...state, ended: state.ended.clear() };
    this.#checkpointVersion = state.version;
    return entries;
  }

  #isCheckpointDue(state: SkuState): boolean {
    const eventsBetween = Math.max(this.#checkpointEvents, state.reservations.size / 8);
    return state.version - this.#checkpointVersion >= eventsBetween;
  }

  /** Nothing goes that is unconfirmed or not in the snapshot. A SKU that sleeps keeps its last few records. */
  #prune({ epoch, version }: SkuState, nowMs: number, confirmed: Position): void {
    this.#store.ledger.prune(nowMs, isNewer(confirmed, { epoch, version }) ? { epoch, version } : confirmed);
  }
}
