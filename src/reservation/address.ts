import { shardOf } from "../storage/shard.ts";

/** Reservations of several SKUs share this many objects; each is one row in one of them. */
const shards = 16;

/** The name of the ReservationObject that keeps a reservation: the same for ever. */
export function reservationObjectName(id: string): string {
  return `reservations/${shardOf(id, shards)}`;
}
