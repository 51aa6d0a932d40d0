import { z } from "zod";
import type { ReservationAnswer } from "../../../api/reservations/answer.ts";
import { limits } from "../../../protocol/limits.ts";
import { Moment } from "../stock-item.ts";

export const ReservationId = z
  .string()
  .min(1)
  .max(limits.knownIdLengthMax)
  .meta({ description: "reservation_id of hold_stock, unchanged" });

export const TtlSeconds = z.int().min(1).max(limits.reservationTtlSecondsMax);

export const Replayed = z.boolean().meta({
  description: "Whether this is the answer of an earlier call with the same key; it may have changed since",
});

/** Until when a hold lasts. */
export const Expiry = {
  expires_at: Moment,
  expires_in_seconds: z.int().min(0).meta({ description: "From now; 0 if it is over" }),
};

export function expiryOf(expiresAt: string | undefined): { expires_at: string; expires_in_seconds: number } {
  if (expiresAt === undefined) throw new Error("an active reservation has no expiry");
  const leftMs = Date.parse(expiresAt) - Date.now();
  return { expires_at: expiresAt, expires_in_seconds: Math.max(0, Math.floor(leftMs / 1_000)) };
}

export function replayedOf({ headers }: ReservationAnswer): boolean {
  return headers["idempotent-replayed"] === "true";
}
