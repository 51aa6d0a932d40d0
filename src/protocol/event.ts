import { z } from "zod";
import type { EventType } from "./event-types.ts";
import {
  ChannelId,
  Location,
  NaturalQuantity,
  PositiveQuantity,
  Quantity,
  Reason,
  Sku,
  Text,
  Timestamp,
} from "./primitives.ts";
import { Allocation, Component, Price, Taken } from "./stock.ts";

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
  /** How many shards sell the SKU from now on; 0 if it does so alone. */
  shards: NaturalQuantity.optional(),
};

const settingsEvent = {
  ...skuSettings,
  /** What a unit costs from now on; null if that is not told any more, absent if it stays as it is. */
  price: Price.nullable().optional(),
  /** All allocations from now on; absent if they stay as they are. */
  allocations: z.array(Allocation).optional(),
  /** What the SKU is made of from now on, if it is a kit; absent if that stays as it is. */
  components: z.array(Component).optional(),
};

// Ids of orders and lines may be made of a reservation's id or of a component's SKU, and are longer then.
const levelCounts = {
  onHand: Quantity,
  committed: NaturalQuantity,
  reserved: NaturalQuantity,
  unavailable: NaturalQuantity,
  incoming: NaturalQuantity,
};

const orderIdentity = { channel: ChannelId, orderId: z.string() };
const orderLineTaken = z.object({ lineId: z.string(), quantity: NaturalQuantity, taken: z.array(Taken) });
const allocated = NaturalQuantity.optional();

/** The data of each event type of a SKU's ledger, by the word that stands in its CloudEvents type. */
export const eventData = {
  created: z.object({ ...common, ...settingsEvent }),
  updated: z.object({ ...common, ...settingsEvent }),
  /**
   * The service was restored, from a backup or to an earlier moment: a life that begins with the state as it was then. What
   * the ledger has after `from`, in that epoch or in later ones before this one, is undone. A SKU with many reservations is
   * restored with several entries; only the first has `levels` and settings.
   */
  restored: z.object({
    ...common,
    from: z.object({ epoch: z.string(), version: z.int().min(1) }),
    /** The epoch in which this life of the SKU really began. */
    since: z.string(),
    ...settingsEvent,
    /** Of a kit: how many its components allowed. */
    kitAvailable: Quantity.optional(),
    retired: z.literal(true).optional(),
    levels: z.array(z.object({ location: Location, ...levelCounts })).optional(),
    /** Holds that have not ended; `levels` counts them all. */
    reservations: z.array(
      z.object({
        reservationId: z.string(),
        quantity: PositiveQuantity,
        taken: z.array(Taken),
        expiresAt: Timestamp,
        channel: ChannelId.optional(),
        reference: Text.optional(),
        allocated: NaturalQuantity.optional(),
        shard: NaturalQuantity.optional(),
      }),
    ),
  }),
  /** The end of this life of the SKU; a later one has a new epoch. */
  retired: z.object(common),
  adjusted: z.object({ ...common, location: Location, delta: Quantity, reason: Reason }),
  counted: z.object({
    ...common,
    location: Location,
    onHand: NaturalQuantity,
    /** Negative if more was shipped than was ever counted. */
    previousOnHand: Quantity,
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
    allocated,
    /** The shard that these units were granted to, to sell them; absent if they are held for a buyer. */
    shard: NaturalQuantity.optional(),
  }),
  extended: z.object({ ...common, reservationId: z.string(), expiresAt: Timestamp }),
  committed: z.object({
    ...common,
    reservationId: z.string(),
    ...orderIdentity,
    lineId: z.string(),
    quantity: PositiveQuantity,
    taken: z.array(Taken),
    /** What a partial commit gave back. */
    released: z.array(Taken),
    /** What is left of a shard's grant, which goes on; absent if the reservation ends. */
    kept: z.array(Taken).optional(),
  }),
  released: z.object({
    ...common,
    reservationId: z.string(),
    taken: z.array(Taken),
    /** What is left of a shard's grant, which goes on; absent if the reservation ends. */
    kept: z.array(Taken).optional(),
  }),
  expired: z.object({ ...common, reservationId: z.string(), taken: z.array(Taken) }),
  ordered: z.object({
    ...common,
    ...orderIdentity,
    lines: z.array(orderLineTaken.extend({ oversold: NaturalQuantity, allocated })),
  }),
  cancelled: z.object({
    ...common,
    ...orderIdentity,
    /** `allocated` of them belong to the channel alone again. */
    lines: z.array(orderLineTaken.extend({ allocated })),
  }),
  fulfilled: z.object({ ...common, ...orderIdentity, lines: z.array(orderLineTaken) }),
  /** Goods that came back: on hand again if `restock`, else written off. */
  returned: z.object({
    ...common,
    ...orderIdentity,
    restock: z.boolean(),
    lines: z.array(orderLineTaken),
  }),
} as const satisfies Record<EventType, z.ZodObject>;

export type { EventType };

/** One entry of a SKU's ledger, as the domain knows it. */
export type StockEvent = {
  [Type in EventType]: { readonly type: Type; readonly atMs: number } & Readonly<
    z.infer<(typeof eventData)[Type]>
  >;
}[EventType];

export type StockEventOf<Type extends EventType> = Extract<StockEvent, { type: Type }>;

const place = { sku: z.string(), epoch: z.string(), version: z.int().min(1) };

/** The CloudEvents type of an event. */
export type PublishedType<Type extends EventType> = `stockwire.stock.${Type}.v1`;

function published<Type extends EventType, Shape extends z.core.$ZodLooseShape>(
  type: Type,
  data: z.ZodObject<Shape>,
) {
  const publishedType: PublishedType<Type> = `stockwire.stock.${type}.v1`;
  return z.object({
    specversion: z.literal("1.0"),
    id: z.string().meta({ description: "<epoch>.<version>, unique within source" }),
    source: z.string().meta({ description: "The SKU's path", example: "/v1/skus/TEE-BLK-M" }),
    type: z.literal(publishedType),
    subject: z.string().meta({ description: "The SKU" }),
    time: Timestamp,
    datacontenttype: z.literal("application/json"),
    sequence: z.string().meta({ example: "0000000000000042" }),
    // Where it stands in the ledger, and what happened.
    data: data.extend(place),
  });
}

/** The published form of each event type, by its word. */
export const publishedEvents = {
  created: published("created", eventData.created),
  updated: published("updated", eventData.updated),
  restored: published("restored", eventData.restored),
  retired: published("retired", eventData.retired),
  adjusted: published("adjusted", eventData.adjusted),
  counted: published("counted", eventData.counted),
  transferred: published("transferred", eventData.transferred),
  marked_unavailable: published("marked_unavailable", eventData.marked_unavailable),
  incoming_changed: published("incoming_changed", eventData.incoming_changed),
  received: published("received", eventData.received),
  derived: published("derived", eventData.derived),
  reserved: published("reserved", eventData.reserved),
  extended: published("extended", eventData.extended),
  committed: published("committed", eventData.committed),
  released: published("released", eventData.released),
  expired: published("expired", eventData.expired),
  ordered: published("ordered", eventData.ordered),
  cancelled: published("cancelled", eventData.cancelled),
  fulfilled: published("fulfilled", eventData.fulfilled),
  returned: published("returned", eventData.returned),
} as const satisfies Record<EventType, z.ZodObject>;

const { created, ...others } = publishedEvents;

/**
 * An event as published: a CloudEvents 1.0 envelope. `source` is the SKU's path and `sequence` the zero-padded
 * version, so order within a source is the order of sequences (CloudEvents sequence extension).
 */
export const PublishedEvent = z
  .discriminatedUnion("type", [created, ...Object.values(others)])
  .meta({ id: "Event" });
export type PublishedEvent = z.infer<typeof PublishedEvent>;
