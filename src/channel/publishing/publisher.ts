import type { ChannelStatusView, LagSample, ListingConfig, ListingsMode } from "../../protocol/channel.ts";
import type { Position } from "../../protocol/position.ts";
import type { StockView } from "../../protocol/stock.ts";
import type { LogEvent, LogFields } from "../../telemetry/log.ts";
import type {
  CallLimits,
  ChannelLevel,
  ListingReference,
  Publication,
  PublishResult,
} from "../kit/adapter.ts";
import type { StockChange } from "../contract.ts";
import { Drain, type Outcome } from "./drain.ts";
import { Gate, openGate } from "./gate.ts";
import { type Health, HealthKeeper } from "./health.ts";
import { Holds } from "./holds.ts";
import { type LagWindow, samplesMax } from "../listings/lag.ts";
import type { LevelMeaning } from "../listings/level-meaning.ts";
import { type Listing, publicationOf, type Terms } from "../listings/listing.ts";
import { ListingBook } from "./listing-book.ts";
import { ListingCare } from "./listing-care.ts";
import { ListingDefinitions } from "../listings/definitions.ts";
import { Measures } from "./measures.ts";
import { OtherCalls } from "./other-calls.ts";
import { Schedule } from "../listings/schedule.ts";
import { type ListingStore, TrackedListings } from "../listings/tracked.ts";
import { Verification } from "./verification.ts";

/** While calls are under way the alarm is this near, so that a crash costs seconds and never a publication. */
const safetyNetMs = 5_000;

/** What a channel's configuration means for publishing. */
export interface Setup {
  readonly mode: ListingsMode;
  readonly terms: Terms;
  readonly limits: CallLimits;
  readonly publish: (publications: readonly Publication[]) => Promise<PublishResult[]>;
  /** What the channel shows of listings, at most 50; absent: it cannot be asked. */
  readonly readListings?: ((listings: readonly ListingReference[]) => Promise<ChannelLevel[]>) | undefined;
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
  /** Something a person should find in the log. */
  log(event: LogEvent, fields: LogFields): void;
}

/** How publishing goes, as far as memory knows. */
export type PublisherStatus = Pick<ChannelStatusView, "breaker" | "due"> & {
  readonly heldUntilMs: number;
  readonly lastFailure?: Health["lastFailure"];
  readonly lag?: ChannelStatusView["lag"];
  /** See `ChannelStatusView`. */
  readonly unexplainedUnits: number;
};

/** Keeps one channel up to date: takes in what it should show and publishes it. Knows nothing of Durable Objects. */
export class Publisher {
  /** Calls to the channel besides publishing, under the same limits. */
  readonly otherCalls: OtherCalls;
  readonly #effects: PublisherEffects;
  readonly #schedule = new Schedule();
  readonly #measures = new Measures();
  readonly #holds = new Holds();
  readonly #listings: TrackedListings;
  readonly #definitions: ListingDefinitions;
  readonly #book: ListingBook;
  readonly #care: ListingCare;
  readonly #gate: Gate;
  readonly #health: HealthKeeper;
  readonly #drain: Drain;
  readonly #verification: Verification;
  #setup: Setup;
  #isStopped = false;
  readonly #loadedAtMs: number;
  #isLagRecalled = false;

  constructor(setup: Setup, health: Health | undefined, effects: PublisherEffects) {
    this.#setup = setup;
    this.#effects = effects;
    this.#loadedAtMs = effects.now();
    this.#listings = new TrackedListings(effects.store, this.#schedule);
    this.#definitions = new ListingDefinitions(this.#listings);
    this.#book = new ListingBook(this.#listings, this.#schedule);
    this.#care = new ListingCare(this.#listings, this.#schedule);
    this.#gate = new Gate(setup.limits, health?.gate ?? openGate, effects.now());
    this.#health = new HealthKeeper(health, {
      channel: () => this.#setup.terms.channel,
      gate: () => this.#gate.memory,
      save: (current) => effects.saveHealth(current),
      log: (event, fields) => effects.log(event, fields),
    });
    this.otherCalls = new OtherCalls(this.#gate, {
      now: () => effects.now(),
      random: () => effects.random(),
      saveHealth: () => this.#saveHealth(),
      recovered: () => this.#schedule.recovered(),
    });
    this.#drain = new Drain(this.#schedule, this.#gate, {
      now: () => effects.now(),
      random: () => effects.random(),
      sleep: (ms) => effects.sleep(ms),
      wakeBy: (atMs) => effects.wakeBy(atMs),
      isPaused: () => this.#isStopped || effects.isPaused(),
      load: (skus) => this.#book.load(skus, (sku) => this.#holds.has(sku)),
      publish: async (sent) => {
        const { publish, terms } = this.#setup;
        const { channel } = terms;
        this.#measures.sent(sent, effects.now());
        const told = sent.map(({ listing, expected }) => publicationOf(channel, listing, expected));
        const results = await publish(told);
        this.#measures.answered(channel, results);
        return results;
      },
      record: (outcomes, nowMs) => this.#record(outcomes, nowMs),
      failed: (detail, atMs) => this.#health.failed(detail, atMs),
      saveHealth: () => this.#saveHealth(),
      pause: (reason) => {
        if (!this.#isStopped) effects.pause(reason);
      },
    });
    this.#verification = new Verification(this.#care, {
      now: () => effects.now(),
      random: () => effects.random(),
      terms: () => this.#setup.terms,
      sleep: (ms) => effects.sleep(ms),
      calls: this.otherCalls,
      read: async (listings) => (await this.#setup.readListings?.(listings)) ?? [],
      isHeld: (sku) => this.#holds.has(sku),
      isPaused: () => effects.isPaused(),
      isStopped: () => this.#isStopped,
      failed: (detail, atMs) => this.#health.failed(detail, atMs),
    });
  }

  /** The service was restored: the channel may show anything, and waits for the numbers of the SKUs' new lives. */
  forgetShown(): void {
    this.#definitions.forgetShown(this.#effects.now());
  }

  /** Finds everything that is due, after a start. */
  restore(): void {
    this.#listings.restore(this.#effects.now());
  }

  /** `isBackfill`: the stock was known before, only not to this channel; it says nothing about how fast stock travels. */
  submit(changes: readonly StockChange[], isBackfill = false): number {
    const { mode, terms } = this.#setup;
    return this.#book.submit(changes, mode, terms, this.#effects.now(), isBackfill);
  }

  define(
    sku: string,
    config: ListingConfig,
    stock: StockView | undefined,
  ): { isNew: boolean; listing: Listing } {
    return this.#definitions.define(sku, config, stock, this.#setup.terms, this.#effects.now());
  }

  undefine(sku: string): boolean {
    return this.#definitions.undefine(sku, this.#setup.mode, this.#setup.terms, this.#effects.now());
  }

  retry(sku: string | undefined): number | undefined {
    return this.#definitions.retry(sku, this.#effects.now());
  }

  /**
   * An order of `units` from this channel is in the SKU's ledger as of `position`; negative units were cancelled. The
   * channel has counted them by itself, so it is told anew once the stock change is here, whichever comes first.
   * Durable; the same position again is ignored. `poke` afterwards.
   */
  imported(sku: string, units: number, position: Position): void {
    this.#care.imported(sku, units, position, this.#setup.terms, this.#effects.now());
  }

  /** Orders for these SKUs are kept but not applied yet: their numbers may fall and not rise. Counted; memory only. */
  hold(skus: readonly string[]): void {
    this.#holds.hold(skus);
  }

  /** Whether orders for a SKU are kept and not applied yet. */
  hasHeldOrders(sku: string): boolean {
    return this.#holds.has(sku);
  }

  /** Ends one `hold` of each of these SKUs; `poke` afterwards. */
  release(skus: readonly string[]): void {
    for (const sku of this.#holds.release(skus)) this.#schedule.release(sku);
  }

  /** Whether orders for this SKU are kept but not applied yet. */
  isHeld(sku: string): boolean {
    return this.#holds.has(sku);
  }

  /** What a number means that the channel says it shows. Changes nothing. */
  levelSeen(sku: string, quantity: number, updatedAtMs: number): LevelMeaning {
    return this.#care.levelSeen(sku, quantity, updatedAtMs, this.#holds.has(sku));
  }

  /**
   * The channel was read and shows `actual` of this SKU. `repair`: it is told our number again, and what was withheld
   * is forgotten. `note`: that may stay, and the next change goes out over it. Ignored while a request is under way.
   * `poke` afterwards.
   */
  reconciled(sku: string, actual: number, action: "repair" | "note"): void {
    this.#care.reconciled(sku, actual, action, this.#setup.terms, this.#effects.now());
  }

  /** Goes on under another configuration. Listings that would look different become due. */
  reconfigure(setup: Setup): void {
    const nowMs = this.#effects.now();
    const hasMoved = setup.terms.destination !== this.#setup.terms.destination;
    this.#definitions.reconsider(setup.mode, setup.terms, nowMs);
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
  async poke(): Promise<void> {
    this.#giveUpWithheld();
    const draining = this.#drain.poke();
    const verifying = this.#verification.start();
    await Promise.all([draining, verifying?.then(() => this.#drain.poke())]);
  }

  /** Ends publishing for good; what calls under way bring is ignored. */
  stop(): void {
    this.#isStopped = true;
  }

  /** When the object must be awake even after a crash; Infinity if nothing is due. */
  wakeAtMs(): number {
    if (this.#isStopped) return Number.POSITIVE_INFINITY;
    return Math.min(this.#publishAtMs(), this.#verifyAtMs(), this.#listings.withholding.nextAtMs());
  }

  /** Since when the listing that is due longest has been; undefined if none is. */
  get dueSinceMs(): number | undefined {
    return this.#schedule.oldestSinceMs;
  }

  status(): PublisherStatus {
    const lag = this.#lag().summary();
    return {
      breaker: this.#gate.breaker,
      due: this.#schedule.size,
      heldUntilMs: this.#gate.heldUntilMs,
      lastFailure: this.#health.lastFailure,
      ...(lag !== undefined && { lag }),
      unexplainedUnits: this.#health.unexplainedUnits,
    };
  }

  /** How long recent publications took, oldest first. */
  lagSamples(): LagSample[] {
    return this.#lag().samples();
  }

  /** The lag with what listings remember from before the object was loaded: read once, and only when somebody asks. */
  #lag(): LagWindow {
    const { lag } = this.#measures;
    if (!this.#isLagRecalled) lag.recall(this.#listings.store.toldBefore(this.#loadedAtMs, samplesMax));
    this.#isLagRecalled = true;
    return lag;
  }

  #verifyAtMs(): number {
    if (this.#effects.isPaused()) return Number.POSITIVE_INFINITY;
    return this.#verification.isRunning
      ? this.#effects.now() + safetyNetMs
      : this.#listings.verifying.nextAtMs();
  }

  #publishAtMs(): number {
    if (this.#schedule.size === 0 || this.#effects.isPaused()) return Number.POSITIVE_INFINITY;
    const nowMs = this.#effects.now();
    const nextMs = this.#drain.nextCallAtMs(nowMs);
    const isWaiting =
      !this.#drain.isCalling && nextMs > nowMs + safetyNetMs && nextMs !== Number.POSITIVE_INFINITY;
    return isWaiting ? nextMs : nowMs + safetyNetMs;
  }

  #record(outcomes: readonly Outcome[], nowMs: number): void {
    if (this.#isStopped) return;
    const { terms, readListings } = this.#setup;
    this.#book.record(outcomes, readListings !== undefined, terms, nowMs);
    for (const { sent, result } of outcomes) {
      if (result.outcome === "rejected") {
        const { sku } = sent.listing;
        this.#effects.log("listing.failed", { channel: terms.channel, sku, detail: result.detail });
      }
      if (result.outcome === "ok") this.#measures.published(terms.channel, sent, nowMs);
    }
  }

  #giveUpWithheld(): void {
    if (this.#isStopped) return;
    const givenUp = this.#care.giveUpWithheld(this.#setup.terms, this.#effects.now());
    if (givenUp.length === 0) return;
    const channel = this.#setup.terms.channel;
    for (const { sku, units } of givenUp) {
      this.#health.unexplained(units);
      this.#effects.log("channel.units_unexplained", { channel, sku, units });
    }
    this.#saveHealth();
  }

  #saveHealth(): void {
    if (!this.#isStopped) this.#health.save();
  }
}
