import type { EventType, StockEvent } from "../protocol/event.ts";
import type { Mutation } from "../stock/mutation.ts";

/**
 * By what a mutation is found in the ledger when nobody knows what became of it: the ids that it carries itself, else its
 * reference. Undefined: it cannot be told from others like it.
 */
export function traceOf(mutation: Mutation): string | undefined {
  switch (mutation.type) {
    case "order": {
      const [line] = mutation.lines;
      return line && lineTrace(mutation.channel, mutation.orderId, line.lineId);
    }
    case "commit":
    case "release":
      return `${mutation.type} ${mutation.reservationId}`;
    case "report":
    case "derive":
    case "expire":
      return undefined;
    default:
      return mutation.reference === undefined ? undefined : `${mutation.type} ${mutation.reference}`;
  }
}

/** All traces that a mutation may leave: another mutation with one of them cannot be told from it. */
export function tracesLeftBy(mutation: Mutation): string[] {
  if (mutation.type === "order" || mutation.type === "report") {
    return mutation.lines.map(({ lineId }) => lineTrace(mutation.channel, mutation.orderId, lineId));
  }
  const trace = traceOf(mutation);
  return trace === undefined ? [] : [trace];
}

const mutationOf: Partial<Record<EventType, Mutation["type"]>> = {
  created: "create",
  updated: "create",
  retired: "retire",
  adjusted: "adjust",
  counted: "count",
  transferred: "transfer",
  marked_unavailable: "set-unavailable",
  incoming_changed: "expect",
  received: "receive",
  reserved: "reserve",
  extended: "extend",
  cancelled: "cancel",
  fulfilled: "fulfil",
  returned: "return",
};

/** The traces of the mutations that an event may be of. */
export function tracesOf(event: StockEvent): string[] {
  switch (event.type) {
    case "ordered":
      return event.lines.map(({ lineId }) => lineTrace(event.channel, event.orderId, lineId));
    case "committed":
      return [`commit ${event.reservationId}`];
    case "released":
      return [`release ${event.reservationId}`];
    default: {
      const type = mutationOf[event.type];
      return type === undefined || event.reference === undefined ? [] : [`${type} ${event.reference}`];
    }
  }
}

/** A NUL cannot occur in any of the parts. */
function lineTrace(channel: string, orderId: string, lineId: string): string {
  return `order ${channel}\0${orderId}\0${lineId}`;
}
