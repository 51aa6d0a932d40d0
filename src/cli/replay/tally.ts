/** Lines and the units in them. */
export interface Amount {
  lines: number;
  units: number;
}

function nothing(): Amount {
  return { lines: 0, units: 0 };
}

/** What became of the day's orders and bookings. */
export class Tally {
  invoicesDone = 0;
  orders = 0;
  readonly ordered = nothing();
  /** Lines that were there in full; units that were there. */
  readonly accepted = nothing();
  /** Lines that were not there in full; units that were not there. */
  readonly oversold = nothing();
  /** Refused because there was not enough. */
  readonly short = nothing();
  /** Lines that the service did not record: of a SKU it does not know, for instance. */
  readonly notTaken = nothing();
  readonly cancelled = nothing();
  /** Cancellations of lines that had been refused as short: nothing to do. */
  readonly nothingToCancel = nothing();
  readonly returned = nothing();
  readonly writtenOff = nothing();
  readonly found = nothing();
}

/** Adds lines with their units. */
export function add(amount: Amount, units: number, lines = 1): void {
  amount.lines += lines;
  amount.units += units;
}
