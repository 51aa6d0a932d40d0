import { type LineCounts, noCounts } from "./counts.ts";

interface CountedLine extends LineCounts {
  readonly lineId: string;
}

/**
 * Turns what an order is now into counts that only grow, against what its channel has told of each line so far. Units
 * that the order has no more went back to stock, units it has besides were ordered again. Lines that are gone come
 * back from `removed`. The caller leaves out states older than the last one it took in.
 */
export function grown<Line extends CountedLine>(
  known: Readonly<Record<string, LineCounts>>,
  now: readonly Line[],
  removed: (lineId: string) => Line | undefined,
): Line[] {
  const present = new Set(now.map(({ lineId }) => lineId));
  const gone = Object.keys(known).flatMap((lineId) => (present.has(lineId) ? [] : (removed(lineId) ?? [])));
  const told = now.map((line) => ({ ...line, ...grownCounts(known[line.lineId] ?? noCounts, line) }));
  return [
    ...told,
    ...gone.map((line) => ({ ...line, ...grownCounts(known[line.lineId] ?? noCounts, noCounts) })),
  ];
}

/** The counts of a line after it was seen as `now`. None is less than in `known`, and all fit together. */
export function grownCounts(known: LineCounts, now: LineCounts): LineCounts {
  let { ordered, cancelled, fulfilled, restocked } = known;
  const change = takenOf(now) - takenOf(known);
  ordered += Math.max(0, change);
  const back = Math.max(0, -change);
  // What has not left is taken back first; the rest has come back from outside.
  const unshipped = Math.min(back, ordered - cancelled - fulfilled);
  cancelled += unshipped;
  restocked += Math.min(back - unshipped, fulfilled - restocked - known.writtenOff);
  const left = Math.max(0, now.fulfilled - now.restocked - (fulfilled - restocked));
  fulfilled += Math.min(left, ordered - cancelled - fulfilled);
  const writtenOff = Math.max(known.writtenOff, Math.min(now.writtenOff, fulfilled - restocked));
  return { ordered, cancelled, fulfilled, restocked, writtenOff };
}

/** Units out of stock because of a line: they are still to leave, have left, or are lost. */
function takenOf({ ordered, cancelled, restocked }: LineCounts): number {
  return ordered - cancelled - restocked;
}
