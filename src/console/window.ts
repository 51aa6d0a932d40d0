/** The rows that a list of equally high rows has to draw. */
export interface RowWindow {
  readonly first: number;
  /** The row after the last one. */
  readonly end: number;
}

/**
 * The rows that are looked at, and `spare` more on each side, of `count` rows. Begins at an even row, so that stripes stay
 * where they are.
 */
export function rowWindow(
  scrolled: number,
  height: number,
  rowHeight: number,
  count: number,
  spare: number,
): RowWindow {
  const first = Math.min(Math.max(0, Math.floor(scrolled / rowHeight) - spare), Math.max(0, count - 1));
  const end = Math.min(count, Math.ceil((scrolled + height) / rowHeight) + spare);
  return { first: first - (first % 2), end };
}
