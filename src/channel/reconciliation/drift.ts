import { isNewer } from "../../protocol/position.ts";
import type { DriftClass } from "../../protocol/reconciliation.ts";
import type { ChannelLevel } from "../kit/adapter.ts";
import { type Listing, offeredQuantity } from "../listings/listing.ts";

/** A channel may show an older number for so long after it took a newer one: its pages come from caches. */
const settlingMs = 2 * 60_000;

/** What a channel shows of an item, when it was read. */
export interface Sighting {
  readonly level: ChannelLevel;
  readonly atMs: number;
  /** Orders of the channel for this SKU are kept and not applied yet. */
  readonly hasHeldOrders: boolean;
}

/** What a number on the channel means, and why; quantities in units. */
export interface Verdict {
  readonly class: DriftClass;
  readonly ours?: number | undefined;
  readonly theirs?: number | undefined;
  readonly why: string;
  /** When the channel says the number changed last; undefined if it does not say. */
  readonly changedAtMs?: number | undefined;
}

/** Compares what the channel shows with its listing. */
export function compared(listing: Listing, { level, atMs, hasHeldOrders }: Sighting): Verdict {
  const theirs = level.quantity;
  const ours = oursOf(listing);
  if (theirs === undefined) {
    return {
      class: "uncounted",
      ours,
      why: "the channel does not count this item, so it may sell any number: turn on stock tracking for it there",
    };
  }
  const changedAtMs = timeOf(level.updatedAt);
  const verdict = (driftClass: DriftClass, why: string): Verdict => ({
    class: driftClass,
    ours,
    theirs,
    why,
    changedAtMs,
  });
  if (ours === undefined) {
    return verdict("untold", "no stock of this SKU is known: count it, and the channel is told");
  }
  const moving = whatMoves(listing, atMs, hasHeldOrders);
  if (moving !== undefined) return verdict("in_flight", moving);
  if (theirs === ours || isAsTold(listing, theirs))
    return verdict("in_sync", "the channel shows what it was told");
  if (listing.state === "failed") return verdict("refused", refusalOf(listing));
  return whose(listing, theirs, changedAtMs, verdict);
}

/** A listing that is nowhere on the channel after all of it was read; `startedAtMs` is when reading began. */
export function absent(listing: Listing, startedAtMs: number): Verdict | undefined {
  const ours = oursOf(listing);
  if (ours === undefined) return undefined;
  const isNew = (listing.published?.atMs ?? 0) > startedAtMs - settlingMs;
  if (listing.state === "due" || isNew)
    return { class: "in_flight", ours, why: "it is published just now, so it may come up in the next run" };
  if (listing.state === "failed")
    return { class: "refused", ours, why: `the item is not there; ${refusalOf(listing)}` };
  return {
    class: "missing_there",
    ours,
    why: "the channel has no such item: put it up there, or take the listing away here",
  };
}

/** What an item means that no listing is about. `listedElsewhere`: its SKU is listed as another item. */
export function withoutListing(level: ChannelLevel, listedElsewhere: boolean): Verdict {
  const theirs = level.quantity;
  if (listedElsewhere) {
    const why = "its SKU is listed here as another item of the channel: two items would sell the same units";
    return { class: "unlisted", theirs, why };
  }
  const why =
    level.sku === undefined
      ? "it has no SKU on the channel: give it one there, or list it here with its id"
      : "it has no listing here: list it, or import the channel's listings";
  return { class: "unlisted", theirs, why };
}

/** Why the channel may show another number soon; undefined if it should stay. */
function whatMoves(listing: Listing, atMs: number, hasHeldOrders: boolean): string | undefined {
  const { state, verify, published, imports = [], wanted } = listing;
  if (hasHeldOrders) return "orders of the channel are being applied";
  if (state === "due") return "a newer number is due";
  if (verify !== undefined) return "the channel took a number and has not said yet that it shows it";
  if (imports.some((sale) => isNewer(sale, wanted)))
    return "an order of the channel is on its way to the stock";
  if (published !== undefined && published.atMs > atMs - settlingMs)
    return "the channel was told within the last 2 minutes";
  return undefined;
}

function whose(
  { published, told = [] }: Listing,
  theirs: number,
  changedAtMs: number | undefined,
  verdict: (driftClass: DriftClass, why: string) => Verdict,
): Verdict {
  if (changedAtMs === undefined) {
    return told.includes(theirs)
      ? verdict(
          "lost_push",
          "the channel shows a number it was told earlier, and does not say when it changed",
        )
      : verdict(
          "edited_there",
          "the channel shows a number nobody told it, and does not say when it changed",
        );
  }
  if (published === undefined || changedAtMs > published.atMs)
    return verdict("edited_there", "the number changed there after the channel was told");
  return verdict("lost_push", "the channel took our number, and nothing has changed there since");
}

function refusalOf({ failure }: Listing): string {
  const words = failure?.detail ?? "it did not say why";
  return `the channel refused our number: ${words}; correct that, then retry the listing`;
}

/** An adapter may know numbers that look the same on the channel: then the one that was told last is still right. */
function isAsTold({ state, published, wanted }: Listing, theirs: number): boolean {
  return state === "published" && published?.shown === wanted?.shown && published?.quantity === theirs;
}

/** What the channel should show. */
function oursOf(listing: Listing): number | undefined {
  const { wanted } = listing;
  return wanted === undefined ? undefined : offeredQuantity({ ...listing, wanted });
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}
