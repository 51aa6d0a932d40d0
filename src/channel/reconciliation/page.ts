import type { DriftPolicy, External } from "../../protocol/channel.ts";
import type { DriftAction, DriftEntry } from "../../protocol/reconciliation.ts";
import type { PublicationRule } from "../../protocol/rule.ts";
import { unreachable } from "../../stock/refusal.ts";
import type { ChannelLevel } from "../kit/adapter.ts";
import { absent, compared, type Verdict, withoutListing } from "./drift.ts";
import type { DriftLog, DriftRecord } from "./drift-log.ts";
import { type Adjustment, type Remedy, remedyFor } from "./drift-policy.ts";
import type { Listing } from "../listings/listing.ts";
import { isDrift } from "./run.ts";

/** The listings of a channel, as far as reading it needs them. */
export interface ListingsLookup {
  get(skus: readonly string[]): Map<string, Listing>;
  /** SKUs of the listings that are about an item, by its key. */
  skusOf(itemKeys: readonly string[]): Map<string, readonly string[]>;
  page(query: { after?: string | undefined; limit: number }): Listing[];
}

export interface PageEffects {
  now(): number;
  readonly drift: DriftLog;
  readonly listings: ListingsLookup;
  itemKey(external: External): string;
  policy(): DriftPolicy;
  channelRule(): PublicationRule | undefined;
  isPaused(): boolean;
  hasHeldOrders(sku: string): boolean;
  /** Up to when the channel's orders were asked for; undefined if they come by themselves. */
  ordersAskedAtMs(): number | undefined;
  /** The channel shows `actual`: `repair` tells it our number again, `note` only remembers it. Durable. */
  reconciled(sku: string, actual: number, action: "repair" | "note"): void;
  /** Corrects a SKU's stock once for this run; why it was not, undefined if it was. */
  correct(run: string, sku: string, adjustment: Adjustment): Promise<string | undefined>;
}

/** Something the channel shows, or does not, and what is known of it here. */
export interface Found {
  readonly verdict: Verdict;
  readonly level?: ChannelLevel | undefined;
  readonly listing?: Listing | undefined;
  /** What is open of it since an earlier look. */
  readonly before?: DriftRecord | undefined;
}

/** What each item of a page means. An item is found by its key, else by what the channel says its SKU is. */
export function matched(items: readonly ChannelLevel[], atMs: number, effects: PageEffects): Found[] {
  const keys = items.map((level) => effects.itemKey(level.external));
  const skusByKey = effects.listings.skusOf(keys);
  const skus = [...[...skusByKey.values()].flat(), ...items.flatMap(({ sku }) => sku ?? [])];
  const known = effects.listings.get([...new Set(skus)]);
  const open = effects.drift.find([...known.keys()]);
  return items.flatMap((level, index): Found[] => {
    const byKey = (skusByKey.get(keys[index] ?? "") ?? []).flatMap((sku) => known.get(sku) ?? []);
    const bySku = level.sku === undefined ? undefined : known.get(level.sku);
    const isElsewhere = byKey.length === 0 && bySku?.external !== undefined;
    const found = byKey.length > 0 || bySku === undefined || isElsewhere ? byKey : [bySku];
    if (found.length === 0) return [{ level, verdict: withoutListing(level, isElsewhere) }];
    return found.map((listing) => {
      const sighting = { level, atMs, hasHeldOrders: effects.hasHeldOrders(listing.sku) };
      return { level, listing, verdict: compared(listing, sighting), before: open.get(listing.sku) };
    });
  });
}

/** Listings that no page of the channel had. */
export function missing(listings: readonly Listing[], startedAtMs: number, effects: PageEffects): Found[] {
  const open = effects.drift.find(listings.map(({ sku }) => sku));
  return listings.flatMap((listing): Found[] => {
    const verdict = absent(listing, startedAtMs);
    return verdict === undefined ? [] : [{ listing, verdict, before: open.get(listing.sku) }];
  });
}

/**
 * Does about each what the channel's policy says, and answers one entry for each. `corrections`: what the run has made
 * so far.
 */
export async function treated(
  run: string,
  found: readonly Found[],
  corrections: number,
  effects: PageEffects,
): Promise<DriftEntry[]> {
  const remedies = remediesFor(found, corrections, effects);
  // At once, before anything is waited for: a verdict is true only for the moment.
  for (const [index, { listing, verdict }] of found.entries()) {
    const type = remedies[index]?.type ?? "none";
    if (listing === undefined || type === "none") continue;
    // Noted before the stock is corrected: what is told then must be expected to come upon the channel's number.
    effects.reconciled(listing.sku, verdict.theirs ?? 0, type === "publish" ? "repair" : "note");
  }
  const entries: DriftEntry[] = [];
  for (const [index, each] of found.entries()) {
    entries.push(await entryFor(run, each, remedies[index], effects));
  }
  return entries;
}

/** Tells the log what came of each. */
export function logged(
  found: readonly Found[],
  entries: readonly DriftEntry[],
  drift: DriftLog,
  nowMs: number,
): void {
  for (const [index, { listing, before }] of found.entries()) {
    const entry = entries[index];
    if (listing === undefined || entry === undefined) continue;
    if (isDrift(entry)) drift.open(listing.sku, entry, before, nowMs);
    else if (before === undefined) continue;
    else if (entry.class === "in_flight") drift.keep(before, nowMs);
    else drift.close(listing.sku);
  }
}

function remediesFor(found: readonly Found[], corrections: number, effects: PageEffects): Remedy[] {
  const nowMs = effects.now();
  let made = corrections;
  return found.map(({ verdict, listing, before }) => {
    if (listing === undefined) return { type: "none", reason: verdict.why };
    const isSame = before !== undefined && before.theirs === verdict.theirs;
    const remedy = remedyFor(verdict, listing, {
      policy: effects.policy(),
      channelRule: effects.channelRule(),
      isPaused: effects.isPaused(),
      nowMs,
      sinceMs: isSame ? before.sameSinceMs : nowMs,
      correctedInARow: before?.correctedInARow ?? 0,
      corrections: made,
      ordersAskedAtMs: effects.ordersAskedAtMs(),
    });
    if (remedy.type !== "none") made += 1;
    return remedy;
  });
}

async function entryFor(
  run: string,
  found: Found,
  remedy: Remedy | undefined,
  effects: PageEffects,
): Promise<DriftEntry> {
  const { verdict, listing } = found;
  if (remedy === undefined || listing === undefined) return entryOf(found, "none", verdict.why);
  switch (remedy.type) {
    case "none":
      return entryOf(found, "none", remedy.reason);
    case "publish":
      return entryOf(found, "published_again", remedy.reason);
    case "correct": {
      const refusal = await effects.correct(run, listing.sku, remedy);
      return refusal === undefined
        ? entryOf(found, "corrected", remedy.reason)
        : entryOf(found, "none", `${verdict.why}; not taken over: ${refusal}`);
    }
    default:
      return unreachable(remedy);
  }
}

/** What a report says of it. */
export function entryOf({ verdict, level, listing }: Found, action: DriftAction, reason: string): DriftEntry {
  const sku = listing?.sku ?? level?.sku;
  const external = level?.external ?? listing?.external;
  const { ours, theirs } = verdict;
  return {
    ...(sku !== undefined && { sku }),
    ...(external !== undefined && { external }),
    ...(level?.title !== undefined && { title: level.title }),
    class: verdict.class,
    ...(ours !== undefined && { ours }),
    ...(theirs !== undefined && { theirs }),
    action,
    reason,
  };
}
