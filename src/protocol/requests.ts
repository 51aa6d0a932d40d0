import { z } from "zod";
import { limits } from "./limits.ts";
import {
  ChannelId,
  Delta,
  ExternalId,
  KnownId,
  Location,
  LocationStrategy,
  NaturalQuantity,
  PositiveQuantity,
  Reason,
  Sku,
  Text,
  Timestamp,
} from "./primitives.ts";
import { Allocation, Component, Price } from "./stock.ts";

const reference = Text.optional().meta({ description: "A document number or URI of yours" });
const note = Text.optional();
const location = Location.optional();

/** Refuses a list that names the same thing twice; the second one is at fault. */
function refuseRepeated<Field extends string>(field: Field) {
  return (items: readonly Readonly<Record<Field, string>>[], context: z.RefinementCtx): void => {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const message = `this ${field} is listed already; list it once`;
      if (seen.has(item[field])) context.addIssue({ code: "custom", path: [index, field], message });
      seen.add(item[field]);
    }
  };
}

/** Where the units of a line are taken from. Nothing said: the one location that covers them, else the fullest. */
const locationChoice = {
  location: location.meta({ description: "Take them from here and nowhere else" }),
  strategy: LocationStrategy.optional().meta({ description: "How locations are chosen" }),
  locations: z
    .array(Location)
    .min(1)
    .max(limits.locationsPerSkuMax)
    .optional()
    .meta({ description: "Only these; with the strategy `priority`, in this order" }),
  split: z.boolean().optional().meta({ description: "Whether several locations may share the line (true)" }),
};

type Choice = z.infer<z.ZodObject<typeof locationChoice>>;

const isOneChoice = (line: Choice) =>
  line.location === undefined ||
  (line.strategy === undefined && line.locations === undefined && line.split === undefined);

const isOrdered = (line: Choice) => line.strategy !== "priority" || line.locations !== undefined;

const ordered = {
  path: ["locations"],
  error: 'the strategy "priority" needs the locations in the order they are asked: name them',
};

const oneChoice = {
  path: ["location"],
  error: "name a location, or say with strategy, locations and split how to choose; not both",
};

export const PutSkuBody = z
  .strictObject({
    title: Text.optional(),
    price: z.strictObject(Price.shape).nullable().optional().meta({
      description: "What one unit costs, for agents who must be told; null takes it back",
    }),
    safetyStock: NaturalQuantity.optional(),
    backorderLimit: NaturalQuantity.optional().meta({
      description: "Units that may be sold beyond available",
    }),
    lowStockAt: NaturalQuantity.optional().meta({ description: "At this or fewer, the status is low_stock" }),
    shards: z.int().min(0).max(limits.shardsPerSkuMax).optional().meta({
      description: "How many objects sell it side by side, for one SKU that everybody wants; 0 or 1: one",
    }),
    allocations: z
      .array(z.strictObject({ ...Allocation.shape, quantity: PositiveQuantity }))
      .max(limits.allocationsPerSkuMax)
      .superRefine(refuseRepeated("channel"))
      .optional()
      .meta({
        description: "All units that only one channel may be promised, from now on; an empty list frees them",
      }),
    components: z
      .array(z.strictObject(Component.shape))
      .max(limits.componentsPerKitMax)
      .superRefine(refuseRepeated("sku"))
      .optional()
      .meta({
        description: "Makes it a kit of these; an empty list makes it a plain SKU again",
      }),
  })
  .meta({
    id: "PutSku",
    example: {
      title: "Tee, black, M",
      lowStockAt: 5,
      allocations: [{ channel: "web-shop", quantity: 2 }],
    },
  });

export const AdjustmentBody = z
  .strictObject({ location, delta: Delta, reason: Reason, reference, note })
  .meta({ id: "Adjustment", example: { delta: 20, reason: "received", reference: "PO-1042" } });

export const CountBody = z
  .strictObject({ onHand: NaturalQuantity, reference, note })
  .meta({ id: "Count", example: { onHand: 20 } });

export const TransferBody = z
  .strictObject({ from: Location, to: Location, quantity: PositiveQuantity, reference, note })
  .refine(({ from, to }) => from !== to, { path: ["to"], error: "name another location than `from`" })
  .meta({ id: "Transfer", example: { from: "default", to: "shop", quantity: 2 } });

export const UnavailableBody = z
  .strictObject({
    location,
    delta: Delta.meta({ description: "Units to take out of what can be sold; negative: to put back" }),
    reason: Reason,
    reference,
    note,
  })
  .meta({ id: "Unavailable", example: { delta: 1, reason: "damaged" } });

export const IncomingBody = z
  .strictObject({
    location,
    delta: Delta.meta({ description: "Units ordered from a supplier; negative: of an order taken back" }),
    reference,
    note,
  })
  .meta({ id: "Incoming", example: { delta: 50, reference: "PO-1043" } });

export const ReceiptBody = z
  .strictObject({
    location,
    quantity: PositiveQuantity.meta({ description: "Units that arrived; incoming shrinks by as many" }),
    reference,
    note,
  })
  .meta({ id: "Receipt", example: { quantity: 30, reference: "PO-1043" } });

export const AvailabilityBody = z
  .strictObject({
    skus: z.array(Sku).min(1).max(limits.availabilitySkusMax),
    maxAge: z.number().min(0).optional().meta({ description: "Oldest acceptable answer, in seconds" }),
  })
  .meta({ id: "AvailabilityQuery", example: { skus: ["TEE-BLK-M"] } });

const ttlSeconds = z.int().min(1).max(limits.reservationTtlSecondsMax);

/** How long a reservation holds, and for whom. */
export const ReserveTerms = z.strictObject({ ttlSeconds, channel: ChannelId.optional(), reference });

export const ReservationLine = z
  .strictObject({ sku: Sku, quantity: PositiveQuantity, ...locationChoice })
  .refine(isOneChoice, oneChoice)
  .refine(isOrdered, ordered);

export const ReservationBody = ReserveTerms.safeExtend({
  lines: z
    .array(ReservationLine)
    .min(1)
    .max(limits.reservationLinesMax)
    .meta({ description: "All of them are held, or none" }),
}).meta({
  id: "ReservationRequest",
  example: { lines: [{ sku: "TEE-BLK-M", quantity: 1 }], ttlSeconds: 600 },
});

export const CommitBody = z
  .strictObject({
    channel: ChannelId.optional(),
    orderId: ExternalId.optional(),
    lines: z
      .array(z.strictObject({ sku: Sku, quantity: PositiveQuantity, lineId: ExternalId.optional() }))
      .min(1)
      .optional()
      .meta({ description: "Commit only this much; the rest is given back" }),
  })
  .meta({ id: "CommitRequest", example: { channel: "web-shop", orderId: "1001" } });

export const ExtendBody = z
  .strictObject({ ttlSeconds })
  .meta({ id: "ExtendRequest", example: { ttlSeconds: 600 } });

export const OrderBody = z
  .strictObject({
    channel: ChannelId,
    orderId: ExternalId,
    lines: z
      .array(
        z
          .strictObject({
            lineId: ExternalId.optional(),
            sku: Sku,
            quantity: PositiveQuantity,
            ...locationChoice,
          })
          .refine(isOneChoice, oneChoice)
          .refine(isOrdered, ordered),
      )
      .min(1)
      .max(limits.orderLinesMax),
    occurredAt: Timestamp.optional(),
    reference,
  })
  .meta({
    id: "OrderFact",
    example: {
      channel: "web-shop",
      orderId: "1001",
      lines: [{ lineId: "1", sku: "TEE-BLK-M", quantity: 3 }],
    },
  });

export const OrderChangeBody = z
  .strictObject({
    lines: z
      .array(z.strictObject({ lineId: KnownId, quantity: PositiveQuantity.optional() }))
      .min(1)
      .max(limits.orderLinesMax)
      .optional()
      .meta({ description: "Absent: all that is open of every line" }),
    occurredAt: Timestamp.optional(),
    reference,
    note,
  })
  .meta({ id: "OrderChange", example: { lines: [{ lineId: "1", quantity: 1 }] } });

export const OrderReturnBody = OrderChangeBody.safeExtend({
  restock: z.boolean().default(true).meta({ description: "On hand again, or written off" }),
  location: location.meta({
    description: "Where the goods came back to; where they were taken from if not named",
  }),
}).meta({ id: "OrderReturn", example: { lines: [{ lineId: "1", quantity: 1 }], restock: true } });

/**
 * What an API key may do. `stock:hold` may read stock, and hold, extend, commit and release its own reservations within
 * an allowance: it is for agents. `metrics:read` opens /metrics and nothing else. `admin` may do everything, and manage keys.
 */
export const Scope = z.enum([
  "stock:read",
  "stock:hold",
  "stock:write",
  "channels:manage",
  "metrics:read",
  "admin",
]);
export type Scope = z.infer<typeof Scope>;

/** Where a web page comes from: scheme, host and port, as browsers send it. */
const Origin = z
  .string()
  .max(255)
  .regex(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/, "write it as browsers send it: https://shop.example")
  .meta({ example: "https://shop.example" });

/** How often a caller may ask. */
export const RateLimitSetting = z
  .strictObject({
    requests: z.int().min(1).max(1_000_000),
    windowSeconds: z.int().min(1).max(86_400),
  })
  .meta({
    id: "RateLimit",
    description:
      "So many requests in so many seconds, at once or spread out; a publishable key: from each address",
    example: { requests: 600, windowSeconds: 60 },
  });

export const KeyBody = z
  .strictObject({
    name: Text,
    scopes: z.array(Scope).min(1),
    origins: z.array(Origin).min(1).max(50).optional().meta({
      description: "Makes the key publishable: it may stand in pages of these origins, and read stock only",
    }),
    rateLimit: RateLimitSetting.optional(),
  })
  .refine(({ scopes, origins }) => origins === undefined || scopes.every((scope) => scope === "stock:read"), {
    path: ["scopes"],
    error: "a publishable key can have the scope stock:read only",
  })
  .meta({ id: "KeyRequest", example: { name: "checkout", scopes: ["stock:read", "stock:write"] } });

export const TicketBody = z
  .strictObject({
    ttlSeconds: z.int().min(1).max(limits.ticketTtlSecondsMax).default(60).meta({
      description: "How long it opens sockets; a socket that is open stays open",
    }),
    origins: z.array(Origin).min(1).max(50).optional().meta({
      description:
        "Only pages of these origins may use it; of a ticket made with a publishable key, that key's",
    }),
  })
  .meta({ id: "TicketRequest", example: { ttlSeconds: 60 } });
