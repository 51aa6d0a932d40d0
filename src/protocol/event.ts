import { z } from "zod";
import {
  ChannelId,
  ExternalId,
  Location,
  NaturalQuantity,
  PositiveQuantity,
  Quantity,
  Reason,
  Sku,
  Text,
  Timestamp,
} from "./primitives.ts";
import { Allocation, Component, Taken } from "./stock.ts";

/** What every event may carry besides its own fields: who did it, why, and the paper trail. */
const common = {
  /** API key id, `admin`, or `channel:<id>`; absent for what the clock did (expiry). */
  actor: z.string().optional(),
  /** A document number or URI in the caller's own system. */
  reference: Text.optional(),
  note: Text.optional(),
  /** When it happened elsewhere, for facts that are told late. */
  occurredAt: Timestamp.optional(),
};

const skuSettings = {
  title: Text.optional(),
  safetyStock: NaturalQuantity.optional(),
  backorderLimit: NaturalQuantity.optional(),
  lowStockAt: NaturalQuantity.optional(),
};

const settingsEvent = {
  ...skuSettings,
  /** All allocations from now on; absent if they stay as they are. */
  allocations: z.array(Allocation).optional(),
  /** What the SKU is made of from now on, if it is a kit; absent if that stays as it is. */
  components: z.array(Component).optional(),
};

const orderIdentity = { channel: ChannelId, orderId: ExternalId };
const orderLineTaken = z.object({ lineId: ExternalId, quantity: NaturalQuantity, taken: z.array(Taken) });

/** The data of each event type of a SKU's ledger, by the word that stands in its CloudEvents type. */
export const eventData = {
  created: z.object({ ...common, ...settingsEvent }),
  updated: z.object({ ...common, ...settingsEvent }),
  /** The end of this life of the SKU; a later one has a new epoch. */
  retired: z.object(common),
  adjusted: z.object({ ...common, location: Location, delta: Quantity, reason: Reason }),
  counted: z.object({
    ...common,
    location: Location,
    onHand: NaturalQuantity,
    previousOnHand: NaturalQuantity,
    reason: Reason,
    /** Units this stocktake put below zero; 0 or absent if none. */
    oversold: NaturalQuantity.optional(),
  }),
  transferred: z.object({ ...common, from: Location, to: Location, quantity: PositiveQuantity }),
  /** Units moved out of (delta > 0) or back into what can be sold. */
  marked_unavailable: z.object({ ...common, location: Location, delta: Quantity, reason: Reason }),
  /** Units ordered from a supplier, or an order for them taken back. */
  incoming_changed: z.object({ ...common, location: Location, delta: Quantity }),
  /** Units that arrived: on hand grows, and `fromIncoming` of them are expected no longer. */
  received: z.object({
    ...common,
    location: Location,
    quantity: PositiveQuantity,
    fromIncoming: NaturalQuantity,
  }),
  /** A kit's availability, as its components allow. */
  derived: z.object({
    ...common,
    available: Quantity,
    components: z.array(
      z.object({ sku: Sku, available: Quantity, epoch: z.string().optional(), version: z.int().optional() }),
    ),
  }),
  reserved: z.object({
    ...common,
    reservationId: z.string(),
    quantity: PositiveQuantity,
    taken: z.array(Taken),
    expiresAt: Timestamp,
    channel: ChannelId.optional(),
    /** How many of them came out of the channel's own allocation. */
    allocated: NaturalQuantity.optional(),
  }),
  extended: z.object({ ...common, reservationId: z.string(), expiresAt: Timestamp }),
  committed: z.object({
    ...common,
    reservationId: z.string(),
    ...orderIdentity,
    lineId: ExternalId,
    quantity: PositiveQuantity,
    taken: z.array(Taken),
    /** What a partial commit gave back. */
    released: z.array(Taken),
  }),
  released: z.object({ ...common, reservationId: z.string(), taken: z.array(Taken) }),
  expired: z.object({ ...common, reservationId: z.string(), taken: z.array(Taken) }),
  ordered: z.object({
    ...common,
    ...orderIdentity,
    lines: z.array(
      orderLineTaken.extend({ oversold: NaturalQuantity, allocated: NaturalQuantity.optional() }),
    ),
  }),
  cancelled: z.object({ ...common, ...orderIdentity, lines: z.array(orderLineTaken) }),
  fulfilled: z.object({ ...common, ...orderIdentity, lines: z.array(orderLineTaken) }),
  /** Goods that came back: on hand again if `restock`, else written off. */
  returned: z.object({
    ...common,
    ...orderIdentity,
    restock: z.boolean(),
    lines: z.array(orderLineTaken),
  }),
} as const;

export type EventType = keyof typeof eventData;

/** One entry of a SKU's ledger, as the domain knows it. */
export type StockEvent = {
  [Type in EventType]: { readonly type: Type; readonly atMs: number } & Readonly<
    z.infer<(typeof eventData)[Type]>
  >;
}[EventType];

export type StockEventOf<Type extends EventType> = Extract<StockEvent, { type: Type }>;

const place = { sku: z.string(), epoch: z.string(), version: z.int().min(1) };

/** The published data of an event: where it stands in the ledger, and what happened. */
export const PublishedData = z.union([
  eventData.created.extend(place),
  eventData.updated.extend(place),
  eventData.retired.extend(place),
  eventData.adjusted.extend(place),
  eventData.counted.extend(place),
  eventData.transferred.extend(place),
  eventData.marked_unavailable.extend(place),
  eventData.incoming_changed.extend(place),
  eventData.received.extend(place),
  eventData.derived.extend(place),
  eventData.reserved.extend(place),
  eventData.extended.extend(place),
  eventData.committed.extend(place),
  eventData.released.extend(place),
  eventData.expired.extend(place),
  eventData.ordered.extend(place),
  eventData.cancelled.extend(place),
  eventData.fulfilled.extend(place),
  eventData.returned.extend(place),
]);
export type PublishedData = z.infer<typeof PublishedData>;

/**
 * An event as published: a CloudEvents 1.0 envelope. `source` is the SKU's path and `sequence` the zero-padded
 * version, so order within a source is the order of sequences (CloudEvents sequence extension).
 */
export const PublishedEvent = z
  .object({
    specversion: z.literal("1.0"),
    id: z.string().meta({ description: "<epoch>.<version>, unique within source" }),
    source: z.string().meta({ description: "The SKU's path", example: "/v1/skus/TEE-BLK-M" }),
    type: z.string().meta({ example: "stockwire.stock.adjusted.v1" }),
    subject: z.string().meta({ description: "The SKU" }),
    time: Timestamp,
    datacontenttype: z.literal("application/json"),
    sequence: z.string().meta({ example: "0000000000000042" }),
    data: PublishedData,
  })
  .meta({ id: "Event" });
export type PublishedEvent = z.infer<typeof PublishedEvent>;
