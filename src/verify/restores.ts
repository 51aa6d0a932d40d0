import type { PublishedEvent } from "../protocol/event.ts";
import { comparePositions, type Position } from "../protocol/position.ts";

/** A life that continues another one from somewhere on. */
export interface Restore {
  readonly from: Position;
  readonly to: Position;
}

export function restoresIn(events: readonly PublishedEvent[]): Restore[] {
  return events.flatMap((event) =>
    event.type === "stockwire.stock.restored.v1" && event.data.levels !== undefined
      ? [{ from: event.data.from, to: event.data }]
      : [],
  );
}

/**
 * Whether a position lies between the state that was restored and the life that continues it. What made no entry, such as
 * a refusal, may be undone although its position is that of the restored state: `isNoEntry`.
 */
export function isUndone(position: Position, restores: readonly Restore[], isNoEntry = false): boolean {
  return restores.some(
    ({ from, to }) =>
      comparePositions(position, from) > (isNoEntry ? -1 : 0) && comparePositions(position, to) < 0,
  );
}
