import type { Reservation, SkuState } from "./state.ts";

/** A page of a SKU's active reservations. `after` is the last one of the page before. */
export interface ReservationsQuery {
  readonly after?: { readonly expiresAtMs: number; readonly id: string } | undefined;
  readonly limit: number;
}

/** Units that shards have. */
export function grantedOf(reservations: Iterable<Reservation>): number {
  let units = 0;
  for (const { shard, quantity } of reservations) if (shard !== undefined) units += quantity;
  return units;
}

/** What is held for buyers, in the order in which it expires; of one moment by id. Grants of shards are not among it. */
export function activeReservations(
  { reservations }: SkuState,
  { after, limit }: ReservationsQuery,
): Reservation[] {
  const all = [...reservations.values()].filter(({ shard }) => shard === undefined).sort(inOrder);
  return all.filter((one) => after === undefined || inOrder(one, after) > 0).slice(0, limit);
}

type Place = Pick<Reservation, "expiresAtMs" | "id">;

function inOrder(a: Place, b: Place): number {
  return a.expiresAtMs - b.expiresAtMs || (a.id < b.id ? -1 : Number(a.id > b.id));
}
