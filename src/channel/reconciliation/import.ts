import type { External } from "../../protocol/channel.ts";
import type { ImportView } from "../../protocol/reconciliation.ts";
import type { ChannelLevel } from "../kit/adapter.ts";
import type { Listing } from "../listings/listing.ts";
import { timestamp } from "./run.ts";

/** Entries kept of each list. */
const listMax = 500;

/** An item of the channel that says what its SKU is. */
export interface NamedItem {
  readonly sku: string;
  readonly external: External;
  readonly title?: string | undefined;
}

/** Several items of the channel that say they are one SKU. */
export interface SharedSku {
  readonly sku: string;
  readonly items: readonly Omit<NamedItem, "sku">[];
}

/** What became of the items. The lists are bounded, the counts are whole; `duplicates` counts SKUs. */
export interface ImportLists {
  readonly matched: readonly NamedItem[];
  readonly alreadyListed: readonly NamedItem[];
  readonly duplicates: readonly SharedSku[];
  readonly unknownSku: readonly NamedItem[];
  readonly withoutSku: readonly Omit<NamedItem, "sku">[];
}

/** One import of a channel's listings, as far as it has come. Immutable; stored whole. */
export interface ImportRun {
  readonly id: string;
  readonly isDryRun: boolean;
  readonly createdAtMs: number;
  /** `items`: pages of the channel are read. `listings`: what they had is listed, in order of SKU. */
  readonly phase: "items" | "listings" | "done" | "failed";
  /** Of the next page, or the last SKU that was listed. */
  readonly cursor?: string | undefined;
  readonly pages: number;
  readonly items: number;
  /** Listed, and not stocked yet. */
  readonly unstocked: readonly string[];
  readonly counts: Record<keyof ImportLists, number>;
  readonly lists: ImportLists;
  readonly failures: number;
  readonly retryAtMs?: number | undefined;
  readonly failure?: { readonly detail: string; readonly atMs: number } | undefined;
  readonly endedAtMs?: number | undefined;
}

export function newImport(id: string, isDryRun: boolean, nowMs: number): ImportRun {
  const counts = { matched: 0, alreadyListed: 0, duplicates: 0, unknownSku: 0, withoutSku: 0 };
  const lists = { matched: [], alreadyListed: [], duplicates: [], unknownSku: [], withoutSku: [] };
  const progress = { phase: "items", pages: 0, items: 0, unstocked: [], failures: 0 } as const;
  return { id, isDryRun, createdAtMs: nowMs, ...progress, counts, lists };
}

/** The items of a page, by whether they say what their SKU is. */
export function sorted(items: readonly ChannelLevel[]): {
  named: NamedItem[];
  withoutSku: Omit<NamedItem, "sku">[];
} {
  const named: NamedItem[] = [];
  const withoutSku: Omit<NamedItem, "sku">[] = [];
  for (const { external, sku, title } of items) {
    const item = { external, ...(title !== undefined && { title }) };
    if (sku === undefined) withoutSku.push(item);
    else named.push({ sku, ...item });
  }
  return { named, withoutSku };
}

/** What is known here of the items of one SKU. */
export interface Known {
  readonly isKnownSku: boolean;
  readonly listing: Listing | undefined;
  /** SKUs of other listings that are about one of these items. */
  readonly listedAs: readonly string[];
  isSameItem(a: External, b: External): boolean;
}

/** What all items of the channel with one SKU come to. Several with one SKU are for a person to sort out. */
export function judged(items: readonly NamedItem[], known: Known): Partial<ImportLists> {
  const [item, ...others] = items;
  if (item === undefined) return {};
  const { sku, external } = item;
  if (others.length > 0) return { duplicates: [{ sku, items: items.map(withoutName) }] };
  const own = known.listing?.external;
  if (own !== undefined && !known.isSameItem(own, external)) {
    return { duplicates: [{ sku, items: [withoutName(item), { external: own, title: "listed here" }] }] };
  }
  if (own !== undefined || known.listedAs.length > 0) return { alreadyListed: [item] };
  return known.isKnownSku ? { matched: [item] } : { unknownSku: [item] };
}

/** The import after these were sorted out. */
export function withLists(run: ImportRun, found: readonly Partial<ImportLists>[]): ImportRun {
  let { counts, lists } = run;
  for (const part of found) {
    counts = {
      matched: counts.matched + (part.matched?.length ?? 0),
      alreadyListed: counts.alreadyListed + (part.alreadyListed?.length ?? 0),
      duplicates: counts.duplicates + (part.duplicates?.length ?? 0),
      unknownSku: counts.unknownSku + (part.unknownSku?.length ?? 0),
      withoutSku: counts.withoutSku + (part.withoutSku?.length ?? 0),
    };
    lists = {
      matched: longer(lists.matched, part.matched),
      alreadyListed: longer(lists.alreadyListed, part.alreadyListed),
      duplicates: longer(lists.duplicates, part.duplicates),
      unknownSku: longer(lists.unknownSku, part.unknownSku),
      withoutSku: longer(lists.withoutSku, part.withoutSku),
    };
  }
  return { ...run, counts, lists };
}

export function importView(run: ImportRun): ImportView {
  const { id, isDryRun, phase, createdAtMs, endedAtMs, failure, items, counts, lists } = run;
  return {
    id,
    state: phase === "done" || phase === "failed" ? phase : "running",
    dryRun: isDryRun,
    startAt: timestamp(createdAtMs),
    ...(endedAtMs !== undefined && { endedAt: timestamp(endedAtMs) }),
    ...(failure !== undefined && { failure: { detail: failure.detail, at: timestamp(failure.atMs) } }),
    items,
    counts,
    ...(structuredClone(lists) as Pick<ImportView, keyof ImportLists>),
  };
}

function withoutName({ external, title }: NamedItem): Omit<NamedItem, "sku"> {
  return { external, ...(title !== undefined && { title }) };
}

function longer<Item>(list: readonly Item[], more: readonly Item[] = []): readonly Item[] {
  return more.length === 0 || list.length >= listMax ? list : [...list, ...more].slice(0, listMax);
}
