/** A page of a list. The last one has no `nextCursor`. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string | undefined;
}

/** A list that is read page by page, as far as its reader goes: `for await` over its items, or over `pages()`. */
export class Paged<Item, Answer extends Page<Item> = Page<Item>> implements AsyncIterable<Item> {
  readonly #read: (cursor: string | undefined) => Promise<Answer>;

  constructor(read: (cursor: string | undefined) => Promise<Answer>) {
    this.#read = read;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }

  /** The pages as they are answered, with what a list says beside its items. */
  async *pages(): AsyncGenerator<Answer, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.#read(cursor);
      yield page;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  /** The first page alone. */
  first(): Promise<Answer> {
    return this.#read(undefined);
  }

  /** All items at once. */
  async all(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const page of this.pages()) items.push(...page.items);
    return items;
  }
}
