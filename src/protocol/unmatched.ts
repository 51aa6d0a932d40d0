import { z } from "zod";
import { External } from "./channel.ts";
import { ChannelId, ExternalId, NaturalQuantity, PositiveQuantity, Sku, Timestamp } from "./primitives.ts";

/** Units of an order that took nothing from any stock yet. */
export const UnmatchedLineView = z
  .object({
    channel: ChannelId,
    orderId: ExternalId,
    lineId: ExternalId,
    sku: z.string().meta({ description: "What the channel called it" }),
    quantity: PositiveQuantity,
    external: External.optional().meta({ description: "The channel's item, if it said which" }),
    title: z.string().optional(),
    receivedAt: Timestamp,
  })
  .meta({ id: "UnmatchedLine" });

/** The body of `POST /v1/unmatched/{channel}/{orderId}/{lineId}`. */
export const MatchBody = z
  .strictObject({
    sku: Sku,
    remember: z.boolean().optional().meta({
      description: "Also make the channel's item the SKU's listing, so that its next order matches by itself",
    }),
  })
  .meta({ id: "Match", example: { sku: "TEE-BLK-M" } });

export const UnmatchedReplayAnswer = z
  .object({
    matched: NaturalQuantity.meta({ description: "Lines that are recorded now" }),
    left: NaturalQuantity.meta({ description: "Lines looked at that are still unmatched" }),
    nextCursor: z.string().optional().meta({ description: "There are more: repeat with this" }),
  })
  .meta({ id: "UnmatchedReplay" });
