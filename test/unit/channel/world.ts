import {
  type CallLimits,
  type ChannelLevel,
  ChannelUnreadableError,
  type ListingReference,
  type Publication,
  type PublishResult,
} from "../../../src/channel/kit/adapter.ts";
import type { Health } from "../../../src/channel/publishing/health.ts";
import type { Listing } from "../../../src/channel/listings/listing.ts";
import { Publisher, type Setup } from "../../../src/channel/publishing/publisher.ts";
import type { ListingsMode } from "../../../src/protocol/channel.ts";
import { comparePositions } from "../../../src/protocol/position.ts";
import type { PublicationRule } from "../../../src/protocol/rule.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { unreachable } from "../../../src/stock/refusal.ts";
import { MemoryStore } from "./memory-store.ts";

/** How the channel of a test answers. `late`: it takes the number but its answer is lost. */
export type Behaviour = "ok" | "lost" | "late" | "busy" | "broken" | "rejected" | "gone" | "later";

export const busyMs = 2_000;
export const laterMs = 3_600_000;

/** A stock view with one location. */
export function stock(
  sku: string,
  version: number,
  available: number,
  more: Partial<StockView> = {},
): StockView {
  const level = { onHand: available, committed: 0, reserved: 0, unavailable: 0, incoming: 0 };
  return {
    sku,
    status: available > 0 ? "in_stock" : "out_of_stock",
    available,
    ...level,
    safetyStock: 0,
    locations: [{ location: "default", ...level, available }],
    epoch: "e1",
    version,
    asOf: new Date(0).toISOString(),
    ...more,
  };
}

interface Sent {
  readonly atMs: number;
  readonly publications: readonly Publication[];
}

/**
 * A channel and the object that serves it, in virtual time. It checks on every call what must hold on every call:
 * no older number after a newer one, one call per listing at once, silence while the channel asked for it.
 */
export class World {
  nowMs = 1_000_000;
  behaviour: Behaviour = "ok";
  latencyMs = 50;
  /** How long a request is on its way before the channel looks at it. */
  leadMs = 0;
  /** Whether the channel leaves a number alone that is not the one expected. */
  compares = false;
  /** Set: the channel takes numbers in, and says so long after which it shows them. */
  verifyAfterMs: number | undefined;
  /** Whether it then shows them. */
  applies = true;
  canBeRead = true;
  /** Whether what the gate remembers can be stored. */
  canSaveHealth = true;
  /** Whether a pause can be stored. */
  canPause = true;
  pausedBecause: string | undefined;
  rule: PublicationRule | undefined;
  mode: ListingsMode = "all";
  readonly store = new MemoryStore();
  readonly calls: Sent[] = [];
  /** What was asked for when numbers were read back. */
  readonly reads: (readonly string[])[] = [];
  /** What was logged: the event, and its fields. */
  readonly logged: { event: string; fields: object }[] = [];
  /** What the channel was last told and took, by SKU. */
  readonly shows = new Map<string, Publication>();
  /** Units the channel offers, by SKU: what it took, less what it sold. */
  readonly offers = new Map<string, number>();
  /** Called whenever a number is sent. */
  onSent: (publication: Publication) => void = () => undefined;
  /** Called whenever the channel takes a number. */
  onTaken: (publication: Publication) => void = () => undefined;
  publisher: Publisher;
  #limits: CallLimits;
  readonly #random: () => number;
  readonly #lastSent = new Map<string, Publication>();
  #inFlight = new Set<string>();
  #silent = { fromMs: 0, untilMs: 0 };
  #health: Health | undefined;
  #alarmAtMs = Number.POSITIVE_INFINITY;
  #timers: { atMs: number; run: () => void }[] = [];

  constructor(limits: Partial<CallLimits> = {}, random: () => number = () => 0.5) {
    this.#limits = { batchMax: 1, concurrency: 5, ratePerSecond: 1_000, burst: 1_000, ...limits };
    this.#random = random;
    this.publisher = this.#newPublisher();
  }

  submit(...stocks: StockView[]): void {
    this.publisher.submit(stocks.map((view) => ({ stock: view })));
    this.poke();
  }

  /** The channel sells units by itself. */
  sell(sku: string, units = 1): void {
    this.offers.set(sku, (this.offers.get(sku) ?? 0) - units);
  }

  /** The order is in the SKU's ledger at a version, and the channel's object hears of it. */
  import(sku: string, version: number, units = 1): void {
    this.publisher.imported(sku, units, { epoch: "e1", version });
    this.poke();
  }

  listing(sku: string): Listing | undefined {
    return this.store.get([sku]).get(sku);
  }

  setRule(rule: PublicationRule | undefined): void {
    this.rule = rule;
    this.publisher.reconfigure(this.#setup());
    this.poke();
  }

  setLimits(limits: Partial<CallLimits>): void {
    this.#limits = { ...this.#limits, ...limits };
    this.publisher.reconfigure(this.#setup());
    this.poke();
  }

  pause(): void {
    this.pausedBecause = "by hand";
  }

  resume(): void {
    this.pausedBecause = undefined;
    this.#silent = { fromMs: 0, untilMs: 0 };
    this.publisher.lift();
    this.poke();
  }

  /** As ChannelObject does after every command. */
  poke(): void {
    void this.publisher.poke().catch((error: unknown) => {
      this.logged.push({ event: "channel.work_stopped", fields: { error } });
    });
    this.#wakeBy(this.publisher.wakeAtMs());
  }

  /** The object loses its memory, and with it the calls under way. Only the alarm or a command brings it back. */
  evict(): void {
    this.publisher.stop();
    this.#inFlight = new Set();
    this.#timers = [];
    this.publisher = this.#newPublisher();
    this.publisher.restore();
  }

  /** Lets time pass. */
  async run(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await settled();
    for (;;) {
      const nextMs = Math.min(this.#alarmAtMs, ...this.#timers.map((timer) => timer.atMs));
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const due = this.#timers.filter((timer) => timer.atMs <= this.nowMs);
      this.#timers = this.#timers.filter((timer) => timer.atMs > this.nowMs);
      for (const timer of due) timer.run();
      if (this.#alarmAtMs <= this.nowMs) {
        this.#alarmAtMs = Number.POSITIVE_INFINITY;
        this.poke();
      }
      await settled();
    }
    this.nowMs = untilMs;
  }

  skusSent(): string[] {
    return this.calls.flatMap((call) => call.publications.map((publication) => publication.sku));
  }

  quantitiesSent(): number[] {
    return this.calls.flatMap((call) => call.publications.map((publication) => publication.quantity));
  }

  #newPublisher(): Publisher {
    return new Publisher(this.#setup(), this.#health, {
      now: () => this.nowMs,
      random: this.#random,
      sleep: (ms) => this.#after(ms),
      wakeBy: (atMs) => this.#wakeBy(atMs),
      store: this.store,
      saveHealth: (health) => {
        if (!this.canSaveHealth) throw new Error("disk I/O error");
        this.#health = structuredClone(health);
      },
      isPaused: () => this.pausedBecause !== undefined,
      pause: (reason) => {
        if (!this.canPause) throw new Error("disk I/O error");
        this.pausedBecause = reason;
      },
      log: (event, fields) => {
        this.logged.push({ event, fields });
      },
    });
  }

  #setup(): Setup {
    return {
      mode: this.mode,
      terms: {
        channel: "c",
        rule: this.rule,
        destination: 1,
        shown: ({ quantity }) => String(quantity),
        itemKey: (external) => JSON.stringify(external),
      },
      limits: this.#limits,
      publish: (publications) => this.#publish(publications),
      readListings: (listings) => this.#read(listings),
    };
  }

  async #publish(publications: readonly Publication[]): Promise<PublishResult[]> {
    this.#check(publications);
    this.calls.push({ atMs: this.nowMs, publications });
    publications.forEach(this.onSent);
    const inFlight = this.#inFlight;
    for (const { sku } of publications) inFlight.add(sku);
    if (this.leadMs > 0) await this.#after(this.leadMs);
    const behaviour = this.behaviour;
    const takes = behaviour === "ok" || behaviour === "late";
    const answers = publications.map((publication) =>
      takes ? this.#take(publication, behaviour) : answerOf(behaviour),
    );
    await this.#after(this.latencyMs);
    for (const { sku } of publications) inFlight.delete(sku);
    if (behaviour === "busy") this.#silent = { fromMs: this.nowMs, untilMs: this.nowMs + busyMs };
    if (behaviour === "broken") throw new Error("bug in the adapter");
    return answers;
  }

  /** What the channel makes of a number, in one step: nothing is sold between looking and writing. */
  #take(publication: Publication, behaviour: Behaviour): PublishResult {
    const { sku, quantity, expected } = publication;
    const offered = this.offers.get(sku) ?? 0;
    const hasMoved = this.compares && expected !== undefined && offered !== expected;
    if (hasMoved) {
      return behaviour === "ok" ? { outcome: "moved", actual: offered } : answerOf(behaviour);
    }
    if (this.applies) {
      this.shows.set(sku, publication);
      this.offers.set(sku, quantity);
      this.onTaken(publication);
    }
    return behaviour === "ok" && this.verifyAfterMs !== undefined
      ? { outcome: "ok", verifyAfterMs: this.verifyAfterMs }
      : answerOf(behaviour);
  }

  async #read(listings: readonly ListingReference[]): Promise<ChannelLevel[]> {
    this.reads.push(listings.map(({ sku }) => sku));
    await this.#after(this.latencyMs);
    if (!this.canBeRead) throw new ChannelUnreadableError("HTTP 403: scope missing");
    return listings.flatMap(({ sku, external }) => {
      const quantity = this.offers.get(sku);
      return quantity === undefined ? [] : [{ sku, external: external ?? sku, quantity }];
    });
  }

  #check(publications: readonly Publication[]): void {
    if (publications.length > this.#limits.batchMax) throw this.#fail("a batch is too large");
    if (this.pausedBecause !== undefined) throw this.#fail("a call starts while the channel is paused");
    // A call that starts in the very moment of the answer cannot know of it yet.
    const isSilent = this.nowMs > this.#silent.fromMs && this.nowMs < this.#silent.untilMs;
    if (isSilent) throw this.#fail("a call starts while the channel asked for silence");
    for (const publication of publications) {
      const { sku } = publication;
      if (this.#inFlight.has(sku)) throw this.#fail(`two calls at once for ${sku}`);
      const last = this.#lastSent.get(sku);
      if (last !== undefined && comparePositions(publication, last) < 0)
        throw this.#fail(`older number for ${sku}`);
      this.#lastSent.set(sku, publication);
    }
  }

  /** Promises broken; kept, since the drain rightly survives an adapter that throws. */
  readonly broken: string[] = [];

  #fail(what: string): Error {
    this.broken.push(what);
    return new Error(what);
  }

  #wakeBy(atMs: number): void {
    this.#alarmAtMs = Math.min(this.#alarmAtMs, atMs);
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.push({ atMs: this.nowMs + ms, run: resolve });
    });
  }
}

function answerOf(behaviour: Behaviour): PublishResult {
  switch (behaviour) {
    case "ok":
      return { outcome: "ok" };
    case "busy":
      return { outcome: "retry", detail: "HTTP 429", retryAfterMs: busyMs };
    case "later":
      return { outcome: "later", detail: "revised too often today", afterMs: laterMs };
    case "rejected":
      return { outcome: "rejected", detail: "HTTP 422: unknown variant" };
    case "gone":
      return { outcome: "gone", detail: "HTTP 410" };
    case "lost":
    case "late":
    case "broken":
      return { outcome: "retry", detail: "no answer" };
    default:
      return unreachable(behaviour);
  }
}

/** Lets everything happen that needs no time. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
