import { Deadlines } from "./deadlines.ts";
import { Heat } from "./heat.ts";
import type { ToldLag } from "./lag.ts";
import { type Listing, type Moment, urgencyOf } from "./listing.ts";
import type { Schedule } from "./schedule.ts";
import type { Urgency } from "./turns.ts";
import { withheldMaxMs } from "./withheld.ts";

/** Listings read at once when all of them are gone through. */
const pageSize = 500;

/** Where listings are kept. Every method is synchronous. */
export interface ListingStore {
  /** All or nothing of the writes in `run`. */
  transaction<Result>(run: () => Result): Result;
  get(skus: readonly string[]): Map<string, Listing>;
  /** Writes listings whole: one row each. */
  put(listings: readonly Listing[]): void;
  /** The same for one that has become another item of the channel, by which it is found: one row more. */
  putAs(listing: Listing, itemKey: string | undefined): void;
  remove(sku: string): void;
  /** Removes the listings nobody made by hand. */
  removeImplicit(): void;
  /** Listings that are due, to be verified, or withhold units; after a SKU, in order of SKU. */
  pending(after: string, limit: number): Listing[];
  /** The last news of listings that were told before then, the newest `limit` of them, oldest first. */
  toldBefore(beforeMs: number, limit: number): ToldLag[];
  /** Listings after a SKU, in order of SKU. */
  page(query: { state?: Listing["state"] | undefined; after?: string | undefined; limit: number }): Listing[];
}

/** What memory keeps of a listing. */
interface Track {
  readonly sku: string;
  /** Undefined: it is not due. */
  readonly urgency: Urgency | undefined;
  readonly verifyAtMs: number | undefined;
  readonly withheldUntilMs: number | undefined;
}

/**
 * Listings in the store, and in memory when they are due or wait for a time. Memory follows only when the store has
 * the change, so that a failed transaction leaves both as they were.
 */
export class TrackedListings {
  readonly store: ListingStore;
  /** When listings are to be read back from the channel. */
  readonly verifying = new Deadlines();
  /** When withheld units are given up. */
  readonly withholding = new Deadlines();
  readonly heat = new Heat();
  readonly #schedule: Schedule;

  constructor(store: ListingStore, schedule: Schedule) {
    this.store = store;
    this.#schedule = schedule;
  }

  /** Finds everything that has something ahead of it, after a start. Nobody knows what was attempted before. */
  restore(nowMs: number): void {
    for (const page of pages((after) => this.store.pending(after, pageSize))) {
      for (const listing of page) {
        const track = this.#trackOf(listing, nowMs);
        const { sku, urgency } = track;
        const { laterUntilMs = 0 } = listing;
        if (urgency !== undefined) this.#schedule.add(sku, urgency, true);
        if (laterUntilMs > nowMs) this.#schedule.rest(sku, urgency, laterUntilMs);
        this.#followTimes(track);
      }
    }
  }

  get(sku: string): Listing | undefined {
    return this.store.get([sku]).get(sku);
  }

  /** Writes what `change` makes of listings, in one transaction; undefined or the same leaves one as it is. */
  update(
    skus: readonly string[],
    nowMs: number,
    change: (listing: Listing | undefined, sku: string) => Listing | undefined,
  ): Listing[] {
    const changed = this.write(skus, change);
    for (const listing of changed) this.follow(listing, nowMs);
    return changed;
  }

  /** The same without telling the schedule, for the caller to do so. */
  write(
    skus: readonly string[],
    change: (listing: Listing | undefined, sku: string) => Listing | undefined,
  ): Listing[] {
    return this.store.transaction(() => {
      const known = this.store.get(skus);
      const changed: Listing[] = [];
      for (const sku of skus) {
        const listing = known.get(sku);
        const next = change(listing, sku);
        if (next !== undefined && next !== listing) changed.push(next);
      }
      if (changed.length > 0) this.store.put(changed);
      return changed;
    });
  }

  /** The same for all listings of a state, page by page, as there may be more than fit into memory. */
  sweep(
    state: Listing["state"] | undefined,
    nowMs: number,
    change: (listing: Listing) => Listing,
    before: () => readonly string[] = () => [],
  ): number {
    const { dropped, tracks } = this.store.transaction(() => {
      const gone = before();
      const found: Track[] = [];
      for (const page of this.#pagesOf(state)) {
        const changed = page.map((listing) => [listing, change(listing)] as const);
        const news = changed.filter(([from, to]) => from !== to).map(([, to]) => to);
        if (news.length > 0) this.store.put(news);
        for (const listing of news) found.push(this.#trackOf(listing, nowMs));
      }
      return { dropped: gone, tracks: found };
    });
    for (const sku of dropped) this.forget(sku);
    for (const track of tracks) this.#follow(track);
    return tracks.length;
  }

  /** SKUs that memory may know of listings that `removeImplicit` removes. Call it before. */
  implicit(): string[] {
    const skus: string[] = [];
    for (const page of pages((after) => this.store.pending(after, pageSize))) {
      for (const listing of page) if (!listing.isExplicit) skus.push(listing.sku);
    }
    return skus;
  }

  /** A listing is removed. */
  forget(sku: string): void {
    this.#follow({ sku, urgency: undefined, verifyAtMs: undefined, withheldUntilMs: undefined });
  }

  /** Memory learns of a written listing. */
  follow(listing: Listing, nowMs: number): void {
    this.#follow(this.#trackOf(listing, nowMs));
  }

  /** The same without the schedule. Answers what the schedule is to be told. */
  followTimes(listing: Listing, nowMs: number): Urgency | undefined {
    const track = this.#trackOf(listing, nowMs);
    this.#followTimes(track);
    return track.urgency;
  }

  momentOf(listing: Listing, nowMs: number): Moment {
    const isCertain = listing.state === "published" || this.#schedule.isUntouched(listing.sku);
    return { nowMs, isCertain };
  }

  #trackOf(listing: Listing, nowMs: number): Track {
    const { sku, state, verify, withheld } = listing;
    const urgency = urgencyOf(listing);
    return {
      sku,
      urgency: urgency && { ...urgency, isHot: this.heat.isHot(sku, nowMs) },
      verifyAtMs: state === "published" ? verify?.atMs : undefined,
      withheldUntilMs: withheld && withheld.sinceMs + withheldMaxMs,
    };
  }

  #follow(track: Track): void {
    const { sku, urgency } = track;
    if (urgency === undefined) this.#schedule.drop(sku);
    else this.#schedule.add(sku, urgency);
    this.#followTimes(track);
  }

  #followTimes({ sku, verifyAtMs, withheldUntilMs }: Track): void {
    this.verifying.set(sku, verifyAtMs);
    this.withholding.set(sku, withheldUntilMs);
  }

  #pagesOf(state: Listing["state"] | undefined): Generator<Listing[]> {
    return pages((after) => this.store.page({ state, after, limit: pageSize }));
  }
}

function* pages(read: (after: string) => Listing[]): Generator<Listing[]> {
  let after = "";
  for (;;) {
    const page = read(after);
    yield page;
    after = page.at(-1)?.sku ?? after;
    if (page.length < pageSize) return;
  }
}
