/** Units of one order line, while its history is gone through. */
export interface LineCount {
  ordered: number;
  cancelled: number;
  fulfilled: number;
  restocked: number;
  writtenOff: number;
  /** Neither cancelled nor sent. */
  open: number;
  /** Sent and not come back. */
  away: number;
  /** Sent, whether they came back or not. */
  gone: number;
}

export function newCount(ordered: number): LineCount {
  return {
    ordered,
    cancelled: 0,
    fulfilled: 0,
    restocked: 0,
    writtenOff: 0,
    open: ordered,
    away: 0,
    gone: 0,
  };
}

export function addUnits(count: LineCount, units: number): void {
  count.ordered += units;
  count.open += units;
}

/** Takes units out of the order: first what has not been sent; the rest was, and is back on the shelf. */
export function cancelUnits(count: LineCount, units: number): void {
  const unsent = Math.min(count.open, units);
  count.cancelled += unsent;
  count.open -= unsent;
  const back = Math.min(count.away, units - unsent);
  returnUnits(count, back, "restocked");
  count.gone -= back;
}

export function sendUnits(count: LineCount, units: number): void {
  // More may be sent than the history explains.
  if (units > count.open) addUnits(count, units - count.open);
  count.fulfilled += units;
  count.away += units;
  count.gone += units;
  count.open -= units;
}

/** A cancelled parcel puts its units back on the shelf, and the order wants them again. */
export function unsendUnits(count: LineCount, units: number): void {
  const back = Math.min(count.away, units);
  returnUnits(count, back, "restocked");
  count.gone -= back;
  addUnits(count, back);
}

/** Units came back; they stay part of the order. */
export function returnUnits(count: LineCount, units: number, as: "restocked" | "writtenOff"): void {
  const back = Math.min(count.away, units);
  count[as] += back;
  count.away -= back;
}

/** Makes the count agree with what the channel says the line has now: whatever its history does not explain. */
export function settleUnits(count: LineCount, quantity: number): void {
  const known = count.open + count.gone;
  if (quantity > known) addUnits(count, quantity - known);
  else cancelUnits(count, known - quantity);
}
