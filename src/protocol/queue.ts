import type { StockEvent } from "./event.ts";
import type { Position } from "./position.ts";
import type { StockView } from "./stock.ts";

/** One entry of a SKU's ledger. */
export interface LedgerEntry {
  readonly position: Position;
  readonly event: StockEvent;
}

/**
 * What a SkuObject has to tell the ledger and the channels: consecutive entries, the position they follow on, and the
 * newest view at the time of sending. May be delivered twice, late, or out of order.
 */
export interface StockEventsMessage {
  readonly sku: string;
  readonly after: Position;
  readonly entries: readonly LedgerEntry[];
  /** Set if the entries are too large to send: the SKU is to be asked for those up to here. */
  readonly last?: Position;
  readonly stock: StockView;
  /** Kits that are made of this SKU. */
  readonly usedBy?: readonly string[];
  /** Set by a SKU that is quiet and has nothing else under way: it is told once the ledger has these entries. */
  readonly isAwaited?: true;
}

/** What the queue `stock-events` carries: one SKU's news, or those of many that changed together. */
export interface StockEventsBatch {
  readonly messages: readonly StockEventsMessage[];
}

/** A part of a SKU's ledger: the entries after `after`, up to `last`. */
export interface LedgerRange {
  readonly after: Position;
  readonly last: Position;
}

/** Entries of one life of a SKU that follow on each other, by their versions. */
export interface Run {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}
