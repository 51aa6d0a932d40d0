import type { External } from "../../protocol/channel.ts";
import type { DriftEntry, OpenDrift } from "../../protocol/reconciliation.ts";

/** A listing of which the channel shows something else than it was told. */
export interface DriftRecord extends DriftEntry {
  readonly sku: string;
  readonly sinceMs: number;
  /** Since when the channel shows this very number. */
  readonly sameSinceMs: number;
  readonly seenAtMs: number;
  /** Runs in a row that corrected it. */
  readonly correctedInARow: number;
}

/** A number that a channel told by itself, and that nothing we know of explains. */
export interface NotedLevel {
  readonly sku: string;
  readonly external?: External | undefined;
  readonly ours?: number | undefined;
  readonly theirs: number;
}

/** Where open drift is kept, one row for each listing. */
export interface DriftRows {
  drift(skus: readonly string[]): Map<string, DriftRecord>;
  putDrift(record: DriftRecord): void;
  removeDrift(sku: string): void;
  removeDriftSeenBefore(atMs: number): void;
  driftCount(): number;
  driftFirst(limit: number): DriftRecord[];
}

/** What is open: drift that the last look did not end. */
export class DriftLog {
  readonly #store: DriftRows;

  constructor(store: DriftRows) {
    this.#store = store;
  }

  /** The channel told of a number by itself. It counts as drift until a run compares it. */
  note({ sku, external, ours, theirs }: NotedLevel, nowMs: number): void {
    const reason = "the channel says that it shows this number now; the next run compares it";
    const entry: DriftEntry = { sku, class: "edited_there", theirs, action: "none", reason };
    const named = {
      ...entry,
      ...(external !== undefined && { external }),
      ...(ours !== undefined && { ours }),
    };
    this.open(sku, named, this.find([sku]).get(sku), nowMs);
  }

  find(skus: readonly string[]): Map<string, DriftRecord> {
    return this.#store.drift(skus);
  }

  /** A look found this; `before` is what is open of it. */
  open(sku: string, entry: DriftEntry, before: DriftRecord | undefined, nowMs: number): void {
    this.#store.putDrift({
      ...entry,
      sku,
      sinceMs: before?.sinceMs ?? nowMs,
      sameSinceMs: before !== undefined && before.theirs === entry.theirs ? before.sameSinceMs : nowMs,
      seenAtMs: nowMs,
      correctedInARow: (before?.correctedInARow ?? 0) + (entry.action === "none" ? 0 : 1),
    });
  }

  /** A look could not tell: what is open stays open. */
  keep(before: DriftRecord, nowMs: number): void {
    this.#store.putDrift({ ...before, seenAtMs: nowMs });
  }

  close(sku: string): void {
    this.#store.removeDrift(sku);
  }

  /** Forgets what a run from then on has not come across: there is no such listing any more. */
  closeNotSeenSince(atMs: number): void {
    this.#store.removeDriftSeenBefore(atMs);
  }

  count(): number {
    return this.#store.driftCount();
  }

  first(limit: number): OpenDrift[] {
    return this.#store.driftFirst(limit).map(toOpen);
  }
}

function toOpen(record: DriftRecord): OpenDrift {
  const { sku, external, title, class: driftClass, ours, theirs, action, reason, correctedInARow } = record;
  return {
    sku,
    ...(external !== undefined && { external }),
    ...(title !== undefined && { title }),
    class: driftClass,
    ...(ours !== undefined && { ours }),
    ...(theirs !== undefined && { theirs }),
    action,
    reason,
    since: new Date(record.sinceMs).toISOString(),
    seenAt: new Date(record.seenAtMs).toISOString(),
    correctedInARow,
  };
}
