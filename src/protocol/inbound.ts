import { z } from "zod";
import { NaturalQuantity, Timestamp } from "./primitives.ts";

/** What a delivery to a channel's inbound address is answered. */
export const Accepted = z
  .object({
    accepted: NaturalQuantity.meta({
      description: "Facts that were kept; 0 if the delivery came before, or says nothing about stock",
    }),
  })
  .meta({ id: "Accepted" });

const Said = z.object({ detail: z.string(), at: Timestamp });

/** How a channel's inbox is doing. Counts are of the time since the channel's object was last loaded. */
export const InboundStatusView = z
  .object({
    accepted: NaturalQuantity.meta({ description: "Facts that came in" }),
    duplicates: NaturalQuantity.meta({ description: "Deliveries that had come before" }),
    ignored: NaturalQuantity.meta({ description: "Deliveries that say nothing about stock" }),
    forged: NaturalQuantity.meta({ description: "Requests whose signature was not the channel's" }),
    malformed: NaturalQuantity.meta({ description: "Deliveries that could not be understood" }),
    lastMalformed: Said.optional(),
    applied: NaturalQuantity.meta({ description: "Reports of orders that reached the stock" }),
    levels: z
      .object({
        echo: NaturalQuantity.meta({ description: "Our own numbers, told back" }),
        inFlight: NaturalQuantity.meta({ description: "Overtaken by what was under way" }),
        drift: NaturalQuantity.meta({ description: "Explained by nothing we know of" }),
        unlisted: NaturalQuantity.meta({ description: "Of items that are no SKU's listing" }),
      })
      .meta({ description: "Numbers the channel said it shows" }),
    waiting: NaturalQuantity.meta({ description: "Facts kept and not applied yet" }),
    oldestWaitingAt: Timestamp.optional(),
    parked: NaturalQuantity.meta({ description: "Facts that cannot be applied as they are" }),
    lastFailure: Said.optional().meta({ description: "Why a fact had to be tried again" }),
    lastNote: Said.optional().meta({ description: "What was told last that does not add up" }),
    lastAskedAt: Timestamp.optional().meta({ description: "When the channel was asked for news last" }),
    lastAskFailure: Said.optional(),
  })
  .meta({ id: "InboundStatus" });
export type InboundStatusView = z.infer<typeof InboundStatusView>;

export const KeptFactState = z.enum(["waiting", "parked"]);

export const KeptFactView = z
  .object({
    seq: z.int().min(1),
    state: KeptFactState,
    receivedAt: Timestamp,
    replays: NaturalQuantity,
    detail: z.string().optional().meta({ description: "Why it is parked" }),
    fact: z.looseObject({ type: z.enum(["order", "order-hint", "level"]) }).meta({
      description: "What the channel told",
      example: { type: "order", orderId: "1001", lines: [] },
    }),
  })
  .meta({ id: "KeptFact" });
export type KeptFactView = z.infer<typeof KeptFactView>;
