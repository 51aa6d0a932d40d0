import type { StockEvent } from "../../protocol/event.ts";
import { limits } from "../../protocol/limits.ts";
import { allocate } from "../allocate.ts";
import { formatReservationId } from "../reservation-id.ts";
import type { MutationOf } from "../mutation.ts";
import { available, fromAllocation, sellable, split } from "../quantities.ts";
import { type EndedReservation, exists, orderLineKey, type Reservation, type SkuState } from "../state.ts";
import { type Decision, events, provenance, recorded, refuse, refuseWithoutStock } from "./decision.ts";

/** Holds a quantity for a buyer, or refuses: it never takes more than may be sold. */
export function decideReserve(state: SkuState, mutation: MutationOf<"reserve">, nowMs: number): Decision {
  const without = refuseWithoutStock(state);
  if (without !== undefined) return without;
  const { quantity, location, ttlSeconds, channel, shard } = mutation;
  const { taken, short } = allocate(state, quantity, mutation);
  // A shard is granted what is there: beyond that, only the SKU itself sells.
  const most =
    shard === undefined
      ? Math.min(sellable(state, channel), quantity - short + state.backorderLimit)
      : Math.max(0, Math.min(available(state), quantity - short));
  if (quantity > most) {
    return refuse({
      code: "insufficient-stock",
      requested: quantity,
      available: most,
      ...(location !== undefined && { location }),
    });
  }
  const allocated = fromAllocation(state, channel, quantity);
  if (state.reservations.size >= limits.reservationsPerSkuMax) {
    return refuse({ code: "too-many-reservations", limit: limits.reservationsPerSkuMax });
  }
  return events({
    type: "reserved",
    ...provenance(mutation, nowMs),
    reservationId: formatReservationId(state.sku, state.version + 1, mutation.nonce),
    quantity,
    taken,
    expiresAt: new Date(nowMs + ttlSeconds * 1000).toISOString(),
    ...(channel !== undefined && { channel }),
    ...(allocated > 0 && { allocated }),
    ...(shard !== undefined && { shard }),
  });
}

/** Makes a reservation end later (or earlier): `ttlSeconds` from now. */
export function decideExtend(state: SkuState, mutation: MutationOf<"extend">, nowMs: number): Decision {
  return whileActive(state, mutation, (reservation) =>
    events({
      type: "extended",
      ...provenance(mutation, nowMs),
      reservationId: reservation.id,
      expiresAt: new Date(nowMs + mutation.ttlSeconds * 1000).toISOString(),
    }),
  );
}

/** Turns a reservation into an order line. Fewer units than reserved: the rest is given back at once. */
export function decideCommit(state: SkuState, mutation: MutationOf<"commit">, nowMs: number): Decision {
  const { channel, orderId, lineId } = mutation;
  const ended = endedOf(state, mutation.reservationId);
  const same = ended?.order?.channel === channel && ended.order.orderId === orderId;
  if (ended?.end === "committed" && same && (mutation.quantity ?? ended.quantity) === ended.quantity) {
    return recorded(ended);
  }
  return whileActive(state, mutation, (reservation) => {
    const quantity = mutation.quantity ?? reservation.quantity;
    if (quantity > reservation.quantity) {
      return refuse({
        code: "reservation-exceeded",
        requested: quantity,
        reserved: reservation.quantity,
      });
    }
    const line = state.orderLines.get(orderLineKey({ channel, orderId, lineId }));
    if (line !== undefined) {
      return refuse({ code: "order-line-conflict", lineId, recorded: line.ordered, requested: quantity });
    }
    const { first, rest } = split(reservation.taken, quantity);
    return events({
      type: "committed",
      ...provenance({ reference: reservation.reference, ...mutation }, nowMs),
      reservationId: reservation.id,
      channel,
      orderId,
      lineId,
      quantity,
      taken: first,
      ...(mutation.shard === undefined || rest.length === 0
        ? { released: rest }
        : { released: [], kept: rest }),
    });
  });
}

/** Gives a reservation back. */
export function decideRelease(state: SkuState, mutation: MutationOf<"release">, nowMs: number): Decision {
  const ended = endedOf(state, mutation.reservationId);
  if (ended?.end === "released") return recorded(ended);
  return whileActive(state, mutation, (reservation) => {
    const given = reservation.quantity - (mutation.keep ?? 0);
    if (given <= 0) return events();
    const { first, rest } = split(reservation.taken, given);
    return events({
      type: "released",
      ...provenance(mutation, nowMs),
      reservationId: reservation.id,
      taken: first,
      ...(rest.length > 0 && { kept: rest }),
    });
  });
}

/** One event for each reservation that is due, the earliest first. */
export function expireDue(state: SkuState, nowMs: number): StockEvent[] {
  if (nowMs < state.nextExpiryAtMs) return [];
  return [...state.reservations.values()]
    .filter((reservation) => reservation.expiresAtMs <= nowMs)
    .sort((a, b) => a.expiresAtMs - b.expiresAtMs || (a.id < b.id ? -1 : 1))
    .map((reservation) => ({
      type: "expired",
      atMs: nowMs,
      reservationId: reservation.id,
      taken: [...reservation.taken],
    }));
}

/** How a reservation ended; those of a life that is over are not known any more. */
function endedOf(state: SkuState, id: string): EndedReservation | undefined {
  return exists(state) ? state.ended.get(id) : undefined;
}

/** To anybody but its shard, a grant does not exist. */
function whileActive(
  state: SkuState,
  { reservationId: id, shard }: { readonly reservationId: string; readonly shard?: number | undefined },
  decideActive: (reservation: Reservation) => Decision,
): Decision {
  const reservation = state.reservations.get(id);
  if (reservation !== undefined)
    return reservation.shard === shard
      ? decideActive(reservation)
      : refuse({ code: "reservation-not-found" });
  const ended = endedOf(state, id);
  if (ended === undefined) return refuse({ code: "reservation-not-found" });
  if (ended.end === "expired") return refuse({ code: "reservation-expired" });
  return refuse({ code: "reservation-ended", end: ended.end });
}
