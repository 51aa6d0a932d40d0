import type { StockEventOf } from "../protocol/event.ts";
import { persistentMap } from "./persistent-map.ts";
import { grantedOf } from "./reservations.ts";
import type { Kit, Reservation, SkuState } from "./state.ts";

/** Reservations in one entry of the ledger, about 60 KB of them. */
const reservationsPerEntry = 200;

type Restored = StockEventOf<"restored">;

/**
 * The entries that begin a new life with the state of an earlier one: what was said of the earlier one after that state is
 * undone, and no position of it is current any more. More than one if the SKU has many reservations.
 */
export function restoredEvents(state: SkuState, nowMs: number): Restored[] {
  const { epoch, version, since = epoch } = state;
  const common = { type: "restored" as const, atMs: nowMs, from: { epoch, version }, since };
  const reservations = [...state.reservations.values()].map(toHold);
  const first = { ...common, ...stateOf(state), reservations: reservations.slice(0, reservationsPerEntry) };
  const more: Restored[] = [];
  for (let start = reservationsPerEntry; start < reservations.length; start += reservationsPerEntry) {
    more.push({ ...common, reservations: reservations.slice(start, start + reservationsPerEntry) });
  }
  return [first, ...more];
}

/** The state after such an entry. Order lines and ended reservations are as they were. */
export function restore(state: SkuState, event: Restored): SkuState {
  const held = event.reservations.map(toReservation);
  const base = event.levels === undefined ? state : begun(state, event, event.levels);
  return {
    ...base,
    reservations: base.reservations.concat(held.map((reservation) => [reservation.id, reservation])),
    granted: base.granted + grantedOf(held),
    nextExpiryAtMs: held.reduce(
      (least, { expiresAtMs }) => Math.min(least, expiresAtMs),
      base.nextExpiryAtMs,
    ),
  };
}

function begun(state: SkuState, event: Restored, levels: NonNullable<Restored["levels"]>): SkuState {
  const { title, safetyStock = 0, backorderLimit = 0, lowStockAt = 0, allocations = [] } = event;
  return {
    ...state,
    since: event.since,
    title,
    price: event.price ?? undefined,
    safetyStock,
    backorderLimit,
    lowStockAt,
    shards: event.shards ?? 0,
    granted: 0,
    isRetired: event.retired === true,
    allocations: persistentMap(allocations.map(({ channel, quantity }) => [channel, quantity])),
    kit: kitOf(event),
    levels: persistentMap(levels.map(({ location, ...counts }) => [location, counts])),
    reservations: persistentMap(),
    nextExpiryAtMs: Number.POSITIVE_INFINITY,
  };
}

function kitOf({ components, kitAvailable = 0 }: Restored): Kit | undefined {
  return components && { components, available: kitAvailable };
}

/** All of a state but its reservations. */
function stateOf(state: SkuState): Omit<Restored, "type" | "atMs" | "from" | "since" | "reservations"> {
  const { title, price, safetyStock, backorderLimit, lowStockAt, allocations, kit } = state;
  return {
    ...(title !== undefined && { title }),
    ...(price !== undefined && { price }),
    safetyStock,
    backorderLimit,
    lowStockAt,
    ...(state.shards > 0 && { shards: state.shards }),
    ...(allocations.size > 0 && {
      allocations: [...allocations].map(([channel, quantity]) => ({ channel, quantity })),
    }),
    ...(kit !== undefined && { components: [...kit.components], kitAvailable: kit.available }),
    ...(state.isRetired && { retired: true as const }),
    levels: [...state.levels].map(([location, counts]) => ({ location, ...counts })),
  };
}

function toHold({
  id,
  expiresAtMs,
  quantity,
  taken,
  ...rest
}: Reservation): Restored["reservations"][number] {
  const { channel, reference, allocated, shard } = rest;
  return {
    reservationId: id,
    quantity,
    taken: [...taken],
    expiresAt: new Date(expiresAtMs).toISOString(),
    ...(channel !== undefined && { channel }),
    ...(reference !== undefined && { reference }),
    ...(allocated > 0 && { allocated }),
    ...(shard !== undefined && { shard }),
  };
}

function toReservation(hold: Restored["reservations"][number]): Reservation {
  const { reservationId: id, expiresAt, quantity, taken, channel, reference, allocated = 0, shard } = hold;
  return { id, quantity, taken, expiresAtMs: Date.parse(expiresAt), channel, reference, allocated, shard };
}
