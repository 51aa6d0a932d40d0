import type { ChannelStatusView, ChannelView, ListingView } from "../protocol/channel.ts";
import type { Listing } from "./listing.ts";
import type { PublisherStatus } from "./publisher.ts";
import type { ChannelRecord } from "./store.ts";

export function channelView(record: ChannelRecord, hasCredentials: boolean): ChannelView {
  const { id, kind, settings, listings, rule } = record;
  return {
    id,
    kind,
    settings,
    listings,
    ...(rule !== undefined && { rule }),
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
        quantity: published.quantity,
        at: timestamp(published.atMs),
      },
    }),
    ...(failure !== undefined && { failure: { detail: failure.detail, at: timestamp(failure.atMs) } }),
  };
}

export function statusView(
  record: ChannelRecord,
  publishing: PublisherStatus,
  stored: { failed: number; lastSuccessAtMs: number | undefined },
  nowMs: number,
): ChannelStatusView {
  const { breaker, due, heldUntilMs, lastFailure, lag } = publishing;
  return {
    id: record.id,
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
  };
}

function runState({ pausedBecause }: ChannelRecord): Pick<ChannelView, "state" | "pausedBecause"> {
  return pausedBecause === undefined ? { state: "running" } : { state: "paused", pausedBecause };
}

function timestamp(atMs: number): string {
  return new Date(atMs).toISOString();
}
