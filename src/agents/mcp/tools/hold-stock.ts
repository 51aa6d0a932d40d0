import { z } from "zod";
import { agentChannel } from "../../../api/reservations/answer.ts";
import { holdFor } from "../../../api/reservations/reservations.ts";
import { limits } from "../../../protocol/limits.ts";
import { PositiveQuantity, Sku, Text } from "../../../protocol/primitives.ts";
import { defineTool, IdempotencyKey, idempotencyOfCall } from "../tool.ts";
import { Expiry, expiryOf, Replayed, replayedOf, TtlSeconds } from "./holds.ts";

const name = "hold_stock";

export const holdStock = defineTool({
  name,
  title: "Hold stock",
  description:
    "Holds units for a buyer: all lines or none. Nobody else can buy them until the hold is committed, released, or its time is " +
    "over; then they are free again by themselves. Keep the reservation_id for extend_hold, commit_hold and release_hold, and " +
    "release what is not bought. How much and how long one key may hold is limited.",
  scope: "stock:hold",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    lines: z
      .array(z.strictObject({ sku: Sku, quantity: PositiveQuantity }))
      .min(1)
      .max(limits.reservationLinesMax),
    ttl_seconds: TtlSeconds.default(600).meta({ description: "How long to hold, from now" }),
    reference: Text.optional().meta({ description: "A number of yours; it is kept with the order" }),
    idempotency_key: IdempotencyKey,
  }),
  output: z.strictObject({
    reservation_id: z.string(),
    status: z.literal("active"),
    ...Expiry,
    lines: z.array(z.strictObject({ sku: z.string(), quantity: z.int() })),
    replayed: Replayed,
  }),
  skusOf: ({ lines }) => lines.map(({ sku }) => sku),
  async run(c, args) {
    const { lines, ttl_seconds: ttlSeconds, reference } = args;
    const body = { lines, ttlSeconds, reference, channel: agentChannel };
    const answer = await holdFor(c, body, await idempotencyOfCall(c, name, args));
    const { id, expiresAt, lines: held } = answer.view;
    return {
      reservation_id: id,
      status: "active" as const,
      ...expiryOf(expiresAt),
      lines: held.map(({ sku, quantity }) => ({ sku, quantity })),
      replayed: replayedOf(answer),
    };
  },
});
