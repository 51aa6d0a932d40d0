import type { PublishedEvent, StockEvent } from "../protocol/event.ts";
import { isEventType } from "../protocol/event-types.ts";
import { evolve } from "./evolve.ts";
import { type SkuState, unknownSku } from "./state.ts";

/** An entry whose type no event of ours has. Replaying past it would give a wrong sum without saying so. */
export class UnknownEventError extends Error {}

/** What the events of one life of a SKU add up to so far. */
export interface Replay {
  readonly state: SkuState;
  /** Events taken in. */
  readonly entries: number;
  /** When the newest of them was recorded; 0 before the first. */
  readonly atMs: number;
}

/** Nothing replayed yet. */
export function newReplay(sku: string, epoch: string): Replay {
  return { state: unknownSku(sku, epoch), entries: 0, atMs: 0 };
}

/** Whether the versions 1 to the newest are all in it; if not, its sums mean nothing. */
export function isDense(replay: Replay): boolean {
  return replay.entries === replay.state.version;
}

/** Takes in further events: of the same life, in order of version, none twice. */
export function replayed(replay: Replay, events: readonly PublishedEvent[]): Replay {
  const last = events.at(-1);
  if (last === undefined) return replay;
  let { state } = replay;
  for (const published of events) {
    // Not simply one more than before: after a gap, the version must still be the ledger's.
    state = evolve({ ...state, version: published.data.version - 1 }, toStockEvent(published));
  }
  return {
    state: withoutEnded(state),
    entries: replay.entries + events.length,
    atMs: Date.parse(last.time),
  };
}

/** The event as the domain knows it: the reverse of `publishEvent`. Throws `UnknownEventError`. */
export function toStockEvent(published: PublishedEvent): StockEvent {
  const type = /^stockwire\.stock\.(\w+)\.v1$/.exec(published.type)?.[1] ?? "";
  if (!isEventType(type)) throw new UnknownEventError(`no event of ours: ${published.type}`);
  const { sku: _sku, epoch: _epoch, version: _version, ...data } = published.data;
  // The ledger holds what `publishEvent` made of a StockEvent, so type and data belong together.
  return { type, atMs: Date.parse(published.time), ...data } as StockEvent;
}

/** No later event changes what has ended, so that a long history is replayed in little memory. */
function withoutEnded(state: SkuState): SkuState {
  const orderLines = state.orderLines.filter((line) => line.open.length > 0);
  return { ...state, ended: state.ended.clear(), orderLines };
}
