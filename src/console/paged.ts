import type { Page } from "../client/paged.ts";
import { type ApiError, asApiError } from "./api-error.ts";
import { Cell } from "./cell.ts";

/** What a list that is loaded page after page has so far. */
export interface Pages<Item> {
  readonly items: readonly Item[];
  readonly isWhole: boolean;
  readonly isLoading: boolean;
  readonly error: ApiError | undefined;
}

/** A list behind cursors. It loads as far as somebody looks, one page at a time, and stops at the first failure. */
export class PagedList<Item> {
  readonly state = new Cell<Pages<Item>>({ items: [], isWhole: false, isLoading: false, error: undefined });
  readonly #load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>;
  readonly #leaving = new AbortController();
  #cursor: string | undefined;
  #wanted = 0;

  constructor(load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>) {
    this.#load = load;
  }

  /** Sees to it that there are at least so many items, if the list has them. */
  want(count: number): void {
    this.#wanted = Math.max(this.#wanted, count);
    if (this.state.value.error === undefined) void this.#run();
  }

  /** Goes on after a failure. */
  retry(): void {
    this.state.set({ ...this.state.value, error: undefined });
    void this.#run();
  }

  close(): void {
    this.#leaving.abort();
  }

  async #run(): Promise<void> {
    const { isLoading } = this.state.value;
    if (isLoading || !this.#isShort) return;
    this.state.set({ ...this.state.value, isLoading: true });
    try {
      while (this.#isShort && !this.#leaving.signal.aborted) {
        const page = await this.#load(this.#cursor, this.#leaving.signal);
        this.#cursor = page.nextCursor;
        const items = [...this.state.value.items, ...page.items];
        this.state.set({ items, isWhole: page.nextCursor === undefined, isLoading: true, error: undefined });
      }
      this.state.set({ ...this.state.value, isLoading: false });
    } catch (error) {
      if (this.#leaving.signal.aborted) return;
      this.state.set({ ...this.state.value, isLoading: false, error: asApiError(error) });
    }
  }

  get #isShort(): boolean {
    const { items, isWhole } = this.state.value;
    return !isWhole && items.length < this.#wanted;
  }
}
