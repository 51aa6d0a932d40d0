import type { OrderLineCounts } from "../stock/mutation.ts";

/** What has happened to the units of an order line so far. No count ever falls. */
export type LineCounts = Omit<OrderLineCounts, "lineId" | "epoch">;

export const noCounts: LineCounts = { ordered: 0, cancelled: 0, fulfilled: 0, restocked: 0, writtenOff: 0 };

/** The counts alone of what may carry more. */
export function countsOf({ ordered, cancelled, fulfilled, restocked, writtenOff }: LineCounts): LineCounts {
  return { ordered, cancelled, fulfilled, restocked, writtenOff };
}

/**
 * The greater one of each count. Commutative, associative and idempotent, so reports may come in any order and any
 * number of times.
 */
export function greatest(a: LineCounts, b: LineCounts): LineCounts {
  return {
    ordered: Math.max(a.ordered, b.ordered),
    cancelled: Math.max(a.cancelled, b.cancelled),
    fulfilled: Math.max(a.fulfilled, b.fulfilled),
    restocked: Math.max(a.restocked, b.restocked),
    writtenOff: Math.max(a.writtenOff, b.writtenOff),
  };
}

/** The counts of a leg that is `perUnit` units for each unit of the line. */
export function times(counts: LineCounts, perUnit: number): LineCounts {
  return {
    ordered: counts.ordered * perUnit,
    cancelled: counts.cancelled * perUnit,
    fulfilled: counts.fulfilled * perUnit,
    restocked: counts.restocked * perUnit,
    writtenOff: counts.writtenOff * perUnit,
  };
}

export function isSame(a: LineCounts, b: LineCounts): boolean {
  return (
    a.ordered === b.ordered &&
    a.cancelled === b.cancelled &&
    a.fulfilled === b.fulfilled &&
    a.restocked === b.restocked &&
    a.writtenOff === b.writtenOff
  );
}

/** What of these counts cannot be, in words; undefined if they add up. */
export function contradictionOf(counts: LineCounts): string | undefined {
  const { ordered, cancelled, fulfilled, restocked, writtenOff } = counts;
  if (cancelled + fulfilled > ordered) {
    return `${fulfilled} fulfilled and ${cancelled} cancelled of ${ordered} ordered`;
  }
  if (restocked + writtenOff > fulfilled) {
    return `${restocked} restocked and ${writtenOff} written off of ${fulfilled} fulfilled`;
  }
  return undefined;
}
