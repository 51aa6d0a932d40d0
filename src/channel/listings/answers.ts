import { lagOf } from "./lag.ts";
import {
  type Listing,
  offeredQuantity,
  type Published,
  rewanted,
  type StockedListing,
  type Terms,
  want,
  type Wanted,
} from "./listing.ts";

/** How many of the last numbers are remembered, for notifications of them that come late. */
const toldMax = 5;

/** The longest rest a channel can ask for one listing: its allowance may be by the day. */
const laterMaxMs = 24 * 3_600_000;

/** Listings are read back at whole multiples of this time, so that many are read in one call. */
const verifyStepMs = 10_000;

/** A listing as it was sent. */
export interface Sent {
  readonly listing: StockedListing;
  /** What the channel was expected to show; undefined if that was not known. */
  readonly expected: number | undefined;
}

/**
 * The listing after the channel confirmed what it was sent. Still due if something else is wanted by now.
 * `verifyAfterMs`: it has only taken it in.
 */
export function confirmed(
  listing: Listing,
  sent: Sent,
  verifyAfterMs: number | undefined,
  nowMs: number,
): Listing {
  const { epoch, version, place, shown } = sent.listing.wanted;
  const quantity = offeredQuantity(sent.listing);
  const sold = importedMeanwhile(listing, sent);
  const published = {
    epoch,
    version,
    place,
    atMs: nowMs,
    lagMs: lagOf(sent.listing, nowMs),
    quantity: quantity - sold,
    shown: sold === 0 ? shown : "",
  };
  const told = {
    ...listing,
    published,
    told: [quantity, ...(listing.told ?? [])].slice(0, toldMax),
    verify:
      verifyAfterMs === undefined
        ? undefined
        : { atMs: verifyAtMs(nowMs + verifyAfterMs), before: sent.listing.published?.quantity },
    misses: verifyAfterMs === undefined ? undefined : listing.misses,
    laterUntilMs: undefined,
    failure: undefined,
  };
  const { wanted } = told;
  if (wanted === undefined) return told;
  return want({ ...told, dueSinceMs: undefined }, wanted, { nowMs, isCertain: true });
}

/**
 * The listing after the channel was found to show `actual` and was left so. Units that are missing there were sold,
 * and we have not heard of it: they are withheld until we do.
 */
export function moved(listing: Listing, sent: Sent, actual: number, terms: Terms, nowMs: number): Listing {
  const { wanted } = listing;
  // It has become another item of the channel meanwhile.
  if (wanted === undefined || wanted.place !== sent.listing.wanted.place) return listing;
  const { quantity, missing } = comparison(listing, sent, actual);
  const before = listing.withheld;
  const withheld =
    missing > 0 ? { units: (before?.units ?? 0) + missing, sinceMs: before?.sinceMs ?? nowMs } : before;
  const published = seen(listing, quantity, wanted, nowMs);
  return stillDue({ ...listing, withheld, published, verify: undefined }, wanted, terms, nowMs);
}

/** The listing after the channel refused what it was sent. Something newer is not refused with it. */
export function refused(listing: Listing, sent: Sent, detail: string, nowMs: number): Listing {
  // An attempt before this one may have had an effect, so nothing counts as shown until the channel confirms again.
  const published = listing.published && {
    ...listing.published,
    shown: "",
    ...(sent.expected === undefined && { isUnsure: true as const }),
  };
  const isNewest = listing.wanted !== undefined && isSame(listing.wanted, sent.listing.wanted);
  if (!isNewest) return { ...listing, published, state: "due", dueSinceMs: nowMs };
  return failed({ ...listing, published }, detail, nowMs);
}

/** The listing, parked with the channel's words. */
export function failed(listing: Listing, detail: string, nowMs: number): Listing {
  return { ...listing, state: "failed", dueSinceMs: undefined, failure: { detail, atMs: nowMs } };
}

/** The listing after the channel said that it takes nothing for it for a while. It stays due. */
export function postponed(listing: Listing, afterMs: number, nowMs: number): Listing {
  return { ...listing, laterUntilMs: nowMs + Math.min(Math.max(0, afterMs), laterMaxMs) };
}

/** What the channel shows by its own account: known for sure, and to be told over. */
export function seen(listing: Listing, quantity: number, wanted: Wanted, nowMs: number): Published {
  const { epoch, version, place } = wanted;
  const { published } = listing;
  const at = published ?? { epoch, version, atMs: nowMs };
  return { epoch: at.epoch, version: at.version, atMs: at.atMs, quantity, place, shown: "" };
}

/** The listing, due with what is wanted of it worked out anew. */
export function stillDue(listing: Listing, wanted: Wanted, terms: Terms, nowMs: number): Listing {
  return want(listing, rewanted(listing, wanted, terms, nowMs), { nowMs, isCertain: false });
}

/**
 * What the channel shows after it was found to show `actual`, and how many units are missing there for a reason we do
 * not know. What was imported while the request was under way is a reason, and may or may not be in `actual` already.
 */
function comparison(
  listing: Listing,
  sent: Sent,
  actual: number,
): { readonly quantity: number; readonly missing: number } {
  const { expected } = sent;
  const known = listing.published?.quantity;
  if (expected === undefined || known === undefined) return { quantity: actual, missing: 0 };
  // Edited there, or a cancellation we have not heard of.
  if (actual > expected) return { quantity: known + actual - expected, missing: 0 };
  return { quantity: Math.min(known, actual), missing: Math.max(0, known - actual) };
}

/** Units the channel sold that were imported since the listing was sent, and are not among the withheld ones. */
function importedMeanwhile(listing: Listing, sent: Sent): number {
  const before = sent.listing.published;
  const after = listing.published;
  // Told for the first time, while its first sales came in: only they themselves say how many they were.
  if (before === undefined) return unitsOf(listing) - unitsOf(sent.listing);
  if (after === undefined || before.place !== sent.listing.wanted.place) return 0;
  return before.quantity - after.quantity;
}

function unitsOf({ imports = [] }: Listing): number {
  return imports.reduce((sum, { units }) => sum + units, 0);
}

function verifyAtMs(readyAtMs: number): number {
  return Math.ceil(readyAtMs / verifyStepMs) * verifyStepMs;
}

function isSame(a: Wanted, b: Wanted): boolean {
  return a.epoch === b.epoch && a.version === b.version && a.revision === b.revision;
}
