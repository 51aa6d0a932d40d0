import type { ListingConfig, ListingsMode } from "../protocol/channel.ts";
import { isNewer } from "../protocol/position.ts";
import type { StockView } from "../protocol/stock.ts";
import type { StockChange } from "./contract.ts";
import type { Outcome } from "./drain.ts";
import {
  confirmed,
  isDue,
  type Listing,
  newListing,
  refused,
  retried,
  type StockedListing,
  type Terms,
  underTerms,
  urgencyOf,
  withStock,
} from "./listing.ts";
import type { Schedule, Urgency } from "./schedule.ts";

/** Listings read at once when all of them are gone through. */
const pageSize = 500;

/** Where listings are kept. Every method is synchronous. */
export interface ListingStore {
  /** All or nothing of the writes in `run`. */
  transaction<Result>(run: () => Result): Result;
  get(skus: readonly string[]): Map<string, Listing>;
  /** Writes listings whole: one row each. */
  put(listings: readonly Listing[]): void;
  remove(sku: string): void;
  /** Removes the listings nobody made by hand. */
  removeImplicit(): void;
  due(): Iterable<{ readonly sku: string; readonly urgency: Urgency }>;
  /** Listings after a SKU, in order of SKU. */
  page(query: { state?: Listing["state"] | undefined; after?: string | undefined; limit: number }): Listing[];
}

/**
 * The listings of a channel, in the store and in the schedule. The schedule follows only when the store has the
 * change, so that a failed transaction leaves both as they were.
 */
export class ListingBook {
  readonly #store: ListingStore;
  readonly #schedule: Schedule;

  constructor(store: ListingStore, schedule: Schedule) {
    this.#store = store;
    this.#schedule = schedule;
  }

  /** Finds everything that is due, after a start. */
  restore(): void {
    for (const { sku, urgency } of this.#store.due()) this.#schedule.add(sku, urgency, true);
  }

  /**
   * Takes in changes of stock: the newest of each SKU counts. One row written for each SKU that has news for the
   * channel. Answers how many listings are due for it.
   */
  submit(changes: readonly StockChange[], mode: ListingsMode, terms: Terms, nowMs: number): number {
    const newest = newestOf(changes);
    const changed = this.#store.transaction(() => {
      const known = this.#store.get([...newest.keys()]);
      const listings: Listing[] = [];
      for (const [sku, stock] of newest) {
        const listing = known.get(sku) ?? (mode === "all" ? newListing(sku, false) : undefined);
        const next = listing && withStock(listing, stock, terms, this.#momentOf(listing, nowMs));
        if (next !== undefined) listings.push(next);
      }
      if (listings.length > 0) this.#store.put(listings);
      return listings;
    });
    this.#follow(changed);
    return changed.filter(isDue).length;
  }

  /** Defines a listing by hand. `stock` makes it due at once if the channel is to show something else than before. */
  define(
    sku: string,
    config: ListingConfig,
    stock: StockView | undefined,
    terms: Terms,
    nowMs: number,
  ): { isNew: boolean; listing: Listing } {
    const { isNew, listing } = this.#store.transaction(() => {
      const before = this.#store.get([sku]).get(sku);
      const listed = before ?? newListing(sku, true);
      const moment = this.#momentOf(listed, nowMs);
      const defined = underTerms({ ...listed, ...plain(config), isExplicit: true }, terms, moment);
      // Its like may have been published before it was removed; the revision tells them apart.
      const revision = before === undefined ? nowMs : 0;
      const stocked = (stock && withStock(defined, stock, terms, moment, revision)) ?? defined;
      this.#store.put([stocked]);
      return { isNew: before?.isExplicit !== true, listing: stocked };
    });
    this.#follow([listing]);
    return { isNew, listing };
  }

  /** Takes back a definition: on a channel that shows all, the SKU stays under the channel's own terms. */
  undefine(sku: string, mode: ListingsMode, terms: Terms, nowMs: number): boolean {
    const result = this.#store.transaction(() => {
      const before = this.#store.get([sku]).get(sku);
      if (before?.isExplicit !== true) return undefined;
      if (mode === "listed") {
        this.#store.remove(sku);
        return { left: undefined };
      }
      const plainListing = { ...before, ...plain({}), isExplicit: false };
      const left = underTerms(plainListing, terms, this.#momentOf(before, nowMs));
      this.#store.put([left]);
      return { left };
    });
    if (result === undefined) return false;
    if (result.left === undefined) this.#schedule.drop(sku);
    else this.#follow([result.left]);
    return true;
  }

  /** Goes through all listings after the channel's terms changed, and makes due what would look different. */
  reconsider(mode: ListingsMode, terms: Terms, nowMs: number): void {
    const { dropped, turns } = this.#store.transaction(() => {
      const implicit = mode === "listed" ? this.#implicitDue() : [];
      if (mode === "listed") this.#store.removeImplicit();
      return {
        dropped: implicit,
        turns: this.#rewrite(undefined, (listing) =>
          underTerms(listing, terms, this.#momentOf(listing, nowMs)),
        ),
      };
    });
    for (const sku of dropped) this.#schedule.drop(sku);
    for (const turn of turns) this.#takeTurn(turn);
  }

  /** Makes failed listings due again, one or all. Undefined if there is no such listing. */
  retry(sku: string | undefined, nowMs: number): number | undefined {
    if (sku !== undefined && this.#store.get([sku]).get(sku) === undefined) return undefined;
    const again = (listing: Listing) => (listing.state === "failed" ? retried(listing, nowMs) : listing);
    const turns = this.#store.transaction(() =>
      sku === undefined
        ? this.#rewrite("failed", again)
        : this.#rewritePage(this.#store.get([sku]).values(), again),
    );
    for (const turn of turns) this.#takeTurn(turn);
    return turns.length;
  }

  load(skus: readonly string[]): StockedListing[] {
    const known = this.#store.get(skus);
    return skus.map((sku) => known.get(sku)).filter(isDue);
  }

  /** Takes in what the channel answered: one row written for each listing. A removed listing stays removed. */
  record(outcomes: readonly Outcome[], nowMs: number): void {
    const results = this.#store.transaction(() => {
      const known = this.#store.get(outcomes.map(({ listing }) => listing.sku));
      const after = outcomes.map(({ listing: { sku, wanted: sent }, result }) => {
        const listing = known.get(sku);
        const isOk = result.outcome === "ok";
        if (listing === undefined) return { sku, isOk, next: undefined };
        if (isOk) return { sku, isOk, next: confirmed(listing, sent, nowMs) };
        const next = result.outcome === "rejected" ? refused(listing, sent, result.detail, nowMs) : listing;
        return { sku, isOk, next };
      });
      this.#store.put(after.flatMap(({ next }) => next ?? []));
      return after;
    });
    for (const { sku, isOk, next } of results) this.#schedule.settle(sku, urgencyOf(next), isOk);
  }

  #momentOf(listing: Listing, nowMs: number): { nowMs: number; isCertain: boolean } {
    const isCertain = listing.state === "published" || this.#schedule.isUntouched(listing.sku);
    return { nowMs, isCertain };
  }

  #follow(listings: readonly Listing[]): void {
    for (const listing of listings) this.#takeTurn({ sku: listing.sku, urgency: urgencyOf(listing) });
  }

  #takeTurn({ sku, urgency }: Turn): void {
    if (urgency === undefined) this.#schedule.drop(sku);
    else this.#schedule.add(sku, urgency);
  }

  #implicitDue(): string[] {
    const skus: string[] = [];
    for (const page of this.#pages("due")) {
      for (const listing of page) if (!listing.isExplicit) skus.push(listing.sku);
    }
    return skus;
  }

  /** Writes what `change` makes of the listings; page by page, as there may be more than fit into memory. */
  #rewrite(state: Listing["state"] | undefined, change: (listing: Listing) => Listing): Turn[] {
    const turns: Turn[] = [];
    for (const page of this.#pages(state)) turns.push(...this.#rewritePage(page, change));
    return turns;
  }

  #rewritePage(page: Iterable<Listing>, change: (listing: Listing) => Listing): Turn[] {
    const changed: Listing[] = [];
    for (const listing of page) {
      const next = change(listing);
      if (next !== listing) changed.push(next);
    }
    if (changed.length > 0) this.#store.put(changed);
    return changed.map((listing) => ({ sku: listing.sku, urgency: urgencyOf(listing) }));
  }

  *#pages(state: Listing["state"] | undefined): Generator<Listing[]> {
    let after: string | undefined;
    for (;;) {
      const page = this.#store.page({ state, after, limit: pageSize });
      yield page;
      after = page.at(-1)?.sku;
      if (page.length < pageSize) return;
    }
  }
}

/** Where a listing stands in the schedule after a change; without urgency it is not due. */
interface Turn {
  readonly sku: string;
  readonly urgency: Urgency | undefined;
}

function newestOf(changes: readonly StockChange[]): Map<string, StockView> {
  const newest = new Map<string, StockView>();
  for (const { stock } of changes) if (isNewer(stock, newest.get(stock.sku))) newest.set(stock.sku, stock);
  return newest;
}

/** A definition with its absent parts named, so that they replace what was there. */
function plain(config: ListingConfig): Pick<Listing, "external" | "rule"> {
  return { external: config.external, rule: config.rule };
}
