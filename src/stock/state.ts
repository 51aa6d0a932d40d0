import type { Component, Price, Taken } from "../protocol/stock.ts";
import { type PersistentMap, persistentMap } from "./persistent-map.ts";

/** What is at one location, in units. */
export interface Level {
  readonly onHand: number;
  readonly committed: number;
  readonly reserved: number;
  readonly unavailable: number;
  readonly incoming: number;
}

/** A hold of one SKU that has not ended. `taken` says what it holds where. */
export interface Reservation {
  readonly id: string;
  readonly quantity: number;
  readonly taken: readonly Taken[];
  readonly expiresAtMs: number;
  /** Units of it that came out of the channel's own allocation. */
  readonly allocated: number;
  readonly channel?: string | undefined;
  readonly reference?: string | undefined;
  /** The shard that has these units to sell, if it is a grant and no buyer's hold. */
  readonly shard?: number | undefined;
}

/** How a reservation ended. Kept for ever: asking again gives the same answer. */
export interface EndedReservation {
  readonly id: string;
  readonly end: "committed" | "released" | "expired";
  readonly quantity: number;
  readonly taken: readonly Taken[];
  /** Where in the ledger it ended. */
  readonly epoch: string;
  readonly version: number;
  readonly order?: { readonly channel: string; readonly orderId: string; readonly lineId: string };
}

/** One line of an order, as far as this SKU is concerned. All counts are cumulative units. */
export interface OrderLine {
  readonly channel: string;
  readonly orderId: string;
  readonly lineId: string;
  readonly ordered: number;
  readonly cancelled: number;
  readonly fulfilled: number;
  readonly returned: number;
  /** Of the returned: not on hand again. */
  readonly writtenOff: number;
  readonly oversold: number;
  /** Units that came out of the channel's own allocation and were not given back. */
  readonly allocated: number;
  /** What is still committed for it, by location. */
  readonly open: readonly Taken[];
  /** What the order took when it was recorded. */
  readonly taken: readonly Taken[];
  /** Where the ledger recorded it. */
  readonly epoch: string;
  readonly version: number;
}

/**
 * One life of a SKU. Immutable: `evolve` answers a new one. `ended` and `orderLines` are working sets: the
 * caller puts in the records that a mutation names (`withRecords`) and persists the ones that changed.
 */
export interface SkuState {
  readonly sku: string;
  readonly epoch: string;
  readonly version: number;
  /** Set if the service was restored since this life began: the epoch it really began in. */
  readonly since?: string | undefined;
  readonly title?: string | undefined;
  readonly price?: Price | undefined;
  readonly safetyStock: number;
  readonly backorderLimit: number;
  readonly lowStockAt: number;
  readonly isRetired: boolean;
  /** How many shards sell the SKU; 0: it does so alone. */
  readonly shards: number;
  /** Which shards know the keys of buyers, if there were any in the last days. It outlasts the life of the SKU. */
  readonly homes?: Homes | undefined;
  /** Units that shards have, to sell them or held for their buyers; part of reserved. */
  readonly granted: number;
  /** Units left of what belongs to one channel alone, by channel. */
  readonly allocations: PersistentMap<number>;
  /** Set if the SKU is a kit: made of others, with no stock of its own. */
  readonly kit?: Kit | undefined;
  readonly levels: PersistentMap<Level>;
  readonly reservations: PersistentMap<Reservation>;
  /** No reservation expires before this; it may be earlier than the first that does. */
  readonly nextExpiryAtMs: number;
  readonly ended: PersistentMap<EndedReservation>;
  readonly orderLines: PersistentMap<OrderLine>;
}

/** The shards that must be asked for a key, since it may have been answered there. */
export interface Homes {
  readonly shards: number;
  readonly sinceMs: number;
  /** When they need not be asked any more; absent while they sell. */
  readonly untilMs?: number | undefined;
}

/** What a kit is made of, and how many its components allow. */
export interface Kit {
  readonly components: readonly Component[];
  readonly available: number;
}

export const emptyLevel: Level = { onHand: 0, committed: 0, reserved: 0, unavailable: 0, incoming: 0 };

/** A SKU nobody has told us of; version 0 has no ledger. */
export function unknownSku(sku: string, epoch: string, homes?: Homes): SkuState {
  return {
    sku,
    epoch,
    homes,
    version: 0,
    safetyStock: 0,
    backorderLimit: 0,
    lowStockAt: 0,
    isRetired: false,
    shards: 0,
    granted: 0,
    allocations: persistentMap(),
    levels: persistentMap(),
    reservations: persistentMap(),
    nextExpiryAtMs: Number.POSITIVE_INFINITY,
    ended: persistentMap(),
    orderLines: persistentMap(),
  };
}

/** Whether the SKU is known and was not retired. */
export function exists(state: SkuState): boolean {
  return state.version > 0 && !state.isRetired;
}

/** Whether there ever was an event: true of a retired SKU too. */
export function hasLedger(state: SkuState): boolean {
  return state.version > 0;
}

/**
 * Whether something that was recorded in an epoch was recorded in this life of the SKU. Epochs sort by time; what was
 * recorded between a backup and its restoring counts as this life's.
 */
export function isOfThisLife({ epoch, since = epoch }: SkuState, recordedIn: string): boolean {
  return recordedIn >= since && recordedIn <= epoch;
}

/** The shards that must be asked for a key first, if any. */
export function homesAt({ homes }: SkuState, nowMs: number): Homes | undefined {
  return homes === undefined || nowMs >= (homes.untilMs ?? Number.POSITIVE_INFINITY) ? undefined : homes;
}

/** The key of an order line in `orderLines`. A NUL cannot occur in any of its parts. */
export function orderLineKey(line: { channel: string; orderId: string; lineId: string }): string {
  return `${line.channel}\0${line.orderId}\0${line.lineId}`;
}

export function withRecords(
  state: SkuState,
  records: { orderLines?: readonly OrderLine[]; ended?: readonly EndedReservation[] },
): SkuState {
  const { orderLines = [], ended = [] } = records;
  return {
    ...state,
    orderLines: state.orderLines.concat(orderLines.map((line) => [orderLineKey(line), line])),
    ended: state.ended.concat(ended.map((reservation) => [reservation.id, reservation])),
  };
}
