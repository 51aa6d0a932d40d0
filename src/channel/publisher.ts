import type { ChannelStatusView, ListingConfig, ListingsMode } from "../protocol/channel.ts";
import type { StockView } from "../protocol/stock.ts";
import type { CallLimits, Publication, PublishResult } from "./adapter.ts";
import type { StockChange } from "./contract.ts";
import { Drain, type Outcome } from "./drain.ts";
import { Gate } from "./gate.ts";
import type { Health } from "./health.ts";
import { LagWindow } from "./lag.ts";
import { type Listing, publicationOf, type Terms } from "./listing.ts";
import { ListingBook, type ListingStore } from "./listing-book.ts";
import { Schedule } from "./schedule.ts";

/** While calls are under way the alarm is this near, so that a crash costs seconds and never a publication. */
const safetyNetMs = 5_000;

/** What a channel's configuration means for publishing. */
export interface Setup {
  readonly mode: ListingsMode;
  readonly terms: Terms;
  readonly limits: CallLimits;
  readonly publish: (publications: readonly Publication[]) => Promise<PublishResult[]>;
}

export interface PublisherEffects {
  now(): number;
  random(): number;
  sleep(ms: number): Promise<void>;
  /** Makes sure that `poke` is called by then, even after a crash. */
  wakeBy(atMs: number): void;
  readonly store: ListingStore;
  saveHealth(health: Health): void;
  isPaused(): boolean;
  /** The channel wants nothing any more. */
  pause(reason: string): void;
}

/** How publishing goes, as far as memory knows. */
export type PublisherStatus = Pick<ChannelStatusView, "breaker" | "due"> & {
  readonly heldUntilMs: number;
  readonly lastFailure?: Health["lastFailure"];
  readonly lag?: ChannelStatusView["lag"];
};

/** Keeps one channel up to date: takes in what it should show and publishes it. Knows nothing of Durable Objects. */
export class Publisher {
  readonly #effects: PublisherEffects;
  readonly #schedule = new Schedule();
  readonly #lag = new LagWindow();
  readonly #book: ListingBook;
  readonly #gate: Gate;
  readonly #drain: Drain;
  #setup: Setup;
  #lastFailure: Health["lastFailure"];
  #isStopped = false;

  constructor(setup: Setup, health: Health | undefined, effects: PublisherEffects) {
    this.#setup = setup;
    this.#effects = effects;
    this.#lastFailure = health?.lastFailure;
    this.#book = new ListingBook(effects.store, this.#schedule);
    this.#gate = new Gate(setup.limits, health?.gate ?? { heldUntilMs: 0 }, effects.now());
    this.#drain = new Drain(this.#schedule, this.#gate, {
      now: () => effects.now(),
      random: () => effects.random(),
      sleep: (ms) => effects.sleep(ms),
      wakeBy: (atMs) => effects.wakeBy(atMs),
      isPaused: () => this.#isStopped || effects.isPaused(),
      load: (skus) => this.#book.load(skus),
      publish: (listings) => {
        const { publish, terms } = this.#setup;
        return publish(listings.map((listing) => publicationOf(terms.channel, listing)));
      },
      record: (outcomes, nowMs) => this.#record(outcomes, nowMs),
      failed: (detail, atMs) => {
        this.#lastFailure = { detail, atMs };
      },
      saveHealth: () => this.#saveHealth(),
      pause: (reason) => {
        if (!this.#isStopped) effects.pause(reason);
      },
    });
  }

  /** Finds everything that is due, after a start. */
  restore(): void {
    this.#book.restore();
  }

  submit(changes: readonly StockChange[]): number {
    return this.#book.submit(changes, this.#setup.mode, this.#setup.terms, this.#effects.now());
  }

  define(
    sku: string,
    config: ListingConfig,
    stock: StockView | undefined,
  ): { isNew: boolean; listing: Listing } {
    return this.#book.define(sku, config, stock, this.#setup.terms, this.#effects.now());
  }

  undefine(sku: string): boolean {
    return this.#book.undefine(sku, this.#setup.mode, this.#setup.terms, this.#effects.now());
  }

  retry(sku: string | undefined): number | undefined {
    return this.#book.retry(sku, this.#effects.now());
  }

  /** Goes on under another configuration. Listings that would look different become due. */
  reconfigure(setup: Setup): void {
    const nowMs = this.#effects.now();
    const hasMoved = setup.terms.destination !== this.#setup.terms.destination;
    this.#book.reconsider(setup.mode, setup.terms, nowMs);
    this.#setup = setup;
    this.#gate.changeLimits(setup.limits, nowMs);
    if (hasMoved) this.lift();
  }

  /** Forgets failures, holds and rests: by hand, or because the channel has moved. */
  lift(): void {
    this.#gate.reset();
    this.#schedule.hurry();
    this.#saveHealth();
  }

  /** Publishes what is due; shared, and over when there is nothing to do for a while. */
  poke(): Promise<void> {
    return this.#drain.poke();
  }

  /** Ends publishing for good; what calls under way bring is ignored. */
  stop(): void {
    this.#isStopped = true;
  }

  /** When the object must be awake even after a crash; Infinity if nothing is due. */
  wakeAtMs(): number {
    if (this.#schedule.size === 0 || this.#isStopped || this.#effects.isPaused())
      return Number.POSITIVE_INFINITY;
    const nowMs = this.#effects.now();
    const nextMs = this.#drain.nextCallAtMs(nowMs);
    const isWaiting =
      !this.#drain.isCalling && nextMs > nowMs + safetyNetMs && nextMs !== Number.POSITIVE_INFINITY;
    return isWaiting ? nextMs : nowMs + safetyNetMs;
  }

  status(): PublisherStatus {
    const lag = this.#lag.summary();
    return {
      breaker: this.#gate.breaker,
      due: this.#schedule.size,
      heldUntilMs: this.#gate.heldUntilMs,
      lastFailure: this.#lastFailure,
      ...(lag !== undefined && { lag }),
    };
  }

  #record(outcomes: readonly Outcome[], nowMs: number): void {
    if (this.#isStopped) return;
    this.#book.record(outcomes, nowMs);
    for (const { listing, result } of outcomes) {
      // A listing published again under another rule tells nothing about how fast stock travels.
      const isNews = result.outcome === "ok" && listing.wanted.revision === 0;
      if (isNews) this.#lag.add(nowMs - Date.parse(listing.wanted.offer.asOf));
    }
  }

  #saveHealth(): void {
    if (this.#isStopped) return;
    this.#effects.saveHealth({ gate: this.#gate.memory, lastFailure: this.#lastFailure });
  }
}
