import type { StockView } from "../protocol/stock.ts";

/** How long a SKU keeps a follower that says nothing, and whether that outlives the SKU object's memory. */
export interface Lease {
  readonly forMs: number;
  /** Costs a row written now and then; for followers that have sockets to serve. */
  readonly isDurable: boolean;
}

/** What a feed knows of a SKU. */
export interface FeedReading {
  readonly stock: StockView;
  /** Whether it was in memory, or asked of the SKU's object for this reading. */
  readonly source: "feed" | "object";
}
