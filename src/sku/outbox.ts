import { comparePositions, isNewer, type Position } from "../protocol/position.ts";
import type { LedgerEntry, LedgerRange, Run, StockEventsMessage } from "../protocol/queue.ts";
import type { StockView } from "../protocol/stock.ts";
import { type Backoff, halfJitter } from "../storage/backoff.ts";
import { jsonBytes } from "../storage/json-bytes.ts";

/** A queue message holds 128 KB, part of it for the queue itself and for what is around the entries. */
const messageBytesMax = 120_000;
const entriesPerMessageMax = 200;
/** More than this are read from the ledger when their turn comes. */
const unsentInMemoryMax = 1_000;

/** How long after an entry the ledger is asked whether it has it; longer each time that it has nothing more. */
const patience: Backoff = { baseMs: 8_000, maxMs: 300_000 };
/** What is younger is on its way. */
const settledAfterMs = 3_500;
/** A SKU that recorded nothing for so long is quiet: one report costs less than a look, many cost more. */
const quietMs = 10_000;
/** How often the ledger is asked at once while it has more. */
const runsPerLook = 10;

/** Entries to be asked for, and when the first was recorded. */
export interface SettledRun extends Run {
  readonly sinceMs: number;
}

export interface OutboxEffects {
  /** Ledger entries after a position, oldest first. */
  entriesAfter(position: Position, limit: number): LedgerEntry[];
  /** Entries that follow on a position up to one that was recorded by then, or after now: a clock went back since. */
  settledAfter(position: Position, byMs: number, nowMs: number): SettledRun | undefined;
  /** Up to which version the ledger has a run without a gap; one before the first if it lacks that. */
  reached(run: Run): Promise<number>;
  /** Told that the ledger could not be asked; it is asked again later. */
  lookFailed(error: unknown): void;
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
 * Sends ledger entries until the ledger of all SKUs has them, which takes them only once every channel was told. A quiet SKU is
 * told that; a busy one asks now and then, for all it sent meanwhile, and so does one that was not told. Knows nothing of Durable
 * Objects. Entries that come while a send is under way go with the next one; lost messages are sent again from the confirmed
 * position.
 */
export class Outbox {
  readonly #effects: OutboxEffects;
  #newest: Position;
  #sent: Position;
  #confirmed: Position;
  /** The entries that follow on what was sent, if they are all known here; else they are read from the ledger. */
  #unsent: readonly LedgerEntry[] | undefined;
  #missingSinceMs: number | undefined;
  #attempts = 0;
  #lookAtMs = Number.POSITIVE_INFINITY;
  #appendedAtMs = Number.NEGATIVE_INFINITY;
  #isQuiet = true;
  #draining: Promise<void> | undefined;

  constructor(effects: OutboxEffects, confirmed: Position, newest: Position) {
    this.#effects = effects;
    this.#newest = newest;
    this.#sent = confirmed;
    this.#confirmed = confirmed;
    if (this.#isUnconfirmed()) this.#lookAtMs = effects.now();
    else this.#unsent = [];
  }

  get confirmed(): Position {
    return this.#confirmed;
  }

  /** When the ledger is to be asked. */
  get lookAtMs(): number {
    return this.#lookAtMs;
  }

  /** When the first entry was recorded that the last look did not find though it was time; undefined if there was none. */
  get missingSinceMs(): number | undefined {
    return this.#missingSinceMs;
  }

  /** Tells of new entries, at least one; `drain` sends them. */
  appended(entries: readonly LedgerEntry[]): void {
    this.#newest = entries.at(-1)?.position ?? this.#newest;
    const nowMs = this.#effects.now();
    this.#isQuiet = nowMs - this.#appendedAtMs >= quietMs;
    this.#appendedAtMs = nowMs;
    const unsent = this.#unsent && [...this.#unsent, ...entries];
    this.#unsent = unsent !== undefined && unsent.length <= unsentInMemoryMax ? unsent : undefined;
    if (this.#lookAtMs === Number.POSITIVE_INFINITY) this.#lookLater();
  }

  /** Told that the ledger has entries that were sent. False if that says nothing new, or leaves a gap. */
  reported({ after, last }: LedgerRange): boolean {
    const isNext = comparePositions(after, this.#confirmed) <= 0 && isNewer(last, this.#confirmed);
    if (!isNext || isNewer(last, this.#newest)) return false;
    this.#confirm(last);
    this.#missingSinceMs = undefined;
    this.#attempts = 0;
    if (!this.#isUnconfirmed()) this.#lookAtMs = Number.POSITIVE_INFINITY;
    return true;
  }

  /**
   * If it is time, asks the ledger what it has and confirms that. If it has nothing more, goes back to what is confirmed,
   * for `drain` to send it again: as long as it gets on, what it lacks is on its way.
   */
  async look(): Promise<void> {
    if (this.#effects.now() < this.#lookAtMs) return;
    const before = this.#confirmed;
    try {
      this.#missingSinceMs = await this.#confirmReached();
    } catch (error) {
      this.#effects.lookFailed(error);
      this.#attempts += 1;
      this.#lookLater();
      return;
    }
    // A report may have come while the ledger was asked.
    if (!this.#isUnconfirmed()) this.#missingSinceMs = undefined;
    const hasAdvanced = this.#confirmed !== before;
    if (this.#missingSinceMs === undefined || hasAdvanced) this.#attempts = 0;
    else {
      this.#sent = this.#confirmed;
      this.#unsent = undefined;
      this.#attempts += 1;
    }
    if (this.#isUnconfirmed()) this.#lookLater();
    else this.#lookAtMs = Number.POSITIVE_INFINITY;
  }

  /** Moves what is confirmed over all that the ledger has without a gap. Answers since when the first entry waits that it lacks. */
  async #confirmReached(): Promise<number | undefined> {
    for (let runs = 0; runs < runsPerLook; runs += 1) {
      const nowMs = this.#effects.now();
      const run = this.#effects.settledAfter(this.#confirmed, nowMs - settledAfterMs, nowMs);
      if (run === undefined) return undefined;
      const { epoch, first, last, sinceMs } = run;
      // Stays so if the ledger cannot be asked: then nobody knows that it has it.
      this.#missingSinceMs = sinceMs;
      const reached = await this.#effects.reached({ epoch, first, last });
      if (reached < first) return sinceMs;
      this.#confirm({ epoch, version: reached });
    }
    return undefined;
  }

  #confirm(position: Position): void {
    if (!isNewer(position, this.#confirmed)) return;
    this.#confirmed = position;
    if (comparePositions(position, this.#sent) > 0) this.#wasSent(position);
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
    const entries = fitting(unsent.slice(0, entriesPerMessageMax), { stock, usedBy });
    const isAwaited = this.#isQuiet && comparePositions(after, this.#confirmed) === 0;
    return {
      sku: stock.sku,
      after,
      entries,
      stock,
      ...(usedBy.length > 0 && { usedBy }),
      ...(isAwaited && { isAwaited }),
    };
  }

  #wasSent(position: Position): void {
    this.#sent = position;
    this.#unsent = this.#unsent?.filter((entry) => comparePositions(entry.position, position) > 0);
  }

  #isUnconfirmed(): boolean {
    return comparePositions(this.#confirmed, this.#newest) < 0;
  }

  #lookLater(): void {
    const waitMs = halfJitter(patience, this.#attempts, this.#effects.random());
    this.#lookAtMs = this.#effects.now() + waitMs;
  }
}

/** The first entries that fit into a message beside the rest of it; one in any case. */
function fitting(entries: readonly LedgerEntry[], rest: object): LedgerEntry[] {
  if (entries.length === 1) return [...entries];
  let bytes = jsonBytes(rest);
  const end = entries.findIndex((entry, index) => {
    bytes += jsonBytes(entry) + 1;
    return index > 0 && bytes > messageBytesMax;
  });
  return end === -1 ? [...entries] : entries.slice(0, end);
}
