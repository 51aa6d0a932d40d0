import type { LedgerItem } from "../protocol/answers.ts";
import type { Reason } from "../protocol/primitives.ts";
import type { Taken } from "../protocol/stock.ts";
import { change, count, units } from "./format.ts";

/** An entry of the ledger as a person would tell it. */
export interface Story {
  readonly what: string;
  readonly detail: string;
  /** Set if the fact took more than there was. */
  readonly oversold?: number;
}

/** What people call the reasons of an adjustment. */
export const reasonWords: Record<Reason, string> = {
  received: "Received",
  sold: "Sold",
  returned: "Returned",
  correction: "Corrected",
  count: "Counted",
  damaged: "Damaged",
  lost: "Lost",
  found: "Found",
  quality_control: "Quality control",
  promotion: "Promotion",
  transfer: "Transferred",
  other: "Adjusted",
};

export function storyOf(entry: LedgerItem): Story {
  switch (entry.type) {
    case "stockwire.stock.created.v1":
      return { what: "Created", detail: settingsOf(entry.data) };
    case "stockwire.stock.updated.v1":
      return { what: "Settings changed", detail: settingsOf(entry.data) };
    case "stockwire.stock.restored.v1": {
      const { epoch, version } = entry.data.from;
      return { what: "Restored", detail: `as it was at ${epoch}.${version}` };
    }
    case "stockwire.stock.retired.v1":
      return { what: "Retired", detail: "" };
    case "stockwire.stock.adjusted.v1":
      return {
        what: reasonWords[entry.data.reason],
        detail: `${change(entry.data.delta)} at ${entry.data.location}`,
      };
    case "stockwire.stock.counted.v1": {
      const { onHand, previousOnHand, location, oversold } = entry.data;
      return short(
        { what: "Counted", detail: `${count(onHand)} at ${location}, was ${count(previousOnHand)}` },
        oversold,
      );
    }
    case "stockwire.stock.transferred.v1": {
      const { quantity, from, to } = entry.data;
      return { what: "Moved", detail: `${count(quantity)} from ${from} to ${to}` };
    }
    case "stockwire.stock.marked_unavailable.v1": {
      const { delta, location, reason } = entry.data;
      const what = delta > 0 ? "Taken out of sale" : "Back in sale";
      return {
        what,
        detail: `${count(Math.abs(delta))} at ${location}: ${reasonWords[reason].toLowerCase()}`,
      };
    }
    case "stockwire.stock.incoming_changed.v1":
      return { what: "Expected", detail: `${change(entry.data.delta)} at ${entry.data.location}` };
    case "stockwire.stock.received.v1":
      return { what: "Received", detail: `${count(entry.data.quantity)} at ${entry.data.location}` };
    case "stockwire.stock.derived.v1":
      return { what: "Kit worked out", detail: `its parts make ${count(entry.data.available)}` };
    case "stockwire.stock.reserved.v1": {
      const { taken, channel } = entry.data;
      return {
        what: "Reserved",
        detail: `${places(taken)}${channel === undefined ? "" : ` for ${channel}`}`,
      };
    }
    case "stockwire.stock.extended.v1":
      return { what: "Reservation extended", detail: "" };
    case "stockwire.stock.committed.v1": {
      const { taken, orderId, channel } = entry.data;
      return { what: "Reservation sold", detail: `${places(taken)}, ${order(channel, orderId)}` };
    }
    case "stockwire.stock.released.v1":
      return { what: "Reservation released", detail: places(entry.data.taken) };
    case "stockwire.stock.expired.v1":
      return { what: "Reservation expired", detail: places(entry.data.taken) };
    case "stockwire.stock.ordered.v1": {
      const oversold = entry.data.lines.reduce((total, line) => total + line.oversold, 0);
      return short({ what: "Ordered", detail: orderDetail(entry.data) }, oversold);
    }
    case "stockwire.stock.cancelled.v1":
      return { what: "Cancelled", detail: orderDetail(entry.data) };
    case "stockwire.stock.fulfilled.v1":
      return { what: "Fulfilled", detail: orderDetail(entry.data) };
    case "stockwire.stock.returned.v1":
      return {
        what: entry.data.restock ? "Returned" : "Returned, written off",
        detail: orderDetail(entry.data),
      };
    default:
      // The compiler refuses a type that is missing here; a newer service may still tell of one.
      entry satisfies never;
      return { what: "Changed", detail: "" };
  }
}

/** Who did it, as far as the ledger says. */
export function actorOf({ data: { actor } }: LedgerItem): string {
  if (actor === undefined) return "the clock";
  return actor.startsWith("channel:") ? `channel ${actor.slice("channel:".length)}` : actor;
}

interface OrderData {
  readonly channel: string;
  readonly orderId: string;
  readonly lines: readonly { readonly taken: readonly Taken[] }[];
}

function orderDetail({ channel, orderId, lines }: OrderData): string {
  return `${places(lines.flatMap(({ taken }) => taken))}, ${order(channel, orderId)}`;
}

function order(channel: string, orderId: string): string {
  return `${orderId} on ${channel}`;
}

function places(taken: readonly Taken[]): string {
  if (taken.length === 0) return "nothing";
  return taken.map(({ quantity, location }) => `${count(quantity)} at ${location}`).join(", ");
}

interface Settings {
  readonly title?: string | undefined;
  readonly safetyStock?: number | undefined;
  readonly backorderLimit?: number | undefined;
  readonly lowStockAt?: number | undefined;
}

function settingsOf({ title, safetyStock, backorderLimit, lowStockAt }: Settings): string {
  const told = {
    title,
    "safety stock": safetyStock,
    "backorder limit": backorderLimit,
    "low at": lowStockAt,
  };
  return Object.entries(told)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(", ");
}

function short(story: Story, oversold: number | undefined): Story {
  return oversold === undefined || oversold === 0 ? story : { ...story, oversold };
}

/** "2 units short", for an entry that took more than there was. */
export function shortWords(oversold: number): string {
  return `${units(oversold)} short`;
}
