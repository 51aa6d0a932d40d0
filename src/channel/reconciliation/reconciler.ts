import type { PageRead, PageReader } from "./page-reader.ts";
import { entryOf, logged, matched, missing, type PageEffects, treated } from "./page.ts";
import { createdAfter, isOver, newRun, type ReconcileRun, withEntries } from "./run.ts";
import type { ReconcileStore } from "./store.ts";
import type { Work } from "./steps.ts";

/** Listings looked through at once for those that no page had. */
const listingsPage = 500;

export interface ReconcilerEffects extends PageEffects {
  newId(): string;
  readonly store: ReconcileStore;
  readonly reader: PageReader;
}

/**
 * Compares all the channel offers with its listings, page by page, and does about it what the channel's policy says.
 * One run at a time. A page is taken in whole or not at all, so a run goes on where a crash has cut it off.
 */
export class Reconciler implements Work {
  readonly #effects: ReconcilerEffects;
  /** The run under way, as it is stored. */
  #run: ReconcileRun | undefined;
  /** The last run that has ended. */
  #ended: ReconcileRun | undefined;
  /** SKUs that pages had, while missing ones are looked for. */
  #seen: ReadonlySet<string> | undefined;

  constructor(effects: ReconcilerEffects) {
    this.#effects = effects;
    const newest = effects.store.newestRun("reconcile");
    this.#run = newest !== undefined && !isOver(newest) ? newest : undefined;
  }

  /** The last run that has ended, as far as one is kept. */
  get lastEnded(): ReconcileRun | undefined {
    // Looked for only when somebody asks: reports are long, and an object should be awake soon.
    this.#ended ??= this.#effects.store.runs("reconcile").find(isOver);
    return this.#ended;
  }

  /** Begins a run then, or answers the one under way; one that waits is brought forward. */
  start(startedBy: ReconcileRun["startedBy"], startAtMs: number): ReconcileRun {
    const effects = this.#effects;
    const current = this.#run;
    if (current !== undefined && current.startAtMs <= startAtMs) return current;
    const run =
      current === undefined
        ? newRun(
            effects.newId(),
            startedBy,
            startAtMs,
            createdAfter(effects.store.newestRun("reconcile"), effects.now()),
          )
        : { ...current, startedBy, startAtMs };
    this.#save(run, () => effects.store.pruneRuns("reconcile"));
    return run;
  }

  /** Ends a run under way, because what it compares is not there any more. */
  abandon(detail: string): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#end({ ...run, phase: "failed", failure: { detail, atMs: this.#effects.now() } }, () => undefined);
  }

  /** Lets go of a run under way, writing nothing: there is no channel any more. */
  forget(): void {
    this.#run = undefined;
  }

  nextAtMs(): number {
    const run = this.#run;
    if (run === undefined) return Number.POSITIVE_INFINITY;
    const earliestMs = Math.max(run.startAtMs, run.retryAtMs ?? 0);
    return run.phase === "items" ? Math.max(earliestMs, this.#effects.reader.nextAtMs()) : earliestMs;
  }

  async step(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    try {
      if (run.phase === "items") await this.#takePage(run);
      else this.#lookForMissing(run);
    } catch (error) {
      if (this.#run === run) this.#fail(run, this.#effects.reader.failed(run, error));
    }
  }

  async #takePage(run: ReconcileRun): Promise<void> {
    const { store, reader, drift } = this.#effects;
    const read = await reader.read(run);
    // It may have been abandoned meanwhile.
    if (this.#run !== run) return;
    if (read.outcome === "failed") return this.#fail(run, read);
    const { items, next } = read.page;
    const found = matched(items, read.atMs, this.#effects);
    const entries = await treated(run.id, found, run.corrections, this.#effects);
    if (this.#run !== run) return;
    const progress = {
      phase: next === undefined ? ("listings" as const) : ("items" as const),
      cursor: next,
      pages: run.pages + 1,
      items: run.items + items.length,
    };
    this.#save({ ...withEntries(run, entries), ...progress, ...untroubled }, () => {
      logged(found, entries, drift, this.#effects.now());
      const seen = found.flatMap(({ listing }) => listing?.sku ?? []);
      store.savePage("reconcile", run.pages, seen);
    });
  }

  #lookForMissing(run: ReconcileRun): void {
    const { listings, drift } = this.#effects;
    const page = listings.page({ after: run.cursor, limit: listingsPage });
    this.#seen ??= this.#skusOfPages();
    const seen = this.#seen;
    const unseen = page.filter(({ sku }) => !seen.has(sku));
    const found = missing(unseen, run.startAtMs, this.#effects);
    const entries = found.map((each) => entryOf(each, "none", each.verdict.why));
    const after = { ...withEntries(run, entries), ...untroubled };
    const last = page.at(-1);
    if (page.length === listingsPage && last !== undefined) {
      return this.#save({ ...after, cursor: last.sku }, () =>
        logged(found, entries, drift, this.#effects.now()),
      );
    }
    this.#end({ ...after, phase: "done", cursor: undefined }, () => {
      logged(found, entries, drift, this.#effects.now());
      drift.closeNotSeenSince(run.startAtMs);
    });
  }

  #skusOfPages(): Set<string> {
    const seen = new Set<string>();
    for (const skus of this.#effects.store.pages<string>("reconcile")) for (const sku of skus) seen.add(sku);
    return seen;
  }

  #fail(run: ReconcileRun, failed: Extract<PageRead, { outcome: "failed" }>): void {
    const { detail, retryAtMs, isFinal } = failed;
    const failure = { detail, atMs: this.#effects.now() };
    if (isFinal) this.#end({ ...run, phase: "failed", failure }, () => undefined);
    else this.#save({ ...run, failures: run.failures + 1, retryAtMs, failure }, () => undefined);
  }

  #end(run: ReconcileRun, effects: () => void): void {
    const { store } = this.#effects;
    const ended = { ...run, endedAtMs: this.#effects.now(), retryAtMs: undefined };
    this.#save(ended, () => {
      effects();
      store.removePages("reconcile");
    });
    this.#ended = ended;
    this.#run = undefined;
    this.#seen = undefined;
  }

  /** The run in memory moves on only if the transaction holds. */
  #save(run: ReconcileRun, effects: () => void): void {
    const { store } = this.#effects;
    store.transaction(() => {
      store.saveRun("reconcile", run);
      effects();
    });
    this.#run = run;
  }
}

/** After a step that went well. */
const untroubled = { failures: 0, retryAtMs: undefined, failure: undefined } as const;
