import type { External, ListingState } from "../protocol/channel.ts";
import { isNewer, type Position } from "../protocol/position.ts";
import type { PublicationRule } from "../protocol/rule.ts";
import type { StockView } from "../protocol/stock.ts";
import type { Publication } from "./adapter.ts";
import { type Offer, offerOf, quantityOf } from "./offer.ts";
import type { Urgency } from "./schedule.ts";

/** What a channel should show. */
export interface Wanted extends Position {
  readonly offer: Offer;
  readonly quantity: number;
  /** Everything that makes a difference on the channel, as text. */
  readonly shown: string;
  /** See `Publication.revision`. */
  readonly revision: number;
}

/** What a channel has confirmed. The position moves on without a call when nothing would look different. */
export interface Published extends Position {
  readonly quantity: number;
  readonly shown: string;
  /** When the channel was last told. */
  readonly atMs: number;
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

/** The listing after a change of its stock; undefined if it has that or something newer already. */
export function withStock(
  listing: Listing,
  stock: StockView,
  terms: Terms,
  moment: Moment,
  revision = 0,
): Listing | undefined {
  if (!isNewer(stock, listing.wanted)) return undefined;
  const { epoch, version } = stock;
  return want(listing, wantedOf(listing, { epoch, version }, offerOf(stock), revision, terms), moment);
}

/** The listing after its definition or the channel's terms changed: due again if it would look different. */
export function underTerms(listing: Listing, terms: Terms, moment: Moment): Listing {
  const { wanted } = listing;
  if (wanted === undefined) return listing;
  const { epoch, version, offer, revision } = wanted;
  // A receiver that drops repeated ids must not drop the same version under another rule.
  const next = wantedOf(listing, { epoch, version }, offer, Math.max(moment.nowMs, revision + 1), terms);
  return next.shown === wanted.shown ? listing : want(listing, next, moment);
}

/** The listing, due again although the channel refused it. */
export function retried(listing: Listing, nowMs: number): Listing {
  return { ...listing, state: "due", dueSinceMs: nowMs, failure: undefined };
}

/** The listing after the channel confirmed what it was sent. Still due if something else is wanted by now. */
export function confirmed(listing: Listing, sent: Wanted, nowMs: number): Listing {
  const { epoch, version, quantity, shown } = sent;
  const published = { epoch, version, quantity, shown, atMs: nowMs };
  const told = { ...listing, published, failure: undefined };
  if (told.wanted?.shown === shown) return settled(told, told.wanted);
  return { ...told, state: "due", dueSinceMs: nowMs };
}

/** The listing after the channel refused what it was sent. Something newer is not refused with it. */
export function refused(listing: Listing, sent: Wanted, detail: string, nowMs: number): Listing {
  // An attempt before this one may have had an effect, so nothing counts as shown until the channel confirms again.
  const published = listing.published && { ...listing.published, shown: "" };
  const isNewest = listing.wanted !== undefined && isSame(listing.wanted, sent);
  if (!isNewest) return { ...listing, published, state: "due", dueSinceMs: nowMs };
  return { ...listing, published, state: "failed", dueSinceMs: undefined, failure: { detail, atMs: nowMs } };
}

export function publicationOf(channel: string, listing: StockedListing): Publication {
  const { sku, external, wanted } = listing;
  return toPublication(channel, sku, external, wanted);
}

export function isDue(listing: Listing | undefined): listing is StockedListing {
  return listing?.state === "due" && listing.wanted !== undefined;
}

/** How urgent a due listing is; undefined if it is not due. */
export function urgencyOf(listing: Listing | undefined): Urgency | undefined {
  if (!isDue(listing)) return undefined;
  const { published, wanted, dueSinceMs = 0 } = listing;
  const crossesZero = published !== undefined && (published.quantity === 0) !== (wanted.quantity === 0);
  return { crossesZero, dueSinceMs };
}

function want(listing: Listing, wanted: Wanted, moment: Moment): Listing {
  if (moment.isCertain && listing.published?.shown === wanted.shown) return settled(listing, wanted);
  const dueSinceMs = listing.dueSinceMs ?? moment.nowMs;
  return { ...listing, state: "due", wanted, dueSinceMs, failure: undefined };
}

function settled(listing: Listing, wanted: Wanted): Listing {
  const { epoch, version } = wanted;
  const published = listing.published && { ...listing.published, epoch, version };
  return { ...listing, state: "published", wanted, published, dueSinceMs: undefined, failure: undefined };
}

function wantedOf(
  listing: Listing,
  position: Position,
  offer: Offer,
  revision: number,
  terms: Terms,
): Wanted {
  const quantity = quantityOf(offer, listing.rule ?? terms.rule, terms.channel);
  const wanted = { ...position, offer, quantity, shown: "", revision };
  const publication = toPublication(terms.channel, listing.sku, listing.external, wanted);
  const shown = JSON.stringify([terms.destination, listing.external ?? null, terms.shown(publication)]);
  return { ...wanted, shown };
}

function toPublication(
  channel: string,
  sku: string,
  external: External | undefined,
  wanted: Wanted,
): Publication {
  const { epoch, version, quantity, revision, offer } = wanted;
  const { available, status, asOf } = offer;
  return { channel, sku, external, quantity, available, status, epoch, version, asOf, revision };
}

function isSame(a: Wanted, b: Wanted): boolean {
  return a.epoch === b.epoch && a.version === b.version && a.revision === b.revision;
}
