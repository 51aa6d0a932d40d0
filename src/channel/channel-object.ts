import { DurableObject } from "cloudflare:workers";
import type { ChannelConfig, ChannelView, ListingConfig } from "../protocol/channel.ts";
import type { StockView } from "../protocol/stock.ts";
import { Wake } from "../storage/wake.ts";
import type { ChannelPolicy } from "./adapter.ts";
import { findAdapter } from "./adapters/index.ts";
import {
  configured,
  openSecrets,
  refuseConfig,
  renewedSecrets,
  sealNewSecrets,
  type SecretPair,
  setupOf,
  openChannel,
} from "./configuration.ts";
import type {
  ChannelRefusal,
  ChannelResult,
  ConfigureResult,
  ListingResult,
  ListingsQuery,
  ListingsResult,
  Refused,
  RemoveResult,
  RetryResult,
  StatusResult,
  StockChange,
  SubmitResult,
} from "./contract.ts";
import { Publisher, type Setup } from "./publisher.ts";
import type { OpenChannel } from "./registered.ts";
import { SecretBox } from "./secrets.ts";
import { type ChannelRecord, ChannelStore } from "./store.ts";
import { SealedVault } from "./vault.ts";
import { channelView, listingView, statusView } from "./views.ts";

/** A configured channel in memory. */
interface Active {
  record: ChannelRecord;
  secrets: SecretPair;
  /** Undefined if its secrets could not be opened: nothing can be sent. */
  channel: OpenChannel | undefined;
  readonly publisher: Publisher;
}

/**
 * One channel: keeps what it should show and tells it. Thin on purpose: `listing.ts` decides what is due,
 * `drain.ts` when it goes, `adapters/` how; this class connects them to storage, alarm and RPC.
 *
 * A change costs one row written when it is submitted and one when it is published; while anything is due, one more
 * for the alarm every few seconds.
 */
export class ChannelObject extends DurableObject<Env> {
  readonly #store: ChannelStore;
  readonly #wake: Wake;
  readonly #secretBox: SecretBox;
  readonly #policy: ChannelPolicy;
  #active: Active | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ChannelStore(ctx.storage);
    this.#wake = new Wake(ctx.storage);
    this.#secretBox = new SecretBox(env.STOCKWIRE_SECRETS_KEY);
    this.#policy = { allowPrivateHosts: env.ALLOW_PRIVATE_CHANNELS === "true" };
    void ctx.blockConcurrencyWhile(async () => {
      if (!this.#store.exists()) return;
      this.#store.transaction(() => this.#store.migrate());
      await this.#wake.load();
      await this.#restore();
    });
  }

  /** Creates or changes the channel. The signing secret is in the answer that creates it, and in no other. */
  async configure(config: ChannelConfig): Promise<ConfigureResult> {
    const refusal = refuseConfig(config, this.#active?.record, this.#policy);
    if (refusal !== undefined) return refused(refusal);
    const id = this.#active?.record.id ?? this.ctx.id.name ?? "";
    const fresh = await sealNewSecrets(id, config, this.#secretBox);
    // Others may have come in between, so what is there is asked for only now, and nothing is awaited any more.
    const before = this.#active;
    const record = configured(id, config, before?.record, Date.now());
    const secrets = before === undefined ? fresh : renewedSecrets(before.secrets, fresh);
    const channel = this.#open(record, secrets);
    this.#store.transaction(() => {
      this.#store.migrate();
      this.#store.write("record", record);
      this.#store.write("secrets", secrets.sealed);
      // Tokens that the old credentials brought are of no use to the new ones.
      if (config.credentials !== undefined) this.#store.emptyVault();
      before?.publisher.reconfigure(setupOf(record, channel));
    });
    const needsBackfill = record.listings === "all" && before?.record.listings !== "all";
    const publisher = before?.publisher ?? this.#newPublisher(setupOf(record, channel));
    const active = { record, secrets, channel, publisher };
    this.#active = active;
    this.#publish();
    const view = viewOf(active);
    if (before !== undefined) return { outcome: "updated", channel: view, needsBackfill };
    return {
      outcome: "created",
      channel: { ...view, signingSecret: fresh.secrets.signingSecret },
      needsBackfill,
    };
  }

  /** Takes in changes of stock, durable before it answers. Older ones than what is known are ignored. */
  async submit(changes: StockChange[]): Promise<SubmitResult> {
    if (this.#active === undefined) return notFound;
    const due = this.#active.publisher.submit(changes);
    this.#publish();
    return { outcome: "accepted", due };
  }

  /** The same for stock that is known already, when a channel begins to show it. */
  async backfill(stocks: StockChange[]): Promise<SubmitResult> {
    return this.submit(stocks);
  }

  /** Creates or replaces a listing; `stock` is the SKU's newest view, if it is known. */
  async putListing(sku: string, config: ListingConfig, stock?: StockView): Promise<ListingResult> {
    if (this.#active === undefined) return notFound;
    const { record, publisher } = this.#active;
    const issues = findAdapter(record.kind)?.checkExternal(config.external) ?? [];
    if (issues.length > 0) return refused({ code: "invalid", issues });
    const { isNew, listing } = publisher.define(sku, config, stock);
    this.#publish();
    return { outcome: isNew ? "created" : "updated", listing: listingView(listing) };
  }

  /** Removes a listing. On a channel that shows all, the SKU falls back to the channel's own terms. */
  async removeListing(sku: string): Promise<RemoveResult> {
    if (this.#active === undefined) return notFound;
    if (!this.#active.publisher.undefine(sku)) return refused({ code: "listing-not-found" });
    this.#publish();
    return { outcome: "removed" };
  }

  async listings(query: ListingsQuery): Promise<ListingsResult> {
    if (this.#active === undefined) return notFound;
    const found = this.#store.page({ ...query, limit: query.limit + 1 });
    const items = found.slice(0, query.limit).map(listingView);
    const last = items.at(-1);
    const hasMore = found.length > query.limit && last !== undefined;
    return { outcome: "found", items, ...(hasMore && { nextAfter: last.sku }) };
  }

  /** Tries failed listings again, one or all; answers how many. */
  async retry(sku?: string): Promise<RetryResult> {
    if (this.#active === undefined) return notFound;
    const due = this.#active.publisher.retry(sku);
    if (due === undefined) return refused({ code: "listing-not-found" });
    this.#publish();
    return { outcome: "accepted", due };
  }

  /** Keeps changes and sends nothing. Requests under way end as they may. */
  async pause(): Promise<ChannelResult> {
    return this.#setPaused("paused by hand");
  }

  /** Sends what has waited, now: a hold and an open breaker are lifted too. */
  async resume(): Promise<ChannelResult> {
    this.#active?.publisher.lift();
    return this.#setPaused(undefined);
  }

  async status(): Promise<StatusResult> {
    if (this.#active === undefined) return notFound;
    const { record, publisher } = this.#active;
    // An alarm that was lost costs no more than the time until somebody looks.
    this.#publish();
    return {
      outcome: "found",
      status: statusView(record, publisher.status(), this.#store.summary(), Date.now()),
    };
  }

  /** Forgets the channel, its listings and its secrets. */
  async remove(): Promise<RemoveResult> {
    if (this.#active === undefined) return notFound;
    this.#active.publisher.stop();
    this.#active = undefined;
    this.#wake.fired();
    await this.ctx.storage.deleteAll();
    return { outcome: "removed" };
  }

  override async alarm(): Promise<void> {
    this.#wake.fired();
    this.#publish();
  }

  async #restore(): Promise<void> {
    const record = this.#store.read("record");
    const sealed = this.#store.read("secrets");
    if (record === undefined || sealed === undefined) return;
    const secrets = { sealed, secrets: await openSecrets(record.id, sealed, this.#secretBox) };
    const channel = this.#open(record, secrets);
    const publisher = this.#newPublisher(setupOf(record, channel));
    this.#active = { record, secrets, channel, publisher };
    publisher.restore();
    this.#wake.by(publisher.wakeAtMs());
  }

  #open(record: ChannelRecord, { secrets }: SecretPair): OpenChannel | undefined {
    return openChannel(
      record,
      secrets,
      this.#policy,
      new SealedVault(record.id, this.#store, this.#secretBox),
    );
  }

  #newPublisher(setup: Setup): Publisher {
    return new Publisher(setup, this.#store.read("health"), {
      now: () => Date.now(),
      random: () => Math.random(),
      sleep: (ms) => scheduler.wait(ms),
      wakeBy: (atMs) => this.#wake.by(atMs),
      store: this.#store,
      saveHealth: (health) => this.#store.write("health", health),
      isPaused: () => this.#active?.record.pausedBecause !== undefined,
      pause: (reason) => this.#setPaused(reason),
    });
  }

  #setPaused(pausedBecause: string | undefined): ChannelResult {
    if (this.#active === undefined) return notFound;
    const record = { ...this.#active.record, pausedBecause };
    this.#store.write("record", record);
    this.#active.record = record;
    this.#publish();
    return { outcome: "done", channel: viewOf(this.#active) };
  }

  /** Publishes what is due, in the background, and sees to it that a crash would not end it. */
  #publish(): void {
    const publisher = this.#active?.publisher;
    if (publisher === undefined) return;
    const publishing = publisher.poke().catch((error: unknown) => {
      console.error(
        JSON.stringify({ message: "publishing stopped until the next alarm", error: String(error) }),
      );
    });
    this.#wake.by(publisher.wakeAtMs());
    this.ctx.waitUntil(publishing);
  }
}

function viewOf({ record, secrets }: Active): ChannelView {
  return channelView(record, secrets.sealed.credentials !== undefined);
}

const notFound: Refused = { outcome: "refused", refusal: { code: "channel-not-found" } };

function refused(refusal: ChannelRefusal): Refused {
  return { outcome: "refused", refusal };
}
