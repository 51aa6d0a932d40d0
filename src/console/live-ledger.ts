import type { Page } from "../client/paged.ts";
import type { LedgerItem } from "../client/types.ts";
import { isNewer, type Position } from "../protocol/position.ts";
import { type ApiError, asApiError } from "./api-error.ts";
import { Cell } from "./cell.ts";

export type LedgerPage = Page<LedgerItem>;

export interface LedgerState {
  /** Newest first, without a gap. */
  readonly entries: readonly LedgerItem[];
  readonly isLoading: boolean;
  /** Whether the first entry of all is among them. */
  readonly isWhole: boolean;
  readonly error: ApiError | undefined;
}

/** The ledger follows the stock within about a second; what is still missing then is asked for ever more rarely. */
const firstPauseMs = 120;
const pauseMaxMs = 5_000;

/** The newest entries of a SKU's ledger. Told of a newer version, it asks until it has them; older ones on request. */
export class LiveLedger {
  readonly state = new Cell<LedgerState>({ entries: [], isLoading: true, isWhole: false, error: undefined });
  readonly #load: (cursor: string | undefined, signal: AbortSignal) => Promise<LedgerPage>;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #leaving = new AbortController();
  #cursor: string | undefined;
  #newest: Position | undefined;
  #isFollowing = false;
  #isTurning = false;

  constructor(
    load: (cursor: string | undefined, signal: AbortSignal) => Promise<LedgerPage>,
    sleep: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ) {
    this.#load = load;
    this.#sleep = sleep;
  }

  /** The SKU is known to be at a position. */
  follow(position: Position): void {
    if (this.#newest === undefined || isNewer(position, this.#newest)) this.#newest = position;
    void this.#catchUp();
  }

  /** Loads another page of older entries. */
  async older(): Promise<void> {
    if (this.#isTurning || this.state.value.isWhole) return;
    this.#isTurning = true;
    await this.#attempt(async (signal) => {
      const page = await this.#load(this.#cursor, signal);
      this.#cursor = page.nextCursor;
      const entries = [...this.state.value.entries, ...page.items];
      this.#set({ entries, isWhole: page.nextCursor === undefined });
    });
    this.#isTurning = false;
  }

  retry(): void {
    void this.#catchUp();
  }

  close(): void {
    this.#leaving.abort();
  }

  async #catchUp(): Promise<void> {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    let pauseMs = firstPauseMs;
    while (!this.#isUpToDate && !this.#leaving.signal.aborted) {
      const isDone = await this.#attempt(async (signal) => this.#take(await this.#load(undefined, signal)));
      if (!isDone || this.#isUpToDate) break;
      await this.#sleep(pauseMs);
      pauseMs = Math.min(pauseMaxMs, pauseMs * 2);
    }
    this.#isFollowing = false;
  }

  /** Puts the newest page before what is known; if it does not reach that far down, it begins anew. */
  #take(page: LedgerPage): void {
    const { entries } = this.state.value;
    const [known] = entries;
    const meets = page.items.findIndex(({ id }) => id === known?.id);
    if (meets === -1) {
      this.#cursor = page.nextCursor;
      this.#set({ entries: page.items, isWhole: page.nextCursor === undefined });
    } else {
      this.#set({ entries: [...page.items.slice(0, meets), ...entries] });
    }
  }

  get #isUpToDate(): boolean {
    const [first] = this.state.value.entries;
    if (first === undefined || this.#newest === undefined) return false;
    return !isNewer(this.#newest, first.data);
  }

  async #attempt(task: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    this.#set({ isLoading: true, error: undefined });
    try {
      await task(this.#leaving.signal);
      this.#set({ isLoading: false });
      return true;
    } catch (error) {
      if (!this.#leaving.signal.aborted) this.#set({ isLoading: false, error: asApiError(error) });
      return false;
    }
  }

  #set(state: Partial<LedgerState>): void {
    this.state.set({ ...this.state.value, ...state });
  }
}
