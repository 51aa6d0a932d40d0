import type { External, ListingState } from "../../protocol/channel.ts";
import { isNewer, type Position } from "../../protocol/position.ts";
import type { PublicationRule } from "../../protocol/rule.ts";
import type { StockView } from "../../protocol/stock.ts";
import type { Publication } from "../kit/adapter.ts";
import { type Offer, offerOf, quantityOf } from "./offer.ts";
import type { Urgency } from "./turns.ts";

/** What a channel should show. */
export interface Wanted extends Position {
  readonly offer: Offer;
  /** Units by the rule, before any are withheld. */
  readonly quantity: number;
  /** The item of the channel it is for. */
  readonly place: string;
  /** Everything that makes a difference on the channel, as text; of the units that are not withheld. */
  readonly shown: string;
  /** See `Publication.revision`. */
  readonly revision: number;
  /** The stock was known before; how long it took to get here says nothing. */
  readonly isBackfilled?: true | undefined;
  /** When the SKU recorded the oldest change that the channel was not told of; absent if that is not known. */
  readonly recordedAtMs?: number | undefined;
}

/** What a channel shows, as far as is known. The position moves on without a call when nothing would look different. */
export interface Published extends Position {
  /** Units it was last told, less what it sold since and was imported; negative if it oversold. */
  readonly quantity: number;
  readonly place: string;
  /** As `Wanted.shown`; empty if it is to be told again even if that looks the same. */
  readonly shown: string;
  /** When it was last told. */
  readonly atMs: number;
  /** How long that took from the change of the stock; absent if it was told for another reason. */
  readonly lagMs?: number | undefined;
  /** A request that failed since may have changed it. */
  readonly isUnsure?: true | undefined;
}

/** Units the channel has sold and whose orders are not known here yet. They must not be put on sale again. */
export interface Withheld {
  readonly units: number;
  /** Since when none of it was explained. */
  readonly sinceMs: number;
}

/** An order of this channel in the SKU's ledger. Its units count as withheld until `wanted` has the position. */
export interface Import extends Position {
  readonly units: number;
  readonly atMs: number;
}

/** The channel took a number and will say later whether it shows it. */
export interface Verify {
  readonly atMs: number;
  /** What it showed before, if that is known. */
  readonly before?: number | undefined;
}

/** A SKU on a channel. Immutable; stored whole. */
export interface Listing {
  readonly sku: string;
  /** Made by hand, not just by the stock of a SKU on a channel that shows all. */
  readonly isExplicit: boolean;
  readonly external?: External | undefined;
  readonly rule?: PublicationRule | undefined;
  readonly state: ListingState;
  readonly wanted?: Wanted | undefined;
  readonly published?: Published | undefined;
  readonly withheld?: Withheld | undefined;
  /** The latest imports; those that `wanted` has are kept to know a repetition. */
  readonly imports?: readonly Import[] | undefined;
  /** The quantities it was last told, newest first. */
  readonly told?: readonly number[] | undefined;
  readonly verify?: Verify | undefined;
  /** How often in a row the channel took a number and did not show it. */
  readonly misses?: number | undefined;
  /** The channel takes nothing for this listing until then. */
  readonly laterUntilMs?: number | undefined;
  /** When it became due; only while it is. */
  readonly dueSinceMs?: number | undefined;
  /** Why the channel refused it; only while it is failed. */
  readonly failure?: { readonly detail: string; readonly atMs: number } | undefined;
}

/** A listing with something to show. */
export type StockedListing = Listing & { readonly wanted: Wanted };

/** What a channel's configuration says about all its listings. */
export interface Terms {
  readonly channel: string;
  readonly rule?: PublicationRule | undefined;
  /** Counts the places the channel's numbers went to; see `Adapter.destination`. */
  readonly destination: number;
  readonly shown: (publication: Publication) => string;
  readonly itemKey: (external: External) => string;
}

/** The circumstances of a change. */
export interface Moment {
  readonly nowMs: number;
  /** Whether the channel surely shows what it last confirmed: nothing was sent since. */
  readonly isCertain: boolean;
}

export function newListing(sku: string, isExplicit: boolean): Listing {
  return { sku, isExplicit, state: "unstocked" };
}

/** How a change of stock came. */
export interface Arrival {
  readonly revision?: number;
  readonly isBackfilled?: boolean;
  readonly recordedAtMs?: number | undefined;
}

/** The listing after a change of its stock; undefined if it has that or something newer already. */
export function withStock(
  listing: Listing,
  stock: StockView,
  terms: Terms,
  moment: Moment,
  { revision = 0, isBackfilled = false, recordedAtMs }: Arrival = {},
): Listing | undefined {
  if (!isNewer(stock, listing.wanted)) return undefined;
  const { epoch, version } = stock;
  const untold = isDue(listing) && isNewer(listing.wanted, listing.published) && listing.wanted.recordedAtMs;
  const oldestMs = recordedAtMs === undefined ? undefined : Math.min(recordedAtMs, untold || recordedAtMs);
  const wanted = {
    epoch,
    version,
    offer: offerOf(stock),
    revision,
    recordedAtMs: oldestMs,
    ...(isBackfilled && { isBackfilled }),
  };
  return want(listing, wantedOf(listing, wanted, terms), moment);
}

/** The listing after its definition or the channel's terms changed: due again if it would look different. */
export function underTerms(listing: Listing, terms: Terms, moment: Moment): Listing {
  const { wanted } = listing;
  if (wanted === undefined) return listing;
  const hasMoved = placeOf(listing, terms) !== wanted.place;
  // What is known of one item of the channel says nothing about another.
  const there = hasMoved
    ? { ...listing, withheld: undefined, told: undefined, verify: undefined, misses: undefined }
    : listing;
  const next = rewanted(there, wanted, terms, moment.nowMs);
  return next.shown === wanted.shown ? listing : want(there, next, moment);
}

/**
 * The listing after something but its stock changed in what it should show, or in what the channel shows: due if the
 * channel surely or perhaps shows something else.
 */
export function reckoned(listing: Listing, terms: Terms, moment: Moment): Listing {
  const { wanted } = listing;
  return wanted === undefined
    ? listing
    : want(listing, rewanted(listing, wanted, terms, moment.nowMs), moment);
}

/**
 * The listing after the service was restored. What was wanted is of a life that is over, and nobody knows what the channel
 * was told since: it is told the number of the new life as soon as that is here, even if it looks the same.
 */
export function restored(listing: Listing): Listing {
  const { published } = listing;
  return {
    ...listing,
    state: "unstocked",
    wanted: undefined,
    published: published && { ...published, shown: "", isUnsure: true },
    verify: undefined,
    misses: undefined,
    laterUntilMs: undefined,
    dueSinceMs: undefined,
    failure: undefined,
  };
}

/** The listing, due again although the channel refused it. */
export function retried(listing: Listing, nowMs: number): Listing {
  return { ...listing, state: "due", dueSinceMs: nowMs, misses: undefined, failure: undefined };
}

/** `expected`: see `Publication`. */
export function publicationOf(
  channel: string,
  listing: StockedListing,
  expected: number | undefined,
): Publication {
  const publication = toPublication(channel, listing, listing.wanted, offeredQuantity(listing));
  return expected === undefined ? publication : { ...publication, expected };
}

/** Units the channel is to be told: what is wanted less what is withheld. */
export function offeredQuantity(listing: StockedListing): number {
  return offered(listing, listing.wanted);
}

/** Units withheld from the channel, of sales nobody has told us of and of those that `wanted` does not count yet. */
export function unitsWithheld(listing: Listing, wanted: Position | undefined = listing.wanted): number {
  const onTheirWay = (listing.imports ?? []).filter((sale) => isNewer(sale, wanted));
  // A cancellation that `wanted` does not count yet gives nothing in advance.
  const units = onTheirWay.reduce((total, sale) => total + Math.max(0, sale.units), 0);
  return units + (listing.withheld?.units ?? 0);
}

/** What the channel surely shows, if nothing happened there that we have not heard of. */
export function knownQuantity({ wanted, published, verify }: Listing): number | undefined {
  const isKnown = published?.place === wanted?.place && published?.isUnsure !== true && verify === undefined;
  return isKnown ? published?.quantity : undefined;
}

export function isDue(listing: Listing | undefined): listing is StockedListing {
  return listing?.state === "due" && listing.wanted !== undefined;
}

/** How urgent a due listing is; undefined if it is not due. */
export function urgencyOf(listing: Listing | undefined): Urgency | undefined {
  if (!isDue(listing)) return undefined;
  const { published, dueSinceMs = 0 } = listing;
  const crossesZero = published !== undefined && published.quantity <= 0 !== (offeredQuantity(listing) === 0);
  return { crossesZero, dueSinceMs };
}

/** The listing, settled if the channel shows what it should, else due. */
export function want(listing: Listing, wanted: Wanted, moment: Moment): Listing {
  if (moment.isCertain && listing.published?.shown === wanted.shown) return settled(listing, wanted);
  const dueSinceMs = listing.dueSinceMs ?? moment.nowMs;
  return { ...listing, state: "due", wanted, dueSinceMs, failure: undefined };
}

/** What is wanted, worked out anew. A receiver that drops repeated ids must not drop the same version told anew. */
export function rewanted(listing: Listing, wanted: Wanted, terms: Terms, nowMs: number): Wanted {
  return wantedOf(listing, { ...wanted, revision: Math.max(nowMs, wanted.revision + 1) }, terms);
}

function settled(listing: Listing, wanted: Wanted): Listing {
  const { epoch, version } = wanted;
  const published = listing.published && { ...listing.published, epoch, version };
  return {
    ...listing,
    state: "published",
    wanted,
    published,
    dueSinceMs: undefined,
    laterUntilMs: undefined,
    failure: undefined,
  };
}

function wantedOf(
  listing: Listing,
  given: Omit<Wanted, "quantity" | "place" | "shown" | "isBackfilled"> & {
    readonly isBackfilled?: boolean | undefined;
  },
  terms: Terms,
): Wanted {
  const { epoch, version, offer, revision, isBackfilled, recordedAtMs } = given;
  const quantity = quantityOf(offer, listing.rule ?? terms.rule, terms.channel);
  const place = placeOf(listing, terms);
  const wanted: Wanted = {
    epoch,
    version,
    offer,
    quantity,
    place,
    shown: "",
    revision,
    ...(isBackfilled === true && { isBackfilled }),
    ...(recordedAtMs !== undefined && { recordedAtMs }),
  };
  const publication = toPublication(terms.channel, listing, wanted, offered(listing, wanted));
  return { ...wanted, shown: JSON.stringify([place, terms.shown(publication)]) };
}

function offered(listing: Listing, wanted: Wanted): number {
  return Math.max(0, wanted.quantity - unitsWithheld(listing, wanted));
}

function placeOf(listing: Listing, terms: Terms): string {
  return JSON.stringify([terms.destination, listing.external ?? null]);
}

function toPublication(channel: string, listing: Listing, wanted: Wanted, quantity: number): Publication {
  const { sku, external } = listing;
  const { epoch, version, revision, offer } = wanted;
  const { available, status, asOf } = offer;
  return { channel, sku, external, quantity, available, status, epoch, version, asOf, revision };
}
