import { type Family, labelled } from "./exposition.ts";
import { Counter, gauge, Histogram } from "./instruments.ts";
import { logEvents, onLog } from "./log.ts";
import { Waiting } from "./waiting.ts";

/**
 * What this isolate counts, in memory only. On one machine there is one isolate, so it is everything since the start; on
 * Cloudflare there are many, and each answers for itself (docs/operations.md).
 */

const fast = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const slow = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

export const httpRequests = new Counter("stockwire_http_requests_total", "HTTP requests answered", [
  "method",
  "route",
  "status",
]);

export const httpDuration = new Histogram(
  "stockwire_http_request_duration_seconds",
  "Time until the head of an answer was ready",
  ["method", "route"],
  fast,
);

export const mutations = new Counter(
  "stockwire_mutations_total",
  "Mutations that SKUs decided: done, unchanged (nothing had to change), replayed (a known key or order), refused",
  ["type", "outcome"],
);

export const refusals = new Counter("stockwire_refusals_total", "Refused mutations, by their problem", [
  "type",
  "problem",
]);

export const oversells = new Counter("stockwire_oversells_total", "Facts that took more than there was", [
  "cause",
]);

export const oversoldUnits = new Counter(
  "stockwire_oversold_units_total",
  "Units that were not there to sell",
  ["cause"],
);

export const queueBatches = new Counter(
  "stockwire_queue_batches_total",
  "Batches of stock events that the consumer was handed: processed, or retried as a whole",
  ["outcome"],
);

export const queueEvents = new Counter(
  "stockwire_queue_events_total",
  "Stock events in those batches, repeated ones included",
  ["outcome"],
);

export const queueDuration = new Histogram(
  "stockwire_queue_batch_duration_seconds",
  "Time a batch took until D1 and every channel had it",
  [],
  fast,
);

/** Kept by channel, and read where the channel's object lives. */
export const propagation = new Histogram(
  "stockwire_propagation_seconds",
  "From the moment a change was recorded until the request that told the channel began; only requests that were taken",
  ["channel"],
  slow,
);

/** Kept by channel, and read where the channel's object lives. */
export const publications = new Counter(
  "stockwire_publications_total",
  "What channels said to a listing they were told: ok, moved, later, rejected, retry, gone",
  ["channel", "outcome"],
);

/** SKUs with events that they last found missing in the ledger, and since when. */
export const outboxes = new Waiting();

/** Open sockets, by who holds them. */
export const sockets = {
  sku: new Map<string, number>(),
  feed: new Map<string, number>(),
} as const;

const logLines = new Counter("stockwire_log_events_total", "Lines that were logged", ["level", "event"]);
onLog((event) => logLines.add({ level: logEvents[event][0], event }));

const isolate = { id: "", startedAtMs: 0 };

/** Everything that this isolate counts and does not belong to a channel. */
export function isolateFamilies(nowMs: number): Family[] {
  // Chance and time are not to be had before the first request.
  if (isolate.id === "") {
    isolate.id = crypto.randomUUID().slice(0, 8);
    isolate.startedAtMs = nowMs;
  }
  const outbox = outboxes.summary(nowMs);
  const families = [
    httpRequests.family(),
    httpDuration.family(),
    mutations.family(),
    refusals.family(),
    oversells.family(),
    oversoldUnits.family(),
    queueBatches.family(),
    queueEvents.family(),
    queueDuration.family(),
    logLines.family(),
    gauge("stockwire_outbox_skus", "SKUs with events that the ledger lacked when they last asked", [
      { labels: {}, value: outbox.count },
    ]),
    gauge(
      "stockwire_outbox_oldest_seconds",
      "Age of the oldest event that the ledger lacked when its SKU last asked; 0 if there is none",
      [{ labels: {}, value: outbox.oldestMs / 1_000 }],
    ),
    gauge(
      "stockwire_sockets",
      "Open WebSockets: on one SKU, or on a feed (streams of server-sent events included)",
      Object.entries(sockets).map(([kind, held]) => ({ labels: { kind }, value: sum(held.values()) })),
    ),
    gauge(
      "stockwire_isolate_first_scrape_timestamp_seconds",
      "When this isolate was asked for metrics first",
      [{ labels: {}, value: isolate.startedAtMs / 1_000 }],
    ),
  ];
  return labelled(families, { isolate: isolate.id });
}

/** Notes how many sockets an object holds. */
export function noteSockets(kind: keyof typeof sockets, name: string, count: number): void {
  if (count > 0) sockets[kind].set(name, count);
  else sockets[kind].delete(name);
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}
