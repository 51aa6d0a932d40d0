import type { ListingsMode } from "../../protocol/channel.ts";
import { isNewer } from "../../protocol/position.ts";
import { unreachable } from "../../stock/refusal.ts";
import type { StockChange } from "../contract.ts";
import type { Loaded, Outcome } from "./drain.ts";
import { confirmed, moved, postponed, refused, type Sent } from "../listings/answers.ts";
import {
  isDue,
  knownQuantity,
  type Listing,
  newListing,
  offeredQuantity,
  type StockedListing,
  type Terms,
  withStock,
} from "../listings/listing.ts";
import type { Schedule } from "../listings/schedule.ts";
import type { TrackedListings } from "../listings/tracked.ts";

/** The way of a channel's listings from a change of stock to the channel's answer. */
export class ListingBook {
  readonly #schedule: Schedule;
  readonly #listings: TrackedListings;

  constructor(listings: TrackedListings, schedule: Schedule) {
    this.#listings = listings;
    this.#schedule = schedule;
  }

  /**
   * Takes in changes of stock: the newest of each SKU counts. One row written for each SKU that has news for the
   * channel. Answers how many listings are due for it. `isBackfill`: the stock was known before, only not here.
   */
  submit(
    changes: readonly StockChange[],
    mode: ListingsMode,
    terms: Terms,
    nowMs: number,
    isBackfill: boolean,
  ): number {
    const newest = newestOf(changes);
    const changed = this.#listings.update([...newest.keys()], nowMs, (known, sku) => {
      const change = newest.get(sku);
      const listing = known ?? (mode === "all" ? newListing(sku, false) : undefined);
      if (change === undefined || listing === undefined) return undefined;
      const { stock, recordedAtMs } = change;
      const moment = this.#listings.momentOf(listing, nowMs);
      const next = withStock(listing, stock, terms, moment, { isBackfilled: isBackfill, recordedAtMs });
      if (next !== undefined && !isBackfill) this.#listings.heat.changed(sku, nowMs);
      return next;
    });
    return changed.filter(isDue).length;
  }

  /** The newest state of listings that are handed out. Numbers of held SKUs may fall, and wait to rise. */
  load(skus: readonly string[], isHeld: (sku: string) => boolean): Loaded {
    const known = this.#listings.store.get(skus);
    const ready: Sent[] = [];
    const parked: string[] = [];
    for (const sku of skus) {
      const listing = known.get(sku);
      if (!isDue(listing)) continue;
      if (isHeld(sku) && !isLower(listing)) parked.push(sku);
      else ready.push({ listing, expected: this.#expected(listing) });
    }
    return { ready, parked };
  }

  /** Takes in what the channel answered: one row written for each listing. A removed listing stays removed. */
  record(outcomes: readonly Outcome[], canVerify: boolean, terms: Terms, nowMs: number): void {
    const bySku = new Map(outcomes.map((outcome) => [outcome.sent.listing.sku, outcome]));
    const after = new Map<string, Listing>();
    this.#listings.write([...bySku.keys()], (listing, sku) => {
      const outcome = bySku.get(sku);
      if (listing === undefined || outcome === undefined) return undefined;
      const next = afterOutcome(listing, outcome, canVerify, terms, nowMs);
      after.set(sku, next);
      return next;
    });
    for (const outcome of outcomes) this.#reschedule(outcome, after.get(outcome.sent.listing.sku), nowMs);
  }

  #reschedule({ sent, result, restUntilMs }: Outcome, listing: Listing | undefined, nowMs: number): void {
    const { sku } = sent.listing;
    const urgency = listing && this.#listings.followTimes(listing, nowMs);
    if (result.outcome === "moved") this.#schedule.again(sku, urgency, restUntilMs);
    else if (result.outcome === "later") this.#schedule.rest(sku, urgency, listing?.laterUntilMs ?? nowMs);
    else {
      const isUnchanged = result.outcome === "rejected" && sent.expected !== undefined;
      this.#schedule.settle(sku, urgency, result.outcome === "ok" || isUnchanged);
    }
  }

  #expected(listing: StockedListing): number | undefined {
    return this.#schedule.wasUntouched(listing.sku) ? knownQuantity(listing) : undefined;
  }
}

function afterOutcome(
  listing: Listing,
  { sent, result }: Outcome,
  canVerify: boolean,
  terms: Terms,
  nowMs: number,
): Listing {
  switch (result.outcome) {
    case "ok":
      return confirmed(listing, sent, canVerify ? result.verifyAfterMs : undefined, nowMs);
    case "moved":
      return moved(listing, sent, result.actual, terms, nowMs);
    case "later":
      return postponed(listing, result.afterMs, nowMs);
    case "rejected":
      return refused(listing, sent, result.detail, nowMs);
    case "retry":
    case "gone":
      return listing;
    default:
      return unreachable(result);
  }
}

/** Whether the channel would show fewer units than now. */
function isLower(listing: StockedListing): boolean {
  const { published } = listing;
  return published !== undefined && offeredQuantity(listing) < published.quantity;
}

function newestOf(changes: readonly StockChange[]): Map<string, StockChange> {
  const newest = new Map<string, StockChange>();
  for (const change of changes) {
    const { stock } = change;
    if (isNewer(stock, newest.get(stock.sku)?.stock)) newest.set(stock.sku, change);
  }
  return newest;
}
