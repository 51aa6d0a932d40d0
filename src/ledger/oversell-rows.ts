import type { StockEvent } from "../protocol/event.ts";
import type { OversellView } from "../protocol/oversell.ts";
import type { LedgerEntry } from "../protocol/queue.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

const prefix = "ovs_";

/** An oversell as the projection writes it. */
export interface OversellRow {
  readonly id: string;
  readonly sku: string;
  readonly epoch: string;
  readonly version: number;
  readonly cause: OversellView["cause"];
  readonly channel?: string;
  readonly orderId?: string;
  readonly lineId?: string;
  readonly units: number;
  readonly atMs: number;
}

/** Writes rows, given as a JSON array. One that is known already stays as it is, with its resolution. */
export const insertOversells = `
  INSERT INTO oversells (id, sku, epoch, version, cause, channel, order_id, line_id, units, at_ms)
  SELECT value ->> 'id', value ->> 'sku', value ->> 'epoch', value ->> 'version', value ->> 'cause',
         value ->> 'channel', value ->> 'orderId', value ->> 'lineId', value ->> 'units', value ->> 'atMs'
  FROM json_each(?) WHERE true
  ON CONFLICT DO NOTHING`;

/** The oversells that a ledger entry tells of: one for each order line that took more than there was. */
export function oversellsOf(sku: string, { position, event }: LedgerEntry): OversellRow[] {
  return shortfalls(event).map((shortfall, index) => ({
    // Known from the entry alone, so that an entry delivered twice is the same oversell.
    id: `${prefix}${encodeCursor([sku, position.epoch, position.version, index])}`,
    sku,
    ...position,
    ...shortfall,
    atMs: event.atMs,
  }));
}

/** The SKU that an oversell's id says it is of; undefined if it is not the id of one. */
export function skuOfOversell(id: string): string | undefined {
  const [sku] = id.startsWith(prefix) ? (decodeCursor(id.slice(prefix.length), 4) ?? []) : [];
  return typeof sku === "string" ? sku : undefined;
}

type Shortfall = Pick<OversellRow, "cause" | "channel" | "orderId" | "lineId" | "units">;

function shortfalls(event: StockEvent): Shortfall[] {
  if (event.type === "counted" && (event.oversold ?? 0) > 0) {
    return [{ cause: "count", units: event.oversold ?? 0 }];
  }
  if (event.type !== "ordered") return [];
  const { channel, orderId } = event;
  return event.lines
    .filter((line) => line.oversold > 0)
    .map(({ lineId, oversold }) => ({ cause: "order", channel, orderId, lineId, units: oversold }));
}
