import type { Position } from "../../protocol/position.ts";
import type { ChannelLevel } from "../kit/adapter.ts";
import { type LevelMeaning, levelMeaning } from "../listings/level-meaning.ts";
import type { Listing, StockedListing, Terms } from "../listings/listing.ts";
import type { Schedule } from "../listings/schedule.ts";
import type { TrackedListings } from "../listings/tracked.ts";
import { isAsRead, verified } from "../listings/verified.ts";
import { imported, noted, repaired, withoutWithheld } from "../listings/withheld.ts";

/** A read that was lost with the object's memory is made again after so long. */
const lostReadMs = 60_000;

/** What could not be stored is tried again after so long. */
const storeFailureRestMs = 1_000;

/** Withheld units that nobody explained. */
export interface GivenUp {
  readonly sku: string;
  readonly units: number;
}

/** What is learned of a channel besides its answers: what it sold, what it shows, and what nobody explains. */
export class ListingCare {
  readonly #schedule: Schedule;
  readonly #listings: TrackedListings;

  constructor(listings: TrackedListings, schedule: Schedule) {
    this.#listings = listings;
    this.#schedule = schedule;
  }

  imported(sku: string, units: number, position: Position, terms: Terms, nowMs: number): void {
    this.#listings.update([sku], nowMs, (listing) => {
      if (listing === undefined) return undefined;
      return imported(listing, units, position, terms, this.#listings.momentOf(listing, nowMs));
    });
  }

  reconciled(sku: string, actual: number, action: "repair" | "note", terms: Terms, nowMs: number): void {
    // The answer will say more of what the channel shows than what was read before it.
    if (this.#schedule.isInFlight(sku)) return;
    this.#listings.update([sku], nowMs, (listing) => {
      if (listing === undefined) return undefined;
      return action === "repair" ? repaired(listing, actual, terms, nowMs) : noted(listing, actual, nowMs);
    });
  }

  levelSeen(sku: string, quantity: number, updatedAtMs: number, isHeld: boolean): LevelMeaning {
    const listing = this.#listings.get(sku);
    return listing === undefined ? "drift" : levelMeaning(listing, quantity, updatedAtMs, isHeld);
  }

  /** Puts units on sale again that were withheld for too long. */
  giveUpWithheld(terms: Terms, nowMs: number): GivenUp[] {
    const skus = this.#listings.withholding.take(Number.POSITIVE_INFINITY, nowMs);
    if (skus.length === 0) return [];
    const givenUp: GivenUp[] = [];
    try {
      this.#listings.update(skus, nowMs, (listing) => {
        if (listing?.withheld === undefined) return undefined;
        givenUp.push({ sku: listing.sku, units: listing.withheld.units });
        return withoutWithheld(listing, terms, this.#listings.momentOf(listing, nowMs));
      });
    } catch (error) {
      for (const sku of skus) this.#listings.withholding.set(sku, nowMs + storeFailureRestMs);
      throw error;
    }
    return givenUp;
  }

  /** When listings are to be read back next; Infinity if none is. */
  nextVerifyAtMs(): number {
    return this.#listings.verifying.nextAtMs();
  }

  /** Listings whose numbers are to be read back now, at most `max`. */
  takeUnverified(max: number, nowMs: number): StockedListing[] {
    const known = this.#listings.store.get(this.#listings.verifying.take(max, nowMs));
    const listings = [...known.values()].filter(
      (listing): listing is StockedListing => listing.state === "published" && listing.wanted !== undefined,
    );
    for (const { sku } of listings) this.#listings.verifying.set(sku, nowMs + lostReadMs);
    return listings;
  }

  /** Takes in what the channel shows of listings that were read back; undefined if it does not know one. */
  verify(
    read: readonly { readonly asRead: Listing; readonly level: ChannelLevel | undefined }[],
    terms: Terms,
    nowMs: number,
  ): void {
    const bySku = new Map(read.map((each) => [each.asRead.sku, each]));
    this.#listings.update([...bySku.keys()], nowMs, (listing, sku) => {
      const each = bySku.get(sku);
      if (listing === undefined || each === undefined || !isAsRead(listing, each.asRead)) return undefined;
      return verified(listing, each.level, terms, nowMs);
    });
  }

  /** Nothing could be learned of these listings now. */
  verifyLater(asRead: readonly Listing[], atMs: number): void {
    for (const { sku } of asRead) {
      const listing = this.#listings.get(sku);
      const isWaiting = listing?.state === "published" && listing.verify !== undefined;
      if (isWaiting) this.#listings.verifying.set(sku, Math.max(atMs, listing.verify.atMs));
    }
  }
}
