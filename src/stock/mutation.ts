import type { Allocation, Component, Price } from "../protocol/stock.ts";
import type { LocationStrategy, Reason } from "../protocol/primitives.ts";

/** What any mutation may say about itself; it ends up on the event. */
export interface Provenance {
  readonly actor?: string | undefined;
  readonly reference?: string | undefined;
  readonly note?: string | undefined;
  readonly occurredAt?: string | undefined;
}

/** Settings a seller gives a SKU; an absent one stays as it is. */
export interface SkuSettings {
  readonly title?: string | undefined;
  /** What a unit costs; null: nobody is told any more. */
  readonly price?: Price | null | undefined;
  readonly safetyStock?: number | undefined;
  readonly backorderLimit?: number | undefined;
  readonly lowStockAt?: number | undefined;
  /** How many shards sell it; 0 and 1: it does so alone. */
  readonly shards?: number | undefined;
  /** All allocations from now on: units that belong to one channel alone. */
  readonly allocations?: readonly Allocation[] | undefined;
  /** What the SKU is made of; an empty list makes a kit a plain SKU again. */
  readonly components?: readonly Component[] | undefined;
}

/** Where units are taken from. Nothing said: the one location that covers them, else split over the fullest. */
export interface LocationChoice {
  /** This location and no other. */
  readonly location?: string | undefined;
  readonly strategy?: LocationStrategy | undefined;
  /** Only these locations; for `priority`, in this order. */
  readonly locations?: readonly string[] | undefined;
  /** Whether a line may be split over several locations; true unless said otherwise. */
  readonly split?: boolean | undefined;
}

export interface OrderLineRequest extends LocationChoice {
  readonly lineId: string;
  readonly quantity: number;
}

/** A part of an order line; without `quantity`, all that is still open of it. */
export interface OrderLinePart {
  readonly lineId: string;
  readonly quantity?: number | undefined;
}

/** A line of an order as its channel counts it: units since the order was placed. No count ever falls. */
export interface OrderLineCounts {
  readonly lineId: string;
  /** The life of the SKU that the line was recorded in, if it was: a later one has nothing of it. */
  readonly epoch?: string | undefined;
  readonly ordered: number;
  /** Of the ordered: taken back before they left. */
  readonly cancelled: number;
  /** Of the ordered: left the building. */
  readonly fulfilled: number;
  /** Of the fulfilled: came back, on hand again. */
  readonly restocked: number;
  /** Of the fulfilled: came back or were lost, not on hand again. */
  readonly writtenOff: number;
}

/** What a kit is told of one of its components; the position is absent if the component is unknown. */
export interface ComponentStock {
  readonly sku: string;
  readonly available: number;
  readonly epoch?: string | undefined;
  readonly version?: number | undefined;
}

/** Set if the reservation is a shard's grant, which only the shard may change; a commit sells a part of it. */
interface OfShard {
  readonly shard?: number | undefined;
}

interface OnOrder {
  readonly channel: string;
  readonly orderId: string;
}

/**
 * A command that changes one SKU. Requests may be refused; facts (count, order, cancel, fulfil, return, report) are
 * recorded. The first three that follow an order say what changes; a report says all that has happened so far.
 */
export type Mutation = Provenance &
  (
    | ({ readonly type: "create" } & SkuSettings)
    | {
        readonly type: "adjust";
        readonly location: string;
        readonly delta: number;
        readonly reason: Reason;
      }
    | { readonly type: "count"; readonly location: string; readonly onHand: number }
    | { readonly type: "retire" }
    | { readonly type: "transfer"; readonly from: string; readonly to: string; readonly quantity: number }
    | {
        readonly type: "set-unavailable";
        readonly location: string;
        readonly delta: number;
        readonly reason: Reason;
      }
    | { readonly type: "expect"; readonly location: string; readonly delta: number }
    | { readonly type: "receive"; readonly location: string; readonly quantity: number }
    | { readonly type: "derive"; readonly components: readonly ComponentStock[] }
    | ({
        readonly type: "reserve";
        readonly quantity: number;
        readonly ttlSeconds: number;
        readonly channel?: string | undefined;
        /** 128 random bits or more, as text; makes the reservation's id unguessable. */
        readonly nonce: string;
        /** The shard that they are granted to, to sell them. */
        readonly shard?: number | undefined;
      } & LocationChoice)
    | ({ readonly type: "extend"; readonly reservationId: string; readonly ttlSeconds: number } & OfShard)
    | ({
        readonly type: "commit";
        readonly reservationId: string;
        readonly lineId: string;
        readonly quantity?: number | undefined;
      } & OnOrder &
        OfShard)
    | ({
        readonly type: "release";
        readonly reservationId: string;
        /** Units that a shard keeps of its grant; if it has no more than that, nothing happens. */
        readonly keep?: number | undefined;
      } & OfShard)
    | { readonly type: "expire" }
    | ({ readonly type: "order"; readonly lines: readonly OrderLineRequest[] } & OnOrder)
    | ({ readonly type: "cancel"; readonly lines?: readonly OrderLinePart[] | undefined } & OnOrder)
    | ({ readonly type: "fulfil"; readonly lines?: readonly OrderLinePart[] | undefined } & OnOrder)
    | ({
        readonly type: "return";
        readonly lines?: readonly OrderLinePart[] | undefined;
        /** On hand again, or written off. */
        readonly restock: boolean;
        /** Where the goods came back to; where they were taken from unless named. */
        readonly location?: string | undefined;
      } & OnOrder)
    | ({ readonly type: "report"; readonly lines: readonly OrderLineCounts[] } & OnOrder)
  );

export type MutationOf<Type extends Mutation["type"]> = Extract<Mutation, { type: Type }>;
