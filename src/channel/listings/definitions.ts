import type { ListingConfig, ListingsMode } from "../../protocol/channel.ts";
import type { StockView } from "../../protocol/stock.ts";
import { type Listing, newListing, restored, retried, type Terms, underTerms, withStock } from "./listing.ts";
import type { TrackedListings } from "./tracked.ts";

/** What people say about a channel's listings: which there are, under which rule, and that a failed one is to go again. */
export class ListingDefinitions {
  readonly #listings: TrackedListings;

  constructor(listings: TrackedListings) {
    this.#listings = listings;
  }

  /** Defines a listing by hand. `stock` makes it due at once if the channel is to show something else than before. */
  define(
    sku: string,
    config: ListingConfig,
    stock: StockView | undefined,
    terms: Terms,
    nowMs: number,
  ): { isNew: boolean; listing: Listing } {
    const before = this.#listings.get(sku);
    const listed = before ?? newListing(sku, true);
    const moment = this.#listings.momentOf(listed, nowMs);
    const defined = underTerms({ ...listed, ...plain(config), isExplicit: true }, terms, moment);
    // Its like may have been published before it was removed; the revision tells them apart.
    const arrival = { revision: before === undefined ? nowMs : 0, isBackfilled: true };
    const listing = (stock && withStock(defined, stock, terms, moment, arrival)) ?? defined;
    this.#write(before, listing, terms, nowMs);
    return { isNew: before?.isExplicit !== true, listing };
  }

  /** Takes back a definition: on a channel that shows all, the SKU stays under the channel's own terms. */
  undefine(sku: string, mode: ListingsMode, terms: Terms, nowMs: number): boolean {
    const before = this.#listings.get(sku);
    if (before?.isExplicit !== true) return false;
    if (mode === "listed") {
      this.#listings.store.remove(sku);
      this.#listings.forget(sku);
      return true;
    }
    const plainListing = { ...before, ...plain({}), isExplicit: false };
    const after = underTerms(plainListing, terms, this.#listings.momentOf(before, nowMs));
    this.#write(before, after, terms, nowMs);
    return true;
  }

  /** Takes no listing for shown, and none for due until its SKU says how many there are. */
  forgetShown(nowMs: number): void {
    this.#listings.sweep(undefined, nowMs, restored);
  }

  /** Goes through all listings after the channel's terms changed, and makes due what would look different. */
  reconsider(mode: ListingsMode, terms: Terms, nowMs: number): void {
    const removeImplicit = () => {
      const gone = this.#listings.implicit();
      this.#listings.store.removeImplicit();
      return gone;
    };
    this.#listings.sweep(
      undefined,
      nowMs,
      (listing) => underTerms(listing, terms, this.#listings.momentOf(listing, nowMs)),
      mode === "listed" ? removeImplicit : undefined,
    );
  }

  /** Makes failed listings due again, one or all. Undefined if there is no such listing. */
  retry(sku: string | undefined, nowMs: number): number | undefined {
    const again = (listing: Listing) => (listing.state === "failed" ? retried(listing, nowMs) : listing);
    if (sku === undefined) return this.#listings.sweep("failed", nowMs, again);
    if (this.#listings.get(sku) === undefined) return undefined;
    return this.#listings.update([sku], nowMs, (listing) => listing && again(listing)).length;
  }

  #write(before: Listing | undefined, listing: Listing, { itemKey }: Terms, nowMs: number): void {
    const keyOf = (each: Listing | undefined) =>
      each?.external === undefined ? undefined : itemKey(each.external);
    const key = keyOf(listing);
    if (key === keyOf(before)) this.#listings.store.put([listing]);
    else this.#listings.store.putAs(listing, key);
    this.#listings.follow(listing, nowMs);
  }
}

/** A definition with its absent parts named, so that they replace what was there. */
function plain(config: ListingConfig): Pick<Listing, "external" | "rule"> {
  return { external: config.external, rule: config.rule };
}
