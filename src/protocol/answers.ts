import { z } from "zod";
import { PublishedEvent } from "./event.ts";
import { ChannelId, Quantity, Sku, Timestamp } from "./primitives.ts";
import { Problem } from "./problem.ts";
import { RateLimitSetting, Scope } from "./requests.ts";
import { StockView, Taken } from "./stock.ts";

/** The answer of a mutation of one SKU. `event` is absent if nothing had to change. */
export const MutationAnswer = z
  .object({ event: PublishedEvent.optional(), stock: StockView })
  .meta({ id: "MutationAnswer" });

export const AvailabilityAnswer = z
  .object({ items: z.array(StockView), missing: z.array(Sku), asOf: Timestamp })
  .meta({ id: "Availability" });

export const ReservationView = z
  .object({
    id: z.string(),
    status: z.enum(["active", "committed", "released", "expired"]),
    expiresAt: Timestamp.optional(),
    channel: ChannelId.optional(),
    orderId: z.string().optional(),
    reference: z.string().optional(),
    lines: z.array(
      z.object({
        sku: Sku,
        quantity: Quantity,
        taken: z.array(Taken),
        epoch: z.string().optional(),
        version: z.int().optional(),
        components: z
          .array(
            z.object({
              sku: Sku,
              quantity: Quantity,
              taken: z.array(Taken),
              epoch: z.string().optional(),
              version: z.int().optional(),
            }),
          )
          .optional()
          .meta({ description: "What a kit took of its components" }),
      }),
    ),
    shard: z
      .object({
        shard: z.int().min(0),
        sequence: z.int().min(1).meta({ description: "Counts the holds of the shard" }),
      })
      .optional()
      .meta({
        description:
          "Which shard holds it, if one does. `epoch` and `version` are then those of the grant that it was taken from; " +
          "there is no `event` and no `stock`",
      }),
    event: PublishedEvent.optional(),
    stock: StockView.optional(),
  })
  .meta({ id: "Reservation" });

/** A hold on one SKU that has not ended. */
export const HoldView = z
  .object({
    id: z.string().meta({ description: "Of its reservation, or of its share in one of several SKUs" }),
    quantity: Quantity,
    taken: z.array(Taken),
    expiresAt: Timestamp,
    channel: ChannelId.optional(),
    reference: z.string().optional(),
  })
  .meta({ id: "Hold" });
export type HoldView = z.infer<typeof HoldView>;

const orderLine = z.object({
  lineId: z.string(),
  sku: Sku,
  quantity: Quantity,
  status: z.enum(["accepted", "oversold", "unmatched", "refused"]),
  oversold: Quantity.meta({ description: "Units that were not there to sell" }),
  taken: z.array(Taken),
  epoch: z.string().optional(),
  version: z.int().optional(),
});

export const OrderLineView = orderLine
  .extend({
    components: z.array(orderLine).optional().meta({ description: "What a kit took of its components" }),
  })
  .meta({ id: "OrderLine" });

export const OrderAnswer = z
  .object({
    channel: ChannelId,
    orderId: z.string(),
    oversold: z.boolean().meta({ description: "Whether any line took more than there was" }),
    lines: z.array(OrderLineView),
  })
  .meta({ id: "Order" });

export const OrderChangeAnswer = z
  .object({
    channel: ChannelId,
    orderId: z.string(),
    skus: z.array(
      z.object({
        sku: Sku,
        status: z.enum(["cancelled", "fulfilled", "returned", "refused"]),
        lines: z.array(z.object({ lineId: z.string(), quantity: Quantity })),
        detail: z.string().optional(),
        epoch: z.string().optional(),
        version: z.int().optional(),
      }),
    ),
  })
  .meta({ id: "OrderChangeAnswer" });

/** A change that was told before its order: kept, and applied when the order comes. */
export const OrderChangeWaiting = z
  .object({ channel: ChannelId, orderId: z.string(), status: z.literal("waiting") })
  .meta({ id: "OrderChangeWaiting" });

export const BulkAnswer = z
  .object({
    items: z.array(
      z.object({
        key: z.string(),
        sku: Sku,
        status: z
          .int()
          .meta({ description: "The HTTP status the single request would have had", example: 200 }),
        replayed: z.literal(true).optional(),
        event: PublishedEvent.optional(),
        stock: StockView.optional(),
        problem: Problem.optional(),
      }),
    ),
  })
  .meta({ id: "BulkAnswer", description: "What became of each mutation, in the order of the request" });
export type BulkAnswer = z.infer<typeof BulkAnswer>;

export const KeyView = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(Scope),
    origins: z.array(z.string()).optional().meta({ description: "Only of a publishable key" }),
    rateLimit: RateLimitSetting.optional(),
    createdAt: Timestamp,
    revokedAt: Timestamp.optional(),
  })
  .meta({ id: "Key" });

/** The key of a request, as its caller may know it. */
export const CurrentKey = z
  .object({
    id: z.string().meta({ description: "Id of the API key, or `admin`" }),
    scopes: z.array(Scope),
  })
  .meta({ id: "CurrentKey" });
export type CurrentKey = z.infer<typeof CurrentKey>;

export const NewKeyAnswer = KeyView.extend({
  key: z.string().meta({ description: "The key itself; shown this once" }),
}).meta({ id: "NewKey" });

export const TicketAnswer = z
  .object({
    ticket: z.string().meta({ description: "For `?ticket=` of the live routes" }),
    expiresAt: Timestamp,
  })
  .meta({ id: "Ticket" });

export const DeadLetterView = z
  .object({
    id: z.string(),
    sku: Sku.nullable(),
    receivedAt: Timestamp,
    events: z.int().meta({ description: "How many ledger entries the message carries" }),
  })
  .meta({ id: "DeadLetter" });

/** What became of a wish to try failed listings again. */
export const ListingsDueAnswer = z.object({
  due: z.int().meta({ description: "Listings now waiting to be published" }),
});
export type ListingsDueAnswer = z.infer<typeof ListingsDueAnswer>;

/** What became of a wish to try parked facts again. */
export const FactsWaitingAnswer = z.object({
  waiting: z.int().meta({ description: "Facts that are tried again" }),
});

/** An event as published, and the version that it made. */
export const LedgerItem = z
  .intersection(PublishedEvent, z.object({ version: z.int().min(1) }))
  .meta({ id: "LedgerItem" });
export type LedgerItem = z.infer<typeof LedgerItem>;
