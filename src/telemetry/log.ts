import { redact } from "./redact.ts";

/**
 * Every event the service logs: how bad it is, and what happened. Names are stable, so that alerts and searches can
 * lean on them; docs/operations.md says what to do about each.
 */
export const logEvents = {
  "request.failed": ["error", "a request failed in a way nobody foresaw"],
  "route.unlisted": ["error", "a route does not serve: it is not in src/http/access.ts"],
  "bulk.mutation_failed": ["warn", "a mutation of a bulk request failed"],
  "news.not_sent": ["warn", "news that SKUs handed over could not be put on the queue; they send it again"],
  "outbox.look_failed": ["warn", "a SKU could not ask the ledger which of its events it has; it asks again"],
  "outbox.send_failed": ["warn", "a SKU could not put its events on the queue; it tries again"],
  "sku.catch_up_failed": ["warn", "a SKU could not catch up; its alarm tries again"],
  "sku.recall_failed": ["warn", "a SKU could not call back a shard that has units; it tries again"],
  "shard.work_failed": ["warn", "a shard could not reach its SKU; it tries again"],
  "oversell.recorded": ["warn", "a fact took more than there was"],
  "follower.dropped": ["warn", "a feed could not be reached and is told no more until it asks again"],
  "feed.message_failed": ["warn", "what a client of a feed asked could not be done; it has to connect again"],
  "feed.ledger_unreadable": ["warn", "the ledger could not be read for listeners; it is read again"],
  "events.retried": ["error", "stock events could not be processed; the queue brings them again"],
  "events.given_up": ["error", "stock events were given up after all retries and kept as dead letters"],
  "channel.work_stopped": ["error", "a channel's work stopped until its next alarm"],
  "channel.breaker_opened": ["warn", "a channel failed too often in a row; it is only probed now"],
  "channel.breaker_closed": ["info", "a channel answers again"],
  "channel.paused": ["warn", "a channel is told nothing any more until somebody resumes it"],
  "channel.secrets_unreadable": [
    "error",
    "a channel's secrets cannot be opened: was STOCKWIRE_SECRETS_KEY changed?",
  ],
  "channel.report_odd": ["warn", "what a channel reported does not add up"],
  "channel.message_left": ["warn", "a message of a channel's queue was not understood and left there"],
  "channel.units_unexplained": ["warn", "units are offered again whose sale nobody reported"],
  "listing.failed": ["warn", "a channel refused a listing; it is parked until its next change"],
  "reconciliation.not_begun": ["error", "a channel could not be told to compare itself"],
  "reservation.retried": ["warn", "a reservation of several SKUs is tried again later"],
  "reservation.leg_unrecorded": ["error", "a part of a committed reservation could not be recorded"],
  "approval.failed": ["warn", "the stock of an order could not be asked; it was declined"],
  "approval.undone_later": [
    "warn",
    "units of an order that was declined could not be given back; it is tried again",
  ],
  "approval.not_withdrawn": [
    "error",
    "an order was declined for lack of time, and the object that decides could not be told",
  ],
  "allowance.freed_late": [
    "warn",
    "an agent's allowance could not be told that a hold has ended; it counts until its time is over",
  ],
  "tool.failed": ["error", "a tool of an agent failed in a way nobody foresaw"],
  "tool.numbers_left_out": ["warn", "a refusal to an agent went without the present stock"],
  "oauth.keys_unreachable": [
    "error",
    "the keys of the OAuth issuer could not be fetched; tokens are refused",
  ],
  "alarms.not_spread": [
    "warn",
    "alarms that came due while nothing ran could not be spread; all of them ring at once",
  ],
  "descriptors.too_few": [
    "warn",
    "objects are not kept open: raise the limit of open files to what is needed (ulimit -n, LimitNOFILE)",
  ],
  "cron.failed": ["error", "a cron failed on the embedded service"],
} as const satisfies Record<string, readonly [LogLevel, string]>;

export type LogLevel = "info" | "warn" | "error";
export type LogEvent = keyof typeof logEvents;
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Writes one line of JSON: `time`, `level`, `event`, `message`, then the fields, then what was thrown, if something was.
 * Nothing that looks like a secret gets out.
 */
export function log(event: LogEvent, fields: LogFields = {}, thrown?: { readonly error: unknown }): void {
  const [level, message] = logEvents[event];
  const line = { time: new Date().toISOString(), level, event, message, ...fields, ...describe(thrown) };
  console[level](
    JSON.stringify(line, (_key, value: unknown) => (typeof value === "string" ? redact(value) : value)),
  );
  for (const listener of listeners) listener(event);
}

const listeners = new Set<(event: LogEvent) => void>();

/** Has a function told of each event that is logged. */
export function onLog(listener: (event: LogEvent) => void): void {
  listeners.add(listener);
}

function describe(thrown: { readonly error: unknown } | undefined): LogFields {
  if (thrown === undefined) return {};
  const { error } = thrown;
  return { error: String(error), ...(error instanceof Error && { stack: error.stack }) };
}
