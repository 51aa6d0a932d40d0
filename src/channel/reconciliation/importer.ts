import type { External } from "../../protocol/channel.ts";
import type { StockView } from "../../protocol/stock.ts";
import {
  type ImportLists,
  type ImportRun,
  judged,
  type NamedItem,
  newImport,
  sorted,
  withLists,
} from "./import.ts";
import type { PageRead, PageReader } from "./page-reader.ts";
import type { ListingsLookup } from "./page.ts";
import { createdAfter, isOver } from "./run.ts";
import type { ReconcileStore } from "./store.ts";
import type { Work } from "./steps.ts";

/** SKUs listed in one step. */
const skusAtOnce = 100;

/** All items of the channel with one SKU. */
type Group = readonly [sku: string, items: readonly NamedItem[]];

export interface ImporterEffects {
  now(): number;
  newId(): string;
  readonly store: ReconcileStore;
  readonly reader: PageReader;
  readonly listings: ListingsLookup;
  itemKey(external: External): string;
  /** Which of these SKUs Stockwire knows. */
  known(skus: readonly string[]): Promise<ReadonlySet<string>>;
  /** The newest stock of SKUs; those that are gone are left out. */
  stockOf(skus: readonly string[]): Promise<StockView[]>;
  /** Lists a SKU as an item of the channel; it keeps the rule it has. Durable. */
  list(sku: string, external: External): void;
  /** Gives listings their stock, durable. */
  backfill(stocks: readonly StockView[]): void;
}

/**
 * Lists the items of a channel under the SKUs they name. All pages are read before the first item is listed: only then
 * is it known which SKUs several items share. Goes on where a crash has cut it off.
 */
export class ListingImport implements Work {
  readonly #effects: ImporterEffects;
  /** The import under way, as it is stored. */
  #run: ImportRun | undefined;
  /** What is left to be listed, in order of SKU: the items of each. */
  #left: readonly Group[] | undefined;

  constructor(effects: ImporterEffects) {
    this.#effects = effects;
    const newest = effects.store.newestRun("import");
    this.#run = newest !== undefined && !isOver(newest) ? newest : undefined;
  }

  /** The import under way. */
  get current(): ImportRun | undefined {
    return this.#run;
  }

  /** Begins an import, or answers the one under way. */
  start(isDryRun: boolean): ImportRun {
    const effects = this.#effects;
    const { store } = effects;
    if (this.#run !== undefined) return this.#run;
    const run = newImport(effects.newId(), isDryRun, createdAfter(store.newestRun("import"), effects.now()));
    this.#save(run, () => store.pruneRuns("import"));
    return run;
  }

  /** Ends an import under way, because what it reads is not there any more. */
  abandon(detail: string): void {
    const run = this.#run;
    if (run !== undefined)
      this.#end({ ...run, phase: "failed", failure: { detail, atMs: this.#effects.now() } });
  }

  /** Lets go of a run under way, writing nothing: there is no channel any more. */
  forget(): void {
    this.#run = undefined;
  }

  nextAtMs(): number {
    const run = this.#run;
    if (run === undefined) return Number.POSITIVE_INFINITY;
    const earliestMs = run.retryAtMs ?? 0;
    return run.phase === "items" ? Math.max(earliestMs, this.#effects.reader.nextAtMs()) : earliestMs;
  }

  async step(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    try {
      if (run.phase === "items") await this.#takePage(run);
      else if (run.unstocked.length > 0) await this.#stock(run);
      else await this.#list(run);
    } catch (error) {
      if (this.#run === run) this.#fail(run, this.#effects.reader.failed(run, error));
    }
  }

  async #takePage(run: ImportRun): Promise<void> {
    const { reader, store } = this.#effects;
    const read = await reader.read(run);
    // It may have been abandoned meanwhile.
    if (this.#run !== run) return;
    if (read.outcome === "failed") return this.#fail(run, read);
    const { items, next } = read.page;
    const { named, withoutSku } = sorted(items);
    const progress = {
      phase: next === undefined ? ("listings" as const) : ("items" as const),
      cursor: next,
      pages: run.pages + 1,
      items: run.items + items.length,
    };
    this.#save({ ...withLists(run, [{ withoutSku }]), ...progress, ...untroubled }, () =>
      store.savePage("import", run.pages, named),
    );
  }

  async #list(run: ImportRun): Promise<void> {
    const effects = this.#effects;
    const left = this.#left ?? this.#groupsAfter(run.cursor ?? "");
    const batch = left.slice(0, skusAtOnce);
    const last = batch.at(-1)?.[0];
    if (last === undefined) return this.#end({ ...run, phase: "done", cursor: undefined });
    const knownSkus = await effects.known(batch.map(([sku]) => sku));
    if (this.#run !== run) return;
    const found = this.#judge(batch, knownSkus);
    const matched = run.isDryRun ? [] : found.flatMap((part) => part.matched ?? []);
    const unstocked = matched.map(({ sku }) => sku);
    this.#save({ ...withLists(run, found), cursor: last, unstocked, ...untroubled }, () => {
      for (const { sku, external } of matched) effects.list(sku, external);
    });
    this.#left = left.slice(skusAtOnce);
  }

  #judge(batch: readonly Group[], knownSkus: ReadonlySet<string>): Partial<ImportLists>[] {
    const { listings } = this.#effects;
    const itemKey = (external: External) => this.#effects.itemKey(external);
    const own = listings.get(batch.map(([sku]) => sku));
    const listedAs = listings.skusOf(
      batch.flatMap(([, items]) => items.map((item) => itemKey(item.external))),
    );
    return batch.map(([sku, items]) =>
      judged(items, {
        isKnownSku: knownSkus.has(sku),
        listing: own.get(sku),
        listedAs: items.flatMap((item) => listedAs.get(itemKey(item.external)) ?? []),
        isSameItem: (a, b) => itemKey(a) === itemKey(b),
      }),
    );
  }

  /** Read only now that they are listed: a change that came before would have passed them by. */
  async #stock(run: ImportRun): Promise<void> {
    const stocks = await this.#effects.stockOf(run.unstocked);
    if (this.#run !== run) return;
    this.#save({ ...run, unstocked: [], ...untroubled }, () => this.#effects.backfill(stocks));
  }

  #groupsAfter(after: string): Group[] {
    const bySku = new Map<string, NamedItem[]>();
    for (const items of this.#effects.store.pages<NamedItem>("import")) {
      for (const item of items) {
        const same = bySku.get(item.sku);
        if (item.sku <= after) continue;
        if (same === undefined) bySku.set(item.sku, [item]);
        else same.push(item);
      }
    }
    return [...bySku].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #fail(run: ImportRun, failed: Extract<PageRead, { outcome: "failed" }>): void {
    const { detail, retryAtMs, isFinal } = failed;
    const failure = { detail, atMs: this.#effects.now() };
    if (isFinal) this.#end({ ...run, phase: "failed", failure });
    else this.#save({ ...run, failures: run.failures + 1, retryAtMs, failure }, () => undefined);
  }

  #end(run: ImportRun): void {
    const { store } = this.#effects;
    this.#save({ ...run, endedAtMs: this.#effects.now(), retryAtMs: undefined }, () =>
      store.removePages("import"),
    );
    this.#run = undefined;
    this.#left = undefined;
  }

  /** The import in memory moves on only if the transaction holds. */
  #save(run: ImportRun, effects: () => void): void {
    const { store } = this.#effects;
    store.transaction(() => {
      store.saveRun("import", run);
      effects();
    });
    this.#run = run;
  }
}

/** After a step that went well. */
const untroubled = { failures: 0, retryAtMs: undefined, failure: undefined } as const;
