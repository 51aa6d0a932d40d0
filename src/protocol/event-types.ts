/**
 * The word of each type of event a SKU's ledger may have, as in `stockwire.stock.adjusted.v1`. Apart from their schemas, so
 * that who only tells types apart does not carry those.
 */
export const eventTypes = [
  "created",
  "updated",
  "restored",
  "retired",
  "adjusted",
  "counted",
  "transferred",
  "marked_unavailable",
  "incoming_changed",
  "received",
  "derived",
  "reserved",
  "extended",
  "committed",
  "released",
  "expired",
  "ordered",
  "cancelled",
  "fulfilled",
  "returned",
] as const;

export type EventType = (typeof eventTypes)[number];

const known: ReadonlySet<string> = new Set(eventTypes);

export function isEventType(text: string): text is EventType {
  return known.has(text);
}
