import { comparePositions, type Position } from "../protocol/position.ts";
import type { ConfirmedRange, LedgerEntry, StockEventsMessage } from "../protocol/queue.ts";
import type { StockView } from "../protocol/stock.ts";
import { type Backoff, halfJitter } from "../storage/backoff.ts";
import { jsonBytes } from "../storage/json-bytes.ts";

/** A queue message holds 128 KB, part of it for the queue itself and for what is around the entries. */
const messageBytesMax = 120_000;
const entriesPerMessageMax = 200;
/** More than this are read from the ledger when their turn comes. */
const unsentInMemoryMax = 1_000;

/** How long a confirmation is waited for before the events are sent again. */
const patience: Backoff = { baseMs: 8_000, maxMs: 300_000 };

/** Ranges remembered beyond a gap; more are forgotten, which only means that they are sent again. */
const rangesAheadMax = 1_000;

/** Groups of entries whose time is remembered until they are confirmed; more of them are taken for as old as the last. */
const groupsMax = 256;

export interface OutboxEffects {
  /** Ledger entries after a position, oldest first. */
  entriesAfter(position: Position, limit: number): LedgerEntry[];
  stock(): StockView;
  /** Kits that are made of this SKU. */
  usedBy(): readonly string[];
  send(message: StockEventsMessage): Promise<void>;
  /** Told of a send that failed; its entries go with the next retry. */
  sendFailed(error: unknown): void;
  now(): number;
  random(): number;
}

/**
 * Sends ledger entries until the consumer confirms them. Knows nothing of Durable Objects. Entries that come
 * while a send is under way go with the next one; lost messages are sent again from the confirmed position.
 */
export class Outbox {
  readonly #effects: OutboxEffects;
  #newest: Position;
  #sent: Position;
  #confirmed: Position;
  /** The entries that follow on what was sent, if they are all known here; else they are read from the ledger. */
  #unsent: readonly LedgerEntry[] | undefined;
  /** Confirmed ranges that do not follow on what is confirmed. */
  #ahead: ConfirmedRange[] = [];
  /** What is not confirmed, by its last position, and since when; oldest first. */
  #unconfirmed: { last: Position; readonly sinceMs: number }[] = [];
  #attempts = 0;
  #retryAtMs = Number.POSITIVE_INFINITY;
  #draining: Promise<void> | undefined;

  constructor(effects: OutboxEffects, confirmed: Position, newest: Position) {
    this.#effects = effects;
    this.#newest = newest;
    this.#sent = confirmed;
    this.#confirmed = confirmed;
    if (this.#isUnconfirmed()) {
      this.#retryAtMs = effects.now();
      this.#remember(newest);
    } else {
      this.#unsent = [];
    }
  }

  get confirmed(): Position {
    return this.#confirmed;
  }

  /** When entries must be sent again unless they are confirmed by then. */
  get retryAtMs(): number {
    return this.#retryAtMs;
  }

  /** When the oldest entry came that is not confirmed, or was found after a restart; undefined if all are. */
  get unconfirmedSinceMs(): number | undefined {
    return this.#unconfirmed[0]?.sinceMs;
  }

  /** Tells of new entries, at least one; `drain` sends them. */
  appended(entries: readonly LedgerEntry[]): void {
    this.#newest = entries.at(-1)?.position ?? this.#newest;
    this.#remember(this.#newest);
    const unsent = this.#unsent && [...this.#unsent, ...entries];
    this.#unsent = unsent !== undefined && unsent.length <= unsentInMemoryMax ? unsent : undefined;
    if (this.#retryAtMs === Number.POSITIVE_INFINITY) this.#waitForConfirmation();
  }

  /**
   * The consumer is done with a range. Ranges come in any order; only what follows without a gap on what is
   * confirmed counts, since a message between them may be lost yet.
   */
  confirm(range: ConfirmedRange): void {
    this.#ahead = [...this.#ahead, range].slice(-rangesAheadMax);
    const before = this.#confirmed;
    for (let next = this.#takeNext(); next !== undefined; next = this.#takeNext())
      this.#confirmed = next.last;
    if (this.#confirmed === before) return;
    this.#unconfirmed = this.#unconfirmed.filter(({ last }) => comparePositions(last, this.#confirmed) > 0);
    if (comparePositions(this.#confirmed, this.#sent) > 0) this.#wasSent(this.#confirmed);
    this.#attempts = 0;
    if (this.#isUnconfirmed()) this.#waitForConfirmation();
    else this.#retryAtMs = Number.POSITIVE_INFINITY;
  }

  #remember(last: Position): void {
    const newest = this.#unconfirmed.at(-1);
    if (newest !== undefined && this.#unconfirmed.length === groupsMax) newest.last = last;
    else this.#unconfirmed.push({ last, sinceMs: this.#effects.now() });
  }

  /** Takes out a range that advances what is confirmed, and drops those that lie behind it. */
  #takeNext(): ConfirmedRange | undefined {
    this.#ahead = this.#ahead.filter((range) => comparePositions(range.last, this.#confirmed) > 0);
    return this.#ahead.find((range) => comparePositions(range.after, this.#confirmed) <= 0);
  }

  /** Goes back to what is confirmed if the wait for a confirmation is over. */
  rewindIfDue(): void {
    if (this.#effects.now() < this.#retryAtMs || !this.#isUnconfirmed()) return;
    this.#sent = this.#confirmed;
    this.#unsent = undefined;
    this.#attempts += 1;
    this.#waitForConfirmation();
  }

  /** Everything not sent yet, for a caller who sends it. What is lost on the way is sent again by a retry. */
  takeAll(): StockEventsMessage[] {
    const messages: StockEventsMessage[] = [];
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      messages.push(message);
      this.#wasSent(message.entries.at(-1)?.position ?? this.#newest);
    }
    return messages;
  }

  /** Sends everything not sent yet. Callers share one drain; a failed send is left to the next retry. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #drain(): Promise<void> {
    while (comparePositions(this.#sent, this.#newest) < 0) {
      const message = this.#next();
      const last = message?.entries.at(-1);
      if (message === undefined || last === undefined) return;
      try {
        await this.#effects.send(message);
      } catch (error) {
        this.#effects.sendFailed(error);
        return;
      }
      if (comparePositions(last.position, this.#sent) > 0) this.#wasSent(last.position);
    }
  }

  #next(): StockEventsMessage | undefined {
    const after = this.#sent;
    const unsent = this.#unsent ?? this.#effects.entriesAfter(after, entriesPerMessageMax);
    if (unsent.length === 0) return undefined;
    const stock = this.#effects.stock();
    const usedBy = this.#effects.usedBy();
    const room = messageBytesMax - jsonBytes({ stock, usedBy });
    const entries = fitting(unsent.slice(0, entriesPerMessageMax), room);
    return { sku: stock.sku, after, entries, stock, ...(usedBy.length > 0 && { usedBy }) };
  }

  #wasSent(position: Position): void {
    this.#sent = position;
    this.#unsent = this.#unsent?.filter((entry) => comparePositions(entry.position, position) > 0);
  }

  #isUnconfirmed(): boolean {
    return comparePositions(this.#confirmed, this.#newest) < 0;
  }

  #waitForConfirmation(): void {
    const waitMs = halfJitter(patience, this.#attempts, this.#effects.random());
    this.#retryAtMs = this.#effects.now() + waitMs;
  }
}

/** The first entries that fit into so many bytes, at least one. */
function fitting(entries: readonly LedgerEntry[], bytesMax: number): LedgerEntry[] {
  let bytes = 0;
  const end = entries.findIndex((entry, index) => {
    bytes += jsonBytes(entry) + 1;
    return index > 0 && bytes > bytesMax;
  });
  return end === -1 ? [...entries] : entries.slice(0, end);
}
