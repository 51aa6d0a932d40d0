import { z } from "zod";
import { releaseFor } from "../../../api/reservations/reservations.ts";
import { defineTool, IdempotencyKey, idempotencyOfCall } from "../tool.ts";
import { Replayed, replayedOf, ReservationId } from "./holds.ts";

const name = "release_hold";

export const releaseHold = defineTool({
  name,
  title: "Give back what is held",
  description: "Ends a hold without a sale: its units can be bought by anybody at once.",
  scope: "stock:hold",
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({ reservation_id: ReservationId, idempotency_key: IdempotencyKey }),
  output: z.strictObject({
    reservation_id: z.string(),
    status: z.literal("released"),
    replayed: Replayed,
  }),
  async run(c, args) {
    const { reservation_id: id } = args;
    const answer = await releaseFor(c, id, await idempotencyOfCall(c, name, args));
    return { reservation_id: id, status: "released" as const, replayed: replayedOf(answer) };
  },
});
