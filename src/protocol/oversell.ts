import { z } from "zod";
import {
  ChannelId,
  ExternalId,
  NaturalQuantity,
  PositiveQuantity,
  Sku,
  Text,
  Timestamp,
} from "./primitives.ts";

/**
 * How an oversell was settled. `restocked`: units were found or came in. `cancelled`: the buyer does not get them.
 * `substituted`: the buyer got something else.
 */
export const OversellResolution = z.enum(["restocked", "cancelled", "substituted"]).meta({
  description: "How it was settled: units came in, the sale was undone, or the buyer got something else",
});
export type OversellResolution = z.infer<typeof OversellResolution>;

/** `open`: nobody has said yet how it was settled. */
export const OversellState = z.enum(["open", "resolved"]);
export type OversellState = z.infer<typeof OversellState>;

/** A fact that took more than there was: an order line, or a stocktake that found less than was sold. */
export const OversellView = z
  .object({
    id: z.string(),
    sku: Sku,
    units: PositiveQuantity.meta({ description: "Units that were not there to sell" }),
    cause: z.enum(["order", "count"]).meta({ description: "An order line, or a stocktake" }),
    channel: ChannelId.optional(),
    orderId: ExternalId.optional(),
    lineId: ExternalId.optional(),
    epoch: z.string(),
    version: z.int().min(1).meta({ description: "The ledger entry that says so" }),
    at: Timestamp.meta({ description: "When it was recorded" }),
    state: OversellState,
    resolution: OversellResolution.optional(),
    note: Text.optional(),
    resolvedBy: z.string().optional().meta({ description: "API key id, or `admin`" }),
    resolvedAt: Timestamp.optional(),
  })
  .meta({ id: "Oversell" });
export type OversellView = z.infer<typeof OversellView>;

export const OversellPage = z
  .object({
    items: z.array(OversellView),
    nextCursor: z.string().optional(),
    openCount: NaturalQuantity.meta({ description: "Open oversells of the SKU and channel asked for" }),
    openUnits: z.int().min(0).meta({ description: "Units of those" }),
  })
  .meta({ id: "Oversells" });
export type OversellPage = z.infer<typeof OversellPage>;

/** The body of `POST /v1/oversells/{id}/resolution`. It is said once; saying the same again changes nothing. */
export const ResolutionBody = z
  .strictObject({ resolution: OversellResolution, note: Text.optional() })
  .meta({ id: "OversellResolution", example: { resolution: "cancelled", note: "buyer told by mail" } });
export type ResolutionBody = z.infer<typeof ResolutionBody>;
