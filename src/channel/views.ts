import type { KeptFactView } from "../protocol/inbound.ts";
import type { KeptFact } from "./contract.ts";
import type { ChannelStatusView, ChannelView, ListingView } from "../protocol/channel.ts";
import { type Listing, unitsWithheld } from "./listings/listing.ts";
import type { PublisherStatus } from "./publishing/publisher.ts";
import type { ChannelRecord } from "./record.ts";

export function channelView(record: ChannelRecord, hasCredentials: boolean): ChannelView {
  const { id, kind, settings, listings, rule, drift = "stockwire" } = record;
  return {
    id,
    kind,
    settings,
    listings,
    ...(rule !== undefined && { rule }),
    drift,
    hasCredentials,
    ...runState(record),
    createdAt: timestamp(record.createdAtMs),
    updatedAt: timestamp(record.updatedAtMs),
  };
}

export function listingView(listing: Listing): ListingView {
  const { sku, state, external, rule, wanted, published, failure } = listing;
  return {
    sku,
    state,
    ...(external !== undefined && { external }),
    ...(rule !== undefined && { rule }),
    ...(wanted !== undefined && {
      wanted: {
        epoch: wanted.epoch,
        version: wanted.version,
        quantity: wanted.quantity,
        available: wanted.offer.available,
        status: wanted.offer.status,
        asOf: wanted.offer.asOf,
      },
    }),
    ...(published !== undefined && {
      published: {
        epoch: published.epoch,
        version: published.version,
        // A channel may sell more than it had.
        quantity: Math.max(0, published.quantity),
        at: timestamp(published.atMs),
      },
    }),
    ...withheldView(listing),
    ...(failure !== undefined && { failure: { detail: failure.detail, at: timestamp(failure.atMs) } }),
  };
}

function withheldView(listing: Listing): Pick<ListingView, "withheld"> {
  const units = unitsWithheld(listing);
  if (units === 0) return {};
  const timesMs = (listing.imports ?? []).map((sale) => sale.atMs);
  const sinceMs = listing.withheld?.sinceMs ?? Math.max(...timesMs);
  return { withheld: { units, since: timestamp(sinceMs) } };
}

export function factView({ seq, state, receivedAtMs, replays, detail, fact }: KeptFact): KeptFactView {
  const kept = { seq, state, receivedAt: timestamp(receivedAtMs), replays, fact: { ...fact } };
  return { ...kept, ...(detail !== undefined && { detail }) };
}

/** The part of a channel's status that is about what it is told. */
type PublishingStatusView = Omit<ChannelStatusView, "inbound" | "drift" | "lastReconciliation" | "abilities">;

export function statusView(
  record: ChannelRecord,
  publishing: PublisherStatus,
  stored: { failed: number; lastSuccessAtMs: number | undefined },
  nowMs: number,
): PublishingStatusView {
  const { breaker, due, heldUntilMs, lastFailure, lag, unexplainedUnits } = publishing;
  return {
    id: record.id,
    kind: record.kind,
    ...runState(record),
    breaker,
    ...(heldUntilMs > nowMs && { heldUntil: timestamp(heldUntilMs) }),
    due,
    failed: stored.failed,
    ...(stored.lastSuccessAtMs !== undefined && { lastSuccessAt: timestamp(stored.lastSuccessAtMs) }),
    ...(lastFailure !== undefined && {
      lastFailure: { detail: lastFailure.detail, at: timestamp(lastFailure.atMs) },
    }),
    ...(lag !== undefined && { lag }),
    ...(unexplainedUnits > 0 && { unexplainedUnits }),
  };
}

function runState({ pausedBecause }: ChannelRecord): Pick<ChannelView, "state" | "pausedBecause"> {
  return pausedBecause === undefined ? { state: "running" } : { state: "paused", pausedBecause };
}

function timestamp(atMs: number): string {
  return new Date(atMs).toISOString();
}
