/** A part of a list, and how many the whole list has. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly count: number;
}

/** Reads a list that is answered in pages, whole. */
export async function allOf<Item>(pageFrom: (offset: number) => Promise<Page<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  for (;;) {
    const { items, count } = await pageFrom(all.length);
    all.push(...items);
    if (items.length === 0 || all.length >= count) return all;
  }
}
