import type { StockEvent, StockEventOf } from "../protocol/event.ts";
import type { Taken } from "../protocol/stock.ts";
import { limits } from "../protocol/limits.ts";
import { persistentMap } from "./persistent-map.ts";
import { levelAt, split, sum } from "./quantities.ts";
import { unreachable } from "./refusal.ts";
import { restore } from "./restore.ts";
import {
  type EndedReservation,
  type Homes,
  homesAt,
  type Level,
  type OrderLine,
  orderLineKey,
  type SkuState,
} from "./state.ts";

/** The state after an event: one version further. Total: any event of the ledger applies to the state before it. */
export function evolve(state: SkuState, event: StockEvent): SkuState {
  return change({ ...state, version: state.version + 1 }, event);
}

function change(state: SkuState, event: StockEvent): SkuState {
  switch (event.type) {
    case "created":
    case "updated":
      return changeSettings(state, event);
    case "restored":
      return restore(state, event);
    case "retired":
      return {
        ...state,
        isRetired: true,
        shards: 0,
        homes: homesAfter(state, 0, event.atMs),
        levels: state.levels.clear(),
        allocations: state.allocations.clear(),
        kit: undefined,
      };
    case "transferred": {
      const { from, to, quantity } = event;
      return addToLevel(addToLevel(state, from, { onHand: -quantity }), to, { onHand: quantity });
    }
    case "marked_unavailable":
      return addToLevel(state, event.location, { unavailable: event.delta });
    case "incoming_changed":
      return addToLevel(state, event.location, { incoming: event.delta });
    case "received":
      return addToLevel(state, event.location, { onHand: event.quantity, incoming: -event.fromIncoming });
    case "derived":
      return { ...state, kit: { components: state.kit?.components ?? [], available: event.available } };
    case "adjusted":
      return addToLevel(state, event.location, { onHand: event.delta });
    case "counted":
      return addToLevel(state, event.location, { onHand: event.onHand - event.previousOnHand });
    case "reserved":
      return reserve(state, event);
    case "extended":
      return extend(state, event);
    case "committed":
      return commit(state, event);
    case "released":
    case "expired": {
      const { reservationId: id, taken, type } = event;
      const reservation = state.reservations.get(id);
      const given = giveAllocation(state, reservation?.channel, reservation?.allocated ?? 0);
      const freed = addAll(given, taken, { reserved: -1 });
      const kept = event.type === "released" ? event.kept : undefined;
      return kept === undefined ? end(freed, id, { end: type, taken }) : keep(freed, id, kept);
    }
    case "ordered":
      return event.lines.reduce((changed, line) => {
        const { lineId, quantity, taken, oversold, allocated = 0 } = line;
        const added = { ...newLine(changed, event, lineId, quantity, taken), oversold, allocated };
        const left = giveAllocation(changed, event.channel, -allocated);
        const known = changed.orderLines.get(orderLineKey(added));
        const recorded = known === undefined ? added : grown(known, added);
        return putLine(addAll(left, taken, { committed: 1 }), recorded);
      }, state);
    case "cancelled":
      return giveBackAllocations(takeFromLines(state, event, { committed: -1 }, "cancelled"), event);
    case "returned":
      return giveBack(state, event);
    case "fulfilled":
      return takeFromLines(state, event, { committed: -1, onHand: -1 }, "fulfilled");
    default:
      return unreachable(event);
  }
}

function changeSettings(state: SkuState, event: StockEventOf<"created" | "updated">): SkuState {
  const { allocations, components, price = state.price } = event;
  return {
    ...state,
    title: event.title ?? state.title,
    price: price ?? undefined,
    safetyStock: event.safetyStock ?? state.safetyStock,
    backorderLimit: event.backorderLimit ?? state.backorderLimit,
    lowStockAt: event.lowStockAt ?? state.lowStockAt,
    ...(event.shards !== undefined && {
      shards: event.shards,
      homes: homesAfter(state, event.shards, event.atMs),
    }),
    ...(allocations !== undefined && {
      allocations: persistentMap(allocations.map(({ channel, quantity }) => [channel, quantity])),
    }),
    ...(components !== undefined && {
      // How many there are is found out next, from the components.
      kit: components.length === 0 ? undefined : { components, available: 0 },
    }),
  };
}

/** Who knows the keys of buyers from now on. The same shards go on; others begin with what is known here by then. */
function homesAfter(state: SkuState, shards: number, atMs: number): Homes | undefined {
  const homes = homesAt(state, atMs);
  if (shards > 0) return { shards, sinceMs: homes?.sinceMs ?? atMs };
  if (homes === undefined || homes.untilMs !== undefined) return homes;
  return { ...homes, untilMs: atMs + limits.shardKeysRetentionMs };
}

function reserve(state: SkuState, event: StockEventOf<"reserved">): SkuState {
  const expiresAtMs = Date.parse(event.expiresAt);
  const { reservationId: id, quantity, taken, channel, reference, allocated = 0, shard } = event;
  const reservation = { id, quantity, taken, expiresAtMs, channel, reference, allocated, shard };
  return {
    ...addAll(giveAllocation(state, channel, -allocated), taken, { reserved: 1 }),
    reservations: state.reservations.set(id, reservation),
    granted: state.granted + (shard === undefined ? 0 : quantity),
    nextExpiryAtMs: Math.min(state.nextExpiryAtMs, expiresAtMs),
  };
}

function extend(state: SkuState, event: StockEventOf<"extended">): SkuState {
  const reservation = state.reservations.get(event.reservationId);
  if (reservation === undefined) return state;
  const expiresAtMs = Date.parse(event.expiresAt);
  return {
    ...state,
    reservations: state.reservations.set(reservation.id, { ...reservation, expiresAtMs }),
    nextExpiryAtMs: Math.min(state.nextExpiryAtMs, expiresAtMs),
  };
}

function commit(state: SkuState, event: StockEventOf<"committed">): SkuState {
  const { channel, orderId, lineId, quantity, taken, released } = event;
  // Of a partial commit, the channel's own units are sold first; the rest of them is its own again.
  const held = state.reservations.get(event.reservationId)?.allocated ?? 0;
  const allocated = Math.min(held, quantity);
  const owner = state.reservations.get(event.reservationId)?.channel;
  const given = addAll(giveAllocation(state, owner, held - allocated), released, { reserved: -1 });
  const moved = addAll(given, taken, { reserved: -1, committed: 1 });
  const order = { channel, orderId, lineId };
  const ended =
    event.kept === undefined
      ? end(moved, event.reservationId, { end: "committed", quantity, taken, order })
      : keep(moved, event.reservationId, event.kept);
  const sold = owner === channel ? allocated : 0;
  return putLine(ended, { ...newLine(ended, event, lineId, quantity, taken), allocated: sold });
}

/** Adds to the units that belong to a channel alone; a channel without an allocation has none to add to. */
function giveAllocation(state: SkuState, channel: string | undefined, units: number): SkuState {
  if (channel === undefined || units === 0 || !state.allocations.has(channel)) return state;
  return { ...state, allocations: state.allocations.update(channel, 0, (left) => left + units) };
}

/**
 * What a cancelled line had of its channel's own units is the channel's own again. The event says how many: the line
 * may not be at hand when a ledger is added up.
 */
function giveBackAllocations(state: SkuState, event: StockEventOf<"cancelled">): SkuState {
  return event.lines.reduce((changed, { lineId, allocated = 0 }) => {
    const given = giveAllocation(changed, event.channel, allocated);
    const line = given.orderLines.get(orderLineKey({ ...event, lineId }));
    return line === undefined ? given : putLine(given, { ...line, allocated: line.allocated - allocated });
  }, state);
}

function giveBack(state: SkuState, event: StockEventOf<"returned">): SkuState {
  return event.lines.reduce((changed, part) => {
    const given = event.restock ? addAll(changed, part.taken, { onHand: 1 }) : changed;
    const line = given.orderLines.get(orderLineKey({ ...event, lineId: part.lineId }));
    if (line === undefined) return given;
    const returned = line.returned + part.quantity;
    const writtenOff = line.writtenOff + (event.restock ? 0 : part.quantity);
    return putLine(given, { ...line, returned, writtenOff });
  }, state);
}

/** A grant with fewer units than before. */
function keep(state: SkuState, id: string, kept: readonly Taken[]): SkuState {
  const reservation = state.reservations.get(id);
  if (reservation === undefined) return state;
  const quantity = sum(kept);
  return {
    ...state,
    reservations: state.reservations.set(id, { ...reservation, quantity, taken: kept }),
    granted: state.granted - (reservation.quantity - quantity),
  };
}

function end(
  state: SkuState,
  id: string,
  how: Omit<EndedReservation, "id" | "quantity" | "epoch" | "version"> & { quantity?: number },
): SkuState {
  const quantity = how.quantity ?? how.taken.reduce((total, part) => total + part.quantity, 0);
  const reservation = state.reservations.get(id);
  const granted = reservation?.shard === undefined ? 0 : reservation.quantity;
  return {
    ...state,
    granted: state.granted - granted,
    reservations: state.reservations.delete(id),
    ended: state.ended.set(id, { ...how, id, quantity, epoch: state.epoch, version: state.version }),
  };
}

function newLine(
  state: SkuState,
  order: { channel: string; orderId: string },
  lineId: string,
  quantity: number,
  taken: readonly Taken[],
): OrderLine {
  const { channel, orderId } = order;
  const counts = { ordered: quantity, cancelled: 0, fulfilled: 0, returned: 0, writtenOff: 0 };
  const at = { epoch: state.epoch, version: state.version };
  return { channel, orderId, lineId, ...counts, oversold: 0, allocated: 0, open: taken, taken, ...at };
}

/** A line that was ordered more of: the earlier units stand first, and leave first. */
function grown(known: OrderLine, added: OrderLine): OrderLine {
  return {
    ...known,
    ordered: known.ordered + added.ordered,
    oversold: known.oversold + added.oversold,
    allocated: known.allocated + added.allocated,
    open: [...known.open, ...added.open],
    taken: [...known.taken, ...added.taken],
  };
}

function takeFromLines(
  state: SkuState,
  event: StockEventOf<"cancelled" | "fulfilled">,
  sign: Partial<Level>,
  counter: "cancelled" | "fulfilled",
): SkuState {
  return event.lines.reduce((changed, part) => {
    const left = addAll(changed, part.taken, sign);
    const line = left.orderLines.get(orderLineKey({ ...event, lineId: part.lineId }));
    if (line === undefined) return left;
    const open = split(line.open, part.quantity).rest;
    return putLine(left, { ...line, open, [counter]: line[counter] + part.quantity });
  }, state);
}

function putLine(state: SkuState, line: OrderLine): SkuState {
  return { ...state, orderLines: state.orderLines.set(orderLineKey(line), line) };
}

/** Adds `sign` times the quantity of each part to the counters of its location. */
function addAll(state: SkuState, taken: readonly Taken[], sign: Partial<Level>): SkuState {
  return taken.reduce((changed, part) => {
    const delta: Partial<Level> = Object.fromEntries(
      Object.entries(sign).map(([counter, factor]) => [counter, factor * part.quantity]),
    );
    return addToLevel(changed, part.location, delta);
  }, state);
}

function addToLevel(state: SkuState, location: string, delta: Partial<Level>): SkuState {
  const level = levelAt(state, location);
  return {
    ...state,
    levels: state.levels.set(location, {
      onHand: level.onHand + (delta.onHand ?? 0),
      committed: level.committed + (delta.committed ?? 0),
      reserved: level.reserved + (delta.reserved ?? 0),
      unavailable: level.unavailable + (delta.unavailable ?? 0),
      incoming: level.incoming + (delta.incoming ?? 0),
    }),
  };
}
