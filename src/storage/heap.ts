/** A binary heap: the least item first. */
export class Heap<Item> {
  readonly #isBefore: (a: Item, b: Item) => boolean;
  #items: Item[] = [];

  constructor(isBefore: (a: Item, b: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = items[parentIndex];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      items[index] = parent;
      index = parentIndex;
    }
    items[index] = item;
  }

  pop(): Item | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (first === undefined || last === undefined || this.#items.length === 0) return first;
    this.#sink(last);
    return first;
  }

  /** Forgets the items that are not wanted any more. */
  retain(isWanted: (item: Item) => boolean): void {
    const items = this.#items;
    this.#items = [];
    for (const item of items) if (isWanted(item)) this.push(item);
  }

  #sink(item: Item): void {
    const items = this.#items;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const leftItem = items[left];
      if (leftItem === undefined) break;
      const rightItem = items[left + 1];
      const isRight = rightItem !== undefined && this.#isBefore(rightItem, leftItem);
      const child = isRight ? rightItem : leftItem;
      if (!this.#isBefore(child, item)) break;
      items[index] = child;
      index = isRight ? left + 1 : left;
    }
    items[index] = item;
  }
}
