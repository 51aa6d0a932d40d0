import type { ChannelLevel } from "../kit/adapter.ts";
import { failed, seen, stillDue } from "./answers.ts";
import { type Listing, reckoned, rewanted, type Terms } from "./listing.ts";

/** So often in a row a channel may take a number and not show it. */
const missesMax = 3;

/** Whether nothing happened to a listing since it was read, so that what was read is about it as it is. */
export function isAsRead(listing: Listing, asRead: Listing): boolean {
  return (
    listing.state === "published" &&
    listing.verify?.atMs === asRead.verify?.atMs &&
    listing.published?.quantity === asRead.published?.quantity
  );
}

/**
 * A listing after the channel was read back that had only taken in its number. `level` undefined: the channel does not
 * know the item. Fewer units than it was told, and no number from before: it has sold in the meantime.
 */
export function verified(
  listing: Listing,
  level: ChannelLevel | undefined,
  terms: Terms,
  nowMs: number,
): Listing {
  const { wanted, published, verify } = listing;
  if (wanted === undefined || published === undefined || verify === undefined) return listing;
  const done = { ...listing, verify: undefined, misses: undefined };
  if (level !== undefined && level.quantity === undefined) return done;
  const actual = level?.quantity;
  if (actual === published.quantity) return done;
  const isFromBefore = actual === verify.before || (listing.told ?? []).some((told) => told === actual);
  if (actual !== undefined && actual < published.quantity && !isFromBefore) {
    return withSale(done, published.quantity - actual, actual, terms, nowMs);
  }
  const misses = (listing.misses ?? 0) + 1;
  const missed = {
    ...listing,
    misses,
    verify: undefined,
    published:
      actual === undefined
        ? { ...published, shown: "", isUnsure: true as const }
        : seen(listing, actual, wanted, nowMs),
  };
  if (misses < missesMax) return stillDue(missed, wanted, terms, nowMs);
  const finding = actual === undefined ? "does not list the item" : `still shows ${actual}`;
  return failed(
    { ...missed, misses: undefined },
    `the channel accepted ${published.quantity} but ${finding}`,
    nowMs,
  );
}

/** Units that are missing since it was told were sold: it shows what it should once they are withheld. */
function withSale(listing: Listing, units: number, actual: number, terms: Terms, nowMs: number): Listing {
  const { wanted, published, withheld } = listing;
  if (wanted === undefined || published === undefined) return listing;
  const next = {
    ...listing,
    withheld: { units: (withheld?.units ?? 0) + units, sinceMs: withheld?.sinceMs ?? nowMs },
  };
  const { shown } = rewanted(next, wanted, terms, nowMs);
  const told = { ...next, published: { ...published, quantity: actual, shown } };
  return reckoned(told, terms, { nowMs, isCertain: true });
}
