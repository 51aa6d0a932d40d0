import { z } from "zod";
import { extendFor } from "../../../api/reservations/reservations.ts";
import { defineTool, IdempotencyKey, idempotencyOfCall } from "../tool.ts";
import { Expiry, expiryOf, Replayed, replayedOf, ReservationId, TtlSeconds } from "./holds.ts";

const name = "extend_hold";

export const extendHold = defineTool({
  name,
  title: "Extend a hold",
  description:
    "Makes a hold last until ttl_seconds from now. Only while it lasts, and not for ever: how long a hold may last in all is limited.",
  scope: "stock:hold",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    reservation_id: ReservationId,
    ttl_seconds: TtlSeconds.meta({ description: "How long to hold, from now" }),
    idempotency_key: IdempotencyKey,
  }),
  output: z.strictObject({
    reservation_id: z.string(),
    status: z.literal("active"),
    ...Expiry,
    replayed: Replayed,
  }),
  async run(c, args) {
    const { reservation_id: id, ttl_seconds: ttlSeconds } = args;
    const answer = await extendFor(c, id, ttlSeconds, await idempotencyOfCall(c, name, args));
    return {
      reservation_id: id,
      status: "active" as const,
      ...expiryOf(answer.view.expiresAt),
      replayed: replayedOf(answer),
    };
  },
});
