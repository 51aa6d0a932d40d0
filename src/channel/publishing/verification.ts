import { type Backoff, halfJitter } from "../../storage/backoff.ts";
import type { ChannelLevel, ListingReference } from "../kit/adapter.ts";
import type { StockedListing, Terms } from "../listings/listing.ts";
import type { ListingCare } from "./listing-care.ts";
import type { OtherCalls } from "./other-calls.ts";

/** Listings read back in one call; see `Adapter.readListings`. */
const readMax = 50;

/** How long listings wait about whose items something else is under way. */
const busyRestMs = 5_000;

/** How long reading rests after it failed. */
const failureBackoff: Backoff = { baseMs: 10_000, maxMs: 600_000 };

/** Shorter waits for a turn are slept through; longer ones are left to the alarm. */
const sleepMaxMs = 1_000;

export interface VerificationEffects {
  now(): number;
  random(): number;
  sleep(ms: number): Promise<void>;
  readonly calls: OtherCalls;
  terms(): Terms;
  /** Throws `ChannelUnreadableError`. */
  read(listings: readonly ListingReference[]): Promise<ChannelLevel[]>;
  isHeld(sku: string): boolean;
  isPaused(): boolean;
  /** The channel is removed, and its listings with it. */
  isStopped(): boolean;
  /** A call failed, in the channel's own words. */
  failed(detail: string, nowMs: number): void;
}

/** Reads back what a channel shows that had only taken numbers in, once it should show them. */
export class Verification {
  readonly #care: ListingCare;
  readonly #effects: VerificationEffects;
  #isRunning = false;
  #failures = 0;

  constructor(care: ListingCare, effects: VerificationEffects) {
    this.#care = care;
    this.#effects = effects;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Undefined if there is nothing to read now, or it is being read already. */
  start(): Promise<void> | undefined {
    if (this.#isRunning || !this.#isDue()) return undefined;
    this.#isRunning = true;
    return this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (this.#isDue()) {
        const nowMs = this.#effects.now();
        const turnMs = this.#effects.calls.nextAtMs();
        if (turnMs <= nowMs) await this.#verify(this.#care.takeUnverified(readMax, nowMs));
        else if (turnMs - nowMs <= sleepMaxMs) await this.#effects.sleep(turnMs - nowMs);
        else this.#care.verifyLater(this.#care.takeUnverified(readMax, nowMs), turnMs);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #isDue(): boolean {
    const isOff = this.#effects.isStopped() || this.#effects.isPaused();
    return !isOff && this.#care.nextVerifyAtMs() <= this.#effects.now();
  }

  async #verify(listings: readonly StockedListing[]): Promise<void> {
    if (listings.length === 0) return;
    const levels = await this.#read(listings);
    if (this.#effects.isStopped()) return;
    const nowMs = this.#effects.now();
    if (levels === undefined) {
      const restMs = halfJitter(failureBackoff, this.#failures, this.#effects.random());
      this.#care.verifyLater(listings, nowMs + restMs);
      return;
    }
    const terms = this.#effects.terms();
    const find = finder(levels, terms);
    // An order that is being applied may explain what was read.
    const free = listings.filter(({ sku }) => !this.#effects.isHeld(sku));
    this.#care.verify(
      free.map((asRead) => ({ asRead, level: find(asRead) })),
      terms,
      nowMs,
    );
    this.#care.verifyLater(listings, nowMs + busyRestMs);
  }

  /** Undefined if it failed. */
  async #read(listings: readonly StockedListing[]): Promise<ChannelLevel[] | undefined> {
    const references = listings.map(({ sku, external }) => ({ sku, external }));
    try {
      const levels = await this.#effects.calls.make(() => this.#effects.read(references));
      this.#failures = 0;
      return levels;
    } catch (error) {
      this.#failures += 1;
      const detail = error instanceof Error ? error.message : String(error);
      this.#effects.failed(`reading numbers back failed: ${detail}`, this.#effects.now());
      return undefined;
    }
  }
}

/** Finds the level of a listing: by its item, or by its SKU if no item is named. */
function finder(levels: readonly ChannelLevel[], { itemKey }: Terms) {
  const byItem = new Map(levels.map((level) => [itemKey(level.external), level]));
  const bySku = new Map(levels.map((level) => [level.sku, level]));
  return ({ sku, external }: ListingReference): ChannelLevel | undefined =>
    external === undefined ? bySku.get(sku) : byItem.get(itemKey(external));
}
