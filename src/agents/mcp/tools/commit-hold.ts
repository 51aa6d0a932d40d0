import { z } from "zod";
import { agentChannel } from "../../../api/reservations/answer.ts";
import { commitFor } from "../../../api/reservations/reservations.ts";
import { limits } from "../../../protocol/limits.ts";
import { PositiveQuantity, Sku } from "../../../protocol/primitives.ts";
import { defineTool, IdempotencyKey, idempotencyOfCall } from "../tool.ts";
import { Replayed, replayedOf, ReservationId } from "./holds.ts";

const name = "commit_hold";

export const commitHold = defineTool({
  name,
  title: "Buy what is held",
  description:
    "Turns a hold into an order: the units are sold. This is final; call it once the buyer has decided. With lines, only that " +
    "much is sold and the rest is free again.",
  scope: "stock:hold",
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    reservation_id: ReservationId,
    lines: z
      .array(z.strictObject({ sku: Sku, quantity: PositiveQuantity }))
      .min(1)
      .max(limits.reservationLinesMax)
      .optional()
      .meta({ description: "Absent: all that is held" }),
    idempotency_key: IdempotencyKey,
  }),
  output: z.strictObject({
    reservation_id: z.string(),
    status: z.literal("committed"),
    order: z.strictObject({ channel: z.string(), order_id: z.string() }),
    lines: z.array(z.strictObject({ sku: z.string(), quantity: z.int() })),
    replayed: Replayed,
  }),
  async run(c, args) {
    const { reservation_id: id, lines } = args;
    const body = { channel: agentChannel, lines };
    const answer = await commitFor(c, id, body, await idempotencyOfCall(c, name, args));
    const { channel = agentChannel, orderId = id, lines: sold } = answer.view;
    return {
      reservation_id: id,
      status: "committed" as const,
      order: { channel, order_id: orderId },
      lines: sold.map(({ sku, quantity }) => ({ sku, quantity })),
      replayed: replayedOf(answer),
    };
  },
});
