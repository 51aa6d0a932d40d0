import { comparePositions, isNewer, type Position } from "../../protocol/position.ts";
import { seen, stillDue } from "./answers.ts";
import { type Import, type Listing, type Moment, reckoned, rewanted, type Terms } from "./listing.ts";

/** How long units are withheld that nobody explains. */
export const withheldMaxMs = 3_600_000;

/** Imports kept with a listing: those on their way, and some before them to know a repetition. */
const importsMax = 8;

/**
 * The listing after an order of `units` from its channel is in the SKU's ledger as of `position`; negative units were
 * cancelled. Undefined if that is known. The channel has subtracted them by itself: they explain what is withheld, and
 * the rest lowers what the channel is expected to show. It is told again once `wanted` has the position.
 */
export function imported(
  listing: Listing,
  units: number,
  position: Position,
  terms: Terms,
  moment: Moment,
): Listing | undefined {
  const known = listing.imports ?? [];
  if (units === 0 || known.some((sale) => comparePositions(sale, position) === 0)) return undefined;
  const { epoch, version } = position;
  const { wanted, published } = listing;
  const explained = Math.max(0, Math.min(units, listing.withheld?.units ?? 0));
  const isOld = published === undefined || published.place !== wanted?.place;
  const next: Listing = {
    ...listing,
    imports: bounded([...known, { epoch, version, units, atMs: moment.nowMs }], wanted),
    withheld: less(listing, explained, moment.nowMs),
    published: isOld
      ? published
      : { ...published, quantity: published.quantity - (units - explained), shown: "" },
  };
  if (wanted === undefined) return next;
  // The change of the stock is on its way, and makes it due.
  if (isNewer(position, wanted)) return { ...next, wanted: rewanted(next, wanted, terms, moment.nowMs) };
  return reckoned(next, terms, moment);
}

/** The listing without what it withholds: nobody has explained it in time. */
export function withoutWithheld(listing: Listing, terms: Terms, moment: Moment): Listing {
  return reckoned({ ...listing, withheld: undefined }, terms, moment);
}

/** The listing after its channel was read and shows `actual`: it is told over. */
export function repaired(listing: Listing, actual: number, terms: Terms, nowMs: number): Listing {
  const { wanted } = listing;
  if (wanted === undefined) return listing;
  const published = seen(listing, actual, wanted, nowMs);
  const next = { ...listing, published, withheld: undefined, verify: undefined, misses: undefined };
  return stillDue(next, wanted, terms, nowMs);
}

/** The listing after its channel was read and shows `actual`, which may stay: the next change goes out over it. */
export function noted(listing: Listing, actual: number, nowMs: number): Listing {
  const { wanted } = listing;
  return wanted === undefined ? listing : { ...listing, published: seen(listing, actual, wanted, nowMs) };
}

function less({ withheld }: Listing, explained: number, nowMs: number): Listing["withheld"] {
  if (withheld === undefined || explained === 0) return withheld;
  const units = withheld.units - explained;
  // Orders do come in, so what is left may still be on its way: its time starts over.
  return units === 0 ? undefined : { units, sinceMs: nowMs };
}

/** Drops imports that are counted; if none is, counts two as one, at the later position: that only withholds longer. */
function bounded(imports: readonly Import[], wanted: Position | undefined): readonly Import[] {
  if (imports.length <= importsMax) return imports;
  const counted = imports.findIndex((sale) => !isNewer(sale, wanted));
  if (counted >= 0) return imports.toSpliced(counted, 1);
  const [first, second, ...others] = imports;
  if (first === undefined || second === undefined) return imports;
  const later = isNewer(first, second) ? first : second;
  return [{ ...later, units: first.units + second.units }, ...others];
}
