import type { InboundStatusView } from "../protocol/inbound.ts";
import { type Family, labelled } from "../telemetry/exposition.ts";
import { gauge } from "../telemetry/instruments.ts";
import { propagation, publications } from "../telemetry/metrics.ts";
import type { PublisherStatus } from "./publishing/publisher.ts";

/** How a channel is doing, as its object knows it. */
export interface ChannelCondition {
  readonly channel: string;
  readonly kind: string;
  readonly isPaused: boolean;
  readonly publishing: PublisherStatus;
  readonly dueSinceMs: number | undefined;
  /** Listings the channel refused. */
  readonly failed: number;
  readonly inbound: InboundStatusView;
  readonly openDrift: number;
  readonly nowMs: number;
}

const breakerStates = ["closed", "open", "half_open"] as const;

/** The metrics of one channel. There is one object of it, so its gauges are true wherever it lives. */
export function channelFamilies(condition: ChannelCondition): Family[] {
  const { channel, kind, isPaused, publishing, dueSinceMs, failed, inbound, openDrift, nowMs } = condition;
  const one = (name: string, help: string, value: number) => gauge(name, help, [{ labels: {}, value }]);
  const gauges = [
    gauge("stockwire_channel_info", "The kind of a channel; always 1", [{ labels: { kind }, value: 1 }]),
    gauge(
      "stockwire_channel_breaker",
      "1 for the state the channel's circuit breaker is in",
      breakerStates.map((state) => ({ labels: { state }, value: Number(publishing.breaker === state) })),
    ),
    one("stockwire_channel_paused", "1 while the channel is paused", Number(isPaused)),
    one(
      "stockwire_channel_held_seconds",
      "How long the channel asked for silence yet",
      Math.max(0, publishing.heldUntilMs - nowMs) / 1_000,
    ),
    one("stockwire_channel_due", "Listings that wait to be published, or are under way", publishing.due),
    one(
      "stockwire_channel_due_oldest_seconds",
      "How long the listing that waits longest has; 0 if none does",
      Math.max(0, nowMs - (dueSinceMs ?? nowMs)) / 1_000,
    ),
    one("stockwire_channel_failed_listings", "Listings the channel refused", failed),
    one(
      "stockwire_channel_drift",
      "Listings of which the channel shows something else than it was told",
      openDrift,
    ),
    one(
      "stockwire_channel_unexplained_units",
      "Units offered again whose sale nobody reported, over the channel's life",
      publishing.unexplainedUnits,
    ),
    gauge("stockwire_channel_inbox", "What the channel told and is not applied", [
      { labels: { state: "waiting" }, value: inbound.waiting },
      { labels: { state: "parked" }, value: inbound.parked },
    ]),
    one(
      "stockwire_channel_inbox_oldest_seconds",
      "How long the fact that waits longest to be applied has; 0 if none does",
      inbound.oldestWaitingAt === undefined
        ? 0
        : Math.max(0, nowMs - Date.parse(inbound.oldestWaitingAt)) / 1_000,
    ),
  ];
  return [
    ...labelled(gauges, { channel }),
    propagation.family({ channel }),
    publications.family({ channel }),
  ];
}
