/** Negative if the first comes first, 0 if neither does. */
export type Compare<Item> = (a: Item, b: Item) => number;

/** One list of several, each of which is in order. What neither order decides goes by the list, the first one first. */
export function merged<Item>(lists: readonly (readonly Item[])[], compare: Compare<Item>): readonly Item[] {
  const [first = []] = lists;
  if (lists.length <= 1) return first;
  const taken = lists.map(() => 0);
  const all: Item[] = [];
  for (;;) {
    let from: number | undefined;
    let next: Item | undefined;
    for (const [index, list] of lists.entries()) {
      const head = list[taken[index] ?? 0];
      if (head === undefined || (next !== undefined && compare(head, next) >= 0)) continue;
      from = index;
      next = head;
    }
    if (from === undefined || next === undefined) return all;
    all.push(next);
    taken[from] = (taken[from] ?? 0) + 1;
  }
}

/** Rows in ascending order by these columns, as SQLite orders them. */
export function ascendingBy<Column extends string>(
  columns: readonly Column[],
): Compare<Readonly<Record<Column, string | number>>> {
  return (a, b) => {
    for (const column of columns) {
      const order = compareValues(a[column], b[column]);
      if (order !== 0) return order;
    }
    return 0;
  };
}

export function descendingBy<Column extends string>(
  columns: readonly Column[],
): Compare<Readonly<Record<Column, string | number>>> {
  const ascending = ascendingBy(columns);
  return (a, b) => ascending(b, a);
}

function compareValues(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return compareText(String(a), String(b));
}

/** SQLite compares the UTF-8 bytes of text: that is by code point, where JavaScript's `<` goes by UTF-16 unit. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points beyond all that one unit can say. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
