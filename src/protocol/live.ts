import { z } from "zod";
import { LedgerItem } from "./answers.ts";
import { limits } from "./limits.ts";
import { Sku } from "./primitives.ts";
import { Problem } from "./problem.ts";
import { StockView } from "./stock.ts";

const Skus = z
  .array(Sku)
  .min(1)
  .max(limits.liveSkusMax)
  .refine((skus) => !skus.includes("*"), "* stands alone");

/** Every SKU: the events of the whole ledger, in the order in which it got them. */
const Everything = z.tuple([z.literal("*")]);

/** An entity tag in its bare form: `<epoch>.<version>`. */
const PositionText = z.string().max(64).meta({ example: "k3v9.42" });

/** A client wants to watch SKUs, or everything. */
export const SubscribeMessage = z
  .strictObject({
    type: z.literal("subscribe"),
    skus: z.union([Everything, Skus]).meta({
      description: "Up to 1,000 SKUs, or `*` alone for every event of the ledger (secret keys only)",
    }),
    cursor: z.string().max(200).optional().meta({
      description: "With `*`: everything after it comes first. Without, only what happens from now on",
    }),
    positions: z
      .record(z.string(), PositionText)
      .optional()
      .meta({ description: "What the client has already, by SKU: only what changed since is sent" }),
  })
  .meta({
    id: "SubscribeMessage",
    example: { type: "subscribe", skus: ["TEE-BLK-M"], positions: { "TEE-BLK-M": "k3v9.42" } },
  });

export const UnsubscribeMessage = z
  .strictObject({ type: z.literal("unsubscribe"), skus: z.union([Everything, Skus]) })
  .meta({ id: "UnsubscribeMessage", example: { type: "unsubscribe", skus: ["TEE-BLK-M"] } });

/** How far a client has come, if it wants to be spared. */
export const ReceivedMessage = z
  .strictObject({
    type: z.literal("received"),
    count: z
      .int()
      .min(0)
      .meta({
        description:
          "Stock messages taken in so far on this socket. Who says this at all gets at most 100 ahead of it; for what " +
          "changes meanwhile only the newest view of each SKU is kept",
      }),
  })
  .meta({ id: "ReceivedMessage", example: { type: "received", count: 100 } });

/** What a client says on `/v1/live`. */
export const ClientMessage = z.discriminatedUnion("type", [
  SubscribeMessage,
  UnsubscribeMessage,
  ReceivedMessage,
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** The newest view of a SKU. Views between it and the one before may have been left out. */
export const StockMessage = z
  .object({ type: z.literal("stock"), stock: StockView })
  .meta({ id: "StockMessage" });
export type StockMessage = z.infer<typeof StockMessage>;

/** Everything that changed since the client's positions has been sent; from now on changes follow. */
export const SubscribedMessage = z
  .object({
    type: z.literal("subscribed"),
    skus: z.array(Sku).meta({ description: "Watched now, by this subscription" }),
    missing: z.array(Sku).meta({ description: "Unknown SKUs; watched too, and sent once they are created" }),
    cursor: z.string().optional().meta({ description: "With `*`: where the events that follow begin" }),
  })
  .meta({ id: "SubscribedMessage" });
export type SubscribedMessage = z.infer<typeof SubscribedMessage>;

export const UnsubscribedMessage = z
  .object({ type: z.literal("unsubscribed"), skus: z.array(Sku) })
  .meta({ id: "UnsubscribedMessage" });
export type UnsubscribedMessage = z.infer<typeof UnsubscribedMessage>;

/** Events of the ledger, each once and in order, on a socket that subscribed to everything. */
export const EventsMessage = z
  .object({
    type: z.literal("events"),
    cursor: z.string().meta({ description: "Where the next subscription goes on" }),
    events: z.array(LedgerItem),
  })
  .meta({ id: "EventsMessage" });
export type EventsMessage = z.infer<typeof EventsMessage>;

export const ErrorMessage = z
  .object({ type: z.literal("error"), problem: Problem })
  .meta({ id: "ErrorMessage" });
export type ErrorMessage = z.infer<typeof ErrorMessage>;

export const ServerMessage = z.discriminatedUnion("type", [
  StockMessage,
  SubscribedMessage,
  UnsubscribedMessage,
  EventsMessage,
  ErrorMessage,
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
