import { orderObjectName } from "../order/address.ts";
import type { ChannelConfig, ChannelView } from "../protocol/channel.ts";
import { restoredAtMs } from "../storage/restored-at.ts";
import type { Wake } from "../storage/wake.ts";
import type { ChannelPolicy } from "./kit/adapter.ts";
import { ChannelCare } from "./reconciliation/care.ts";
import { openChannel, openFormer, setupOf } from "./configuration.ts";
import { Publisher } from "./publishing/publisher.ts";
import { Reception } from "./inbound/reception.ts";
import type { OpenChannel } from "./kit/registered.ts";
import { resealed } from "./secrets/reseal.ts";
import type { SecretBox } from "./secrets/box.ts";
import { skuAccess } from "./reconciliation/sku-access.ts";
import type { ChannelRecord } from "./record.ts";
import { completeSecrets, openSecrets, type SecretPair } from "./secrets/pair.ts";
import type { ChannelStore } from "./store.ts";
import { SealedVault } from "./secrets/vault.ts";
import { channelView } from "./views.ts";
import { within } from "../storage/within.ts";
import { log } from "../telemetry/log.ts";

/** An order whose object answers later than this is told again. */
const reportWaitMs = 30_000;

/** What a channel needs of the object it lives in. */
export interface ChannelHost {
  readonly env: Env;
  readonly storage: DurableObjectStorage;
  readonly store: ChannelStore;
  readonly wake: Wake;
  readonly secretBox: SecretBox;
  readonly policy: ChannelPolicy;
  waitUntil(work: Promise<unknown>): void;
}

/**
 * A configured channel in memory, and the three that work for it: the publisher tells it, the reception hears it, and
 * its care looks after both. Connects them to storage, clock and other objects.
 */
export class ActiveChannel {
  readonly publisher: Publisher;
  readonly reception: Reception;
  readonly care: ChannelCare;
  readonly #host: ChannelHost;
  #record: ChannelRecord;
  #secrets: SecretPair;
  /** Undefined if its secrets could not be opened: nothing can be sent. */
  #channel: OpenChannel | undefined;

  private constructor(host: ChannelHost, record: ChannelRecord, secrets: SecretPair) {
    this.#host = host;
    this.#record = record;
    this.#secrets = secrets;
    this.#channel = open(host, record, secrets);
    this.publisher = this.#newPublisher();
    this.reception = this.#newReception();
    this.care = this.#newCare();
  }

  /** Connects a channel for the first time. */
  static create(host: ChannelHost, record: ChannelRecord, secrets: SecretPair): ActiveChannel {
    host.store.transaction(() => {
      host.store.migrate();
      host.store.write("record", record);
      host.store.write("secrets", secrets.sealed);
    });
    return new ActiveChannel(host, record, secrets);
  }

  /** The channel as it was stored, with all that is due; undefined if there is none. */
  static async restore(host: ChannelHost): Promise<ActiveChannel | undefined> {
    const record = host.store.read("record");
    const stored = host.store.read("secrets");
    if (record === undefined || stored === undefined) return undefined;
    const sealed = await resealed(record.id, stored, host.store, host.secretBox);
    const secrets = { sealed, secrets: await openSecrets(record.id, sealed, host.secretBox) };
    const active = new ActiveChannel(host, record, secrets);
    active.#hearOfRestore();
    active.publisher.restore();
    active.reception.restore();
    for (const work of active.#works) host.wake.by(work.wakeAtMs());
    return active;
  }

  #hearOfRestore(): void {
    const { env, store } = this.#host;
    const atMs = restoredAtMs(env);
    if (atMs <= (store.read("restore")?.atMs ?? this.#record.createdAtMs)) return;
    this.publisher.forgetShown();
    store.write("restore", { atMs });
  }

  get record(): ChannelRecord {
    return this.#record;
  }

  get secrets(): SecretPair {
    return this.#secrets;
  }

  get view(): ChannelView {
    return channelView(this.#record, this.#secrets.sealed.credentials !== undefined);
  }

  /** Goes on under another configuration. */
  reconfigure(record: ChannelRecord, secrets: SecretPair, config: ChannelConfig): void {
    const { store } = this.#host;
    const channel = open(this.#host, record, secrets);
    const hasMoved = record.destination !== this.#record.destination;
    store.transaction(() => {
      store.write("record", record);
      store.write("secrets", secrets.sealed);
      // Tokens that the old credentials brought are of no use to the new ones.
      if (config.credentials !== undefined) store.emptyVault();
      this.publisher.reconfigure(setupOf(record, channel));
    });
    this.#record = record;
    this.#secrets = secrets;
    this.#channel = channel;
    this.reception.reconfigured();
    if (hasMoved) this.care.moved();
  }

  /** Goes on with other secrets. */
  renew(secrets: SecretPair): void {
    const channel = open(this.#host, this.#record, secrets);
    this.#host.store.transaction(() => {
      this.#host.store.write("secrets", secrets.sealed);
      this.publisher.reconfigure(setupOf(this.#record, channel));
    });
    this.#secrets = secrets;
    this.#channel = channel;
  }

  setPaused(pausedBecause: string | undefined): void {
    const record = { ...this.#record, pausedBecause };
    this.#host.store.write("record", record);
    this.#record = record;
    if (pausedBecause !== undefined) log("channel.paused", { channel: record.id, because: pausedBecause });
    this.poke();
  }

  /**
   * Publishes what is due, applies what was told and goes on with runs, in the background; sees to it that a crash
   * would not end it.
   */
  poke(): void {
    for (const work of this.#works) {
      const working = work.poke().catch((error: unknown) => {
        log("channel.work_stopped", { channel: this.#record.id }, { error });
      });
      this.#host.wake.by(work.wakeAtMs());
      this.#host.waitUntil(working);
    }
  }

  /** Ends it for good; what calls under way bring is ignored. */
  stop(): void {
    for (const work of this.#works) work.stop();
  }

  get #works() {
    return [this.publisher, this.reception, this.care];
  }

  get #common() {
    const { storage, store, wake } = this.#host;
    return {
      now: () => Date.now(),
      random: () => Math.random(),
      newId: () => crypto.randomUUID(),
      sleep: (ms: number) => scheduler.wait(ms),
      wakeBy: (atMs: number) => wake.by(atMs),
      sql: storage.sql,
      transaction: <Result>(run: () => Result) => store.transaction(run),
      record: () => this.#record,
      channel: () => this.#channel,
    };
  }

  #newPublisher(): Publisher {
    const { store } = this.#host;
    return new Publisher(setupOf(this.#record, this.#channel), store.read("health"), {
      ...this.#common,
      store,
      saveHealth: (health) => store.write("health", health),
      isPaused: () => this.#record.pausedBecause !== undefined,
      pause: (reason) => this.setPaused(reason),
      log,
    });
  }

  #newReception(): Reception {
    const { env, store } = this.#host;
    return new Reception({
      ...this.#common,
      readPolling: () => store.read("polling"),
      savePolling: (state) => store.write("polling", state),
      former: () => {
        const secrets = completeSecrets(this.#secrets);
        return secrets === undefined ? [] : openFormer(this.#record, secrets, this.#host.policy);
      },
      listener: this.publisher,
      skusOf: (itemKeys) => store.skusOf(itemKeys),
      isListedBySku: (sku) => {
        const listing = store.get([sku]).get(sku);
        return listing !== undefined && listing.external === undefined;
      },
      ruleOf: (sku) => store.get([sku]).get(sku)?.rule ?? this.#record.rule,
      report: (fact) => {
        const order = env.ORDER.getByName(orderObjectName(fact.channel, fact.orderId));
        return within(reportWaitMs, `order ${fact.orderId}`, order.report(fact));
      },
      drifted: (sku, level) => this.care.drifted(sku, level),
      applied: () => this.poke(),
    });
  }

  #newCare(): ChannelCare {
    return new ChannelCare({
      ...this.#common,
      publisher: this.publisher,
      listings: this.#host.store,
      ...skuAccess(this.#host.env),
      ordersAskedAtMs: () => this.reception.askedAtMs,
      changed: () => this.poke(),
    });
  }
}

function open(
  { policy, store, secretBox }: ChannelHost,
  record: ChannelRecord,
  secrets: SecretPair,
): OpenChannel | undefined {
  return openChannel(record, completeSecrets(secrets), policy, new SealedVault(record.id, store, secretBox));
}
