import type { ChannelStatus, LedgerItem, StockView } from "../client/index.ts";
import { table } from "./terminal.ts";

/** SKUs in a table, one line each. */
export function stockTable(views: readonly StockView[]): string {
  const heading = [
    "sku",
    "status",
    "available",
    "on hand",
    "committed",
    "reserved",
    "unavail.",
    "incoming",
    "version",
  ];
  return table([heading, ...views.map(stockRow)]);
}

function stockRow(view: StockView): string[] {
  const { onHand, committed, reserved, unavailable, incoming, version } = view;
  const numbers = [view.available, onHand, committed, reserved, unavailable, incoming, version];
  return [view.sku, view.retired === true ? "retired" : view.status, ...numbers.map(String)];
}

/** All there is to say of one SKU. */
export function stockSheet(view: StockView): string {
  const facts = [
    view.title ?? "",
    view.safetyStock === 0 ? "" : `safety stock ${view.safetyStock}`,
    view.backorderLimit === undefined ? "" : `may be sold ${view.backorderLimit} beyond`,
    view.lowStockAt === undefined ? "" : `low at ${view.lowStockAt}`,
    ...(view.allocations ?? []).map(({ channel, quantity }) => `${quantity} for ${channel} alone`),
    ...(view.components ?? []).map(({ sku, quantity }) => `made of ${quantity} ${sku}`),
    `as of ${view.asOf}`,
  ].filter((fact) => fact !== "");
  const heading = ["location", "available", "on hand", "committed", "reserved", "unavail.", "incoming"];
  const rows = view.locations.map((level) => {
    const { onHand, committed, reserved, unavailable, incoming } = level;
    return [
      level.location,
      ...[level.available, onHand, committed, reserved, unavailable, incoming].map(String),
    ];
  });
  const places = rows.length === 0 ? "" : `\n\n${table([heading, ...rows])}`;
  return `${stockTable([view])}\n${facts.join(", ")}${places}`;
}

/** A change of a SKU on one line, as it is watched. */
export function watchLine(view: StockView): string {
  const { sku, available, onHand, status, version, asOf } = view;
  return `${asOf.slice(11, 23)}  ${sku}  ${available} available, ${onHand} on hand, ${status}, version ${version}`;
}

/** What an event says besides where it stands, in the order in which people ask. */
const toldFields = [
  "delta",
  "quantity",
  "onHand",
  "previousOnHand",
  "oversold",
  "location",
  "from",
  "to",
  "reason",
  "channel",
  "orderId",
  "lineId",
  "reservationId",
  "expiresAt",
  "title",
  "note",
] as const;

export function ledgerTable(items: readonly LedgerItem[]): string {
  const heading = ["time", "sku", "version", "event", "what", "reference", "by"];
  return columns([heading, ...items.map(ledgerRow)]);
}

export function ledgerRow({ time, subject, version, type, data }: LedgerItem): string[] {
  const fields: Readonly<Record<string, unknown>> = data;
  const told = toldFields
    .filter((name) => fields[name] !== undefined)
    .map((name) => `${name} ${wordOf(fields[name])}`);
  const lines = Array.isArray(fields["lines"]) ? [`${fields["lines"].length} lines`] : [];
  const event = type.split(".")[2] ?? type;
  const what = [...told, ...lines].join(", ");
  return [time, subject, String(version), event, what, data.reference ?? "", data.actor ?? ""];
}

/** Values are words and numbers; the one a life continues from is a position. */
function wordOf(value: unknown): string {
  const isPosition = typeof value === "object" && value !== null && "epoch" in value && "version" in value;
  return isPosition ? `${String(value.epoch)}.${String(value.version)}` : String(value);
}

export function channelTable(channels: readonly ChannelStatus[]): string {
  const heading = [
    "channel",
    "state",
    "breaker",
    "due",
    "failed",
    "drift",
    "inbox",
    "lag p95 ms",
    "last success",
  ];
  const rows = channels.map((one) => [
    one.id,
    one.state,
    one.breaker,
    String(one.due),
    String(one.failed),
    String(one.drift.open),
    `${one.inbound.waiting} waiting, ${one.inbound.parked} parked`,
    one.lag === undefined ? "" : String(Math.round(one.lag.p95Ms)),
    one.lastSuccessAt ?? "",
  ]);
  return columns([heading, ...rows]);
}

/** Rows in aligned columns, all to the left: for words rather than numbers. */
export function columns(rows: readonly (readonly string[])[]): string {
  return table(rows, "left");
}

/** Names and values, one pair a line. */
export function pairs(entries: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(entries).filter(([, value]) => value !== undefined);
  return columns(
    told.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
