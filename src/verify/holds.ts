import type { StockEvent } from "../protocol/event.ts";
import type { SkuState } from "../stock/state.ts";

/** What is wrong with how an event treats a reservation: each ends once, none after its end, and none before its time. */
export function holdProblem(before: SkuState, event: StockEvent): string | undefined {
  switch (event.type) {
    case "reserved":
      return before.reservations.has(event.reservationId) || before.ended.has(event.reservationId)
        ? `reservation ${event.reservationId} was made twice`
        : undefined;
    case "extended":
    case "committed":
    case "released":
    case "expired":
      return endProblem(before, event);
    default:
      return undefined;
  }
}

function endProblem(
  before: SkuState,
  { type, reservationId: id, atMs }: { type: string; reservationId: string; atMs: number },
): string | undefined {
  const reservation = before.reservations.get(id);
  if (reservation === undefined) {
    const ended = before.ended.get(id);
    const why = ended === undefined ? "never began" : `was ${ended.end} at version ${ended.version}`;
    return `${type}, but reservation ${id} ${why}`;
  }
  const isOver = reservation.expiresAtMs <= atMs;
  if (type === "expired" && !isOver) return `reservation ${id} expired before its time`;
  return type !== "expired" && isOver ? `${type}, but reservation ${id} was over by then` : undefined;
}
