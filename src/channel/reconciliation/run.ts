import {
  type DriftClass,
  type DriftEntry,
  type ReconciliationReport,
  type ReconciliationView,
} from "../../protocol/reconciliation.ts";

/** Entries kept of a run, and how many of those may be of classes that are no drift: they must not crowd it out. */
export const entriesMax = 500;
const entriesOfOtherClassMax = 50;

/** Classes of a listing that shows something else than it should. */
const driftClasses: ReadonlySet<DriftClass> = new Set([
  "edited_there",
  "lost_push",
  "missing_there",
  "uncounted",
]);

/** One comparison of all the channel offers with its listings, as far as it has come. Immutable; stored whole. */
export interface ReconcileRun {
  readonly id: string;
  readonly startedBy: "schedule" | "hand";
  readonly createdAtMs: number;
  /** When it is to begin; runs by schedule are spread. */
  readonly startAtMs: number;
  /** `items`: pages of the channel are read. `listings`: listings are looked for that no page had. */
  readonly phase: "items" | "listings" | "done" | "failed";
  /** Of the next page, or the last SKU that was looked at. Absent at the beginning of a phase. */
  readonly cursor?: string | undefined;
  /** Pages that were taken in. */
  readonly pages: number;
  readonly items: number;
  readonly counts: Partial<Record<DriftClass, number>>;
  readonly corrections: number;
  readonly entries: readonly DriftEntry[];
  readonly entriesLeftOut: number;
  /** Failed attempts in a row, and when the next one may be. */
  readonly failures: number;
  readonly retryAtMs?: number | undefined;
  readonly failure?: { readonly detail: string; readonly atMs: number } | undefined;
  readonly endedAtMs?: number | undefined;
}

export function newRun(
  id: string,
  startedBy: ReconcileRun["startedBy"],
  startAtMs: number,
  nowMs: number,
): ReconcileRun {
  const progress = { phase: "items", pages: 0, items: 0, counts: {}, corrections: 0 } as const;
  const report = { entries: [], entriesLeftOut: 0, failures: 0 };
  return { id, startedBy, createdAtMs: nowMs, startAtMs, ...progress, ...report };
}

/** When a run was created that follows on another: runs are known apart, and in order, by that. */
export function createdAfter(last: { readonly createdAtMs: number } | undefined, nowMs: number): number {
  return Math.max(nowMs, (last?.createdAtMs ?? 0) + 1);
}

export function isOver(run: { readonly phase: string }): boolean {
  return run.phase === "done" || run.phase === "failed";
}

export function isDrift(entry: Pick<DriftEntry, "class">): boolean {
  return driftClasses.has(entry.class);
}

/** The run after it came across these. What is in sync is only counted. */
export function withEntries(run: ReconcileRun, found: readonly DriftEntry[]): ReconcileRun {
  const counts = { ...run.counts };
  const entries = [...run.entries];
  let { corrections, entriesLeftOut } = run;
  const others = new Map<DriftClass, number>();
  for (const entry of entries) others.set(entry.class, (others.get(entry.class) ?? 0) + 1);
  for (const entry of found) {
    counts[entry.class] = (counts[entry.class] ?? 0) + 1;
    if (entry.action !== "none") corrections += 1;
    if (entry.class === "in_sync") continue;
    const kept = others.get(entry.class) ?? 0;
    const isRoom = entries.length < entriesMax && (isDrift(entry) || kept < entriesOfOtherClassMax);
    if (isRoom) {
      entries.push(entry);
      others.set(entry.class, kept + 1);
    } else {
      entriesLeftOut += 1;
    }
  }
  return { ...run, counts, entries, corrections, entriesLeftOut };
}

export function reconciliationView(run: ReconcileRun, nowMs: number): ReconciliationView {
  const { id, startedBy, items, corrections, entriesLeftOut, failure, endedAtMs } = run;
  return {
    id,
    state: stateOf(run, nowMs),
    startedBy,
    startAt: timestamp(run.startAtMs),
    ...(endedAtMs !== undefined && { endedAt: timestamp(endedAtMs) }),
    ...(failure !== undefined && { failure: { detail: failure.detail, at: timestamp(failure.atMs) } }),
    items,
    counts: { ...run.counts },
    corrections,
    entriesLeftOut,
  };
}

export function reconciliationReport(run: ReconcileRun, nowMs: number): ReconciliationReport {
  return { ...reconciliationView(run, nowMs), entries: [...run.entries] };
}

function stateOf(run: ReconcileRun, nowMs: number): ReconciliationView["state"] {
  if (run.phase === "done" || run.phase === "failed") return run.phase;
  return run.startAtMs > nowMs ? "waiting" : "running";
}

export function timestamp(atMs: number): string {
  return new Date(atMs).toISOString();
}
