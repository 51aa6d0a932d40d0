export { StockwireClient, type ClientOptions } from "./client.ts";
export * from "./errors.ts";
export type { BulkRequest } from "./bulk.ts";
export type { Channels } from "./channels.ts";
export type { Keys } from "./keys.ts";
export type { Ledger, LedgerFilter, LedgerPage } from "./ledger.ts";
export type { LiveState, SocketConstructor, SocketEvent, SocketLike } from "./live/connection.ts";
export type { Batch, Follow, FollowOptions } from "./live/follow.ts";
export type { LiveOptions, LiveStock } from "./live/live-stock.ts";
export type {
  OrderId,
  Orders,
  Oversells,
  OversellFilter,
  Unmatched,
  UnmatchedFilter,
  UnmatchedLineId,
} from "./orders.ts";
export type { Page, Paged } from "./paged.ts";
export type { Reservations } from "./reservations.ts";
export type { Moment, ReadOptions, Stock, StockFilter } from "./stock.ts";
export {
  type CallOptions,
  type Fetch,
  type GuardedOptions,
  type MutationOptions,
  newIdempotencyKey,
  type TransportOptions,
} from "./transport.ts";
export type * from "./types.ts";
export type { Position } from "../protocol/position.ts";
