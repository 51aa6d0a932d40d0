import { DurableObject } from "cloudflare:workers";
import type { SkuNews } from "../order/contract.ts";
import type { ChannelConfig, External, ListingConfig } from "../protocol/channel.ts";
import type { StockView } from "../protocol/stock.ts";
import { serviceSecrets } from "../storage/service-secrets.ts";
import { Wake } from "../storage/wake.ts";
import type { Family } from "../telemetry/exposition.ts";
import { findAdapter } from "./adapters/index.ts";
import { ActiveChannel, type ChannelHost } from "./active-channel.ts";
import { configured, refuseConfig } from "./configuration.ts";
import type {
  ChannelRefusal,
  ChannelResult,
  ConfigureResult,
  DriftResult,
  FactsQuery,
  FactsResult,
  ImportResult,
  LagResult,
  ListingResult,
  ListingsQuery,
  ListingsResult,
  ReceiveResult,
  ReconcileResult,
  Refused,
  RemoveResult,
  ReplayResult,
  ReportResult,
  ResolveResult,
  RetryResult,
  SealsResult,
  ShownResult,
  StatusResult,
  StockChange,
  SubmitResult,
  TestResult,
} from "./contract.ts";
import type { InboundRequest } from "./kit/inbound.ts";
import type { Identified } from "./inbound/orders-in.ts";
import { channelFamilies } from "./metrics.ts";
import { keyIdsOf } from "./secrets/reseal.ts";
import { renewedSecrets, resignedSecrets, sealNewSecrets } from "./secrets/pair.ts";
import { SecretBox } from "./secrets/box.ts";
import { ChannelStore } from "./store.ts";
import { listingView, statusView } from "./views.ts";

/**
 * One channel: keeps what it should show and tells it, and takes in what it tells. Thin on purpose: commands come in
 * here, and `ActiveChannel` has them done.
 *
 * A change costs one row written when it is submitted and one when it is published; while anything is due, one more
 * for the alarm every few seconds.
 */
export class ChannelObject extends DurableObject<Env> {
  readonly #store: ChannelStore;
  readonly #host: ChannelHost;
  #active: ActiveChannel | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { storage } = ctx;
    this.#store = new ChannelStore(storage);
    this.#host = {
      env,
      storage,
      store: this.#store,
      wake: new Wake(storage),
      secretBox: new SecretBox(serviceSecrets(env)),
      policy: { allowPrivateHosts: env.ALLOW_PRIVATE_CHANNELS === "true" },
      waitUntil: (work) => ctx.waitUntil(work),
    };
    void ctx.blockConcurrencyWhile(async () => {
      if (!this.#store.exists()) return;
      this.#store.transaction(() => this.#store.migrate());
      await this.#host.wake.load();
      this.#active = await ActiveChannel.restore(this.#host);
    });
  }

  /** Creates or changes the channel. The signing secret is in the answer only if it is new. */
  async configure(config: ChannelConfig): Promise<ConfigureResult> {
    const refusal = refuseConfig(config, this.#active?.record, this.#host.policy);
    if (refusal !== undefined) return refused(refusal);
    const id = this.#active?.record.id ?? this.ctx.id.name ?? "";
    const fresh = await sealNewSecrets(id, config, this.#host.secretBox);
    // Others may have come in between, so what is there is asked for only now, and nothing is awaited any more.
    const before = this.#active;
    const record = configured(id, config, before?.record, Date.now());
    const needsBackfill = record.listings === "all" && before?.record.listings !== "all";
    if (before !== undefined) {
      before.reconfigure(
        record,
        renewedSecrets(before.secrets, fresh, {
          nowMs: Date.now(),
          overlapSeconds: config.overlapSeconds ?? 0,
        }),
        config,
      );
      before.poke();
      const { signingSecret } = before.secrets.secrets;
      const isResigned = signingSecret === fresh.secrets.signingSecret;
      const channel = isResigned ? { ...before.view, signingSecret } : before.view;
      return { outcome: "updated", channel, needsBackfill };
    }
    const active = ActiveChannel.create(this.#host, record, fresh);
    this.#active = active;
    active.poke();
    const channel = { ...active.view, signingSecret: fresh.secrets.signingSecret };
    return { outcome: "created", channel, needsBackfill };
  }

  /** Signs with another secret from now on, which is in the answer, and for so long with those before it too. */
  async renewSigningSecret(overlapSeconds: number): Promise<ChannelResult> {
    const id = this.#active?.record.id ?? "";
    const fresh = await sealNewSecrets(id, {}, this.#host.secretBox);
    if (this.#active === undefined) return notFound;
    const { secrets } = this.#active;
    this.#active.renew(resignedSecrets(secrets, fresh, { nowMs: Date.now(), overlapSeconds }));
    const channel = { ...this.#active.view, signingSecret: fresh.secrets.signingSecret };
    return { outcome: "done", channel };
  }

  /** Takes in changes of stock, durable before it answers. Older ones than what is known are ignored. */
  async submit(changes: StockChange[]): Promise<SubmitResult> {
    if (this.#active === undefined) return notFound;
    const due = this.#active.publisher.submit(changes);
    this.#active?.poke();
    return { outcome: "accepted", due };
  }

  /** The same for stock that is known already, when a channel begins to show it. */
  async backfill(stocks: StockChange[]): Promise<SubmitResult> {
    if (this.#active === undefined) return notFound;
    const due = this.#active.publisher.submit(stocks, true);
    this.#active?.poke();
    return { outcome: "accepted", due };
  }

  /** Creates or replaces a listing; `stock` is the SKU's newest view, if it is known. */
  async putListing(sku: string, config: ListingConfig, stock?: StockView): Promise<ListingResult> {
    if (this.#active === undefined) return notFound;
    const { record, publisher } = this.#active;
    const issues = findAdapter(record.kind)?.checkExternal(config.external) ?? [];
    if (issues.length > 0) return refused({ code: "invalid", issues });
    const { isNew, listing } = publisher.define(sku, config, stock);
    this.#active?.poke();
    return { outcome: isNew ? "created" : "updated", listing: listingView(listing) };
  }

  /** Removes a listing. On a channel that shows all, the SKU falls back to the channel's own terms. */
  async removeListing(sku: string): Promise<RemoveResult> {
    if (this.#active === undefined) return notFound;
    if (!this.#active.publisher.undefine(sku)) return refused({ code: "listing-not-found" });
    this.#active?.poke();
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

  /** How the channel is set up, and what it shows of a SKU. */
  async shown(sku?: string): Promise<ShownResult> {
    if (this.#active === undefined) return notFound;
    const listing = sku === undefined ? undefined : this.#store.get([sku]).get(sku);
    const channel = this.#active.view;
    return { outcome: "found", channel, ...(listing !== undefined && { listing: listingView(listing) }) };
  }

  /** How long recent publications took, oldest first. */
  async lag(): Promise<LagResult> {
    if (this.#active === undefined) return notFound;
    return { outcome: "found", samples: this.#active.publisher.lagSamples() };
  }

  /** Tries failed listings again, one or all; answers how many. */
  async retry(sku?: string): Promise<RetryResult> {
    if (this.#active === undefined) return notFound;
    const due = this.#active.publisher.retry(sku);
    if (due === undefined) return refused({ code: "listing-not-found" });
    this.#active?.poke();
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
    const { record, publisher, reception, care } = this.#active;
    // An alarm that was lost costs no more than the time until somebody looks.
    this.#active?.poke();
    return {
      outcome: "found",
      status: {
        ...statusView(record, publisher.status(), this.#store.summary(), Date.now()),
        inbound: reception.status(),
        ...care.status(),
      },
    };
  }

  /** What its secrets are sealed with. Asking wakes it, and it has sealed them anew if it could. */
  async seals(): Promise<SealsResult> {
    if (this.#active === undefined) return notFound;
    return { outcome: "found", keyIds: keyIdsOf(this.#store, Date.now()) };
  }

  /** What there is to measure about the channel. Undefined if there is no such channel. */
  async metrics(): Promise<Family[] | undefined> {
    if (this.#active === undefined) return undefined;
    const { record, publisher, reception, care } = this.#active;
    const publishing = publisher.status();
    return channelFamilies({
      channel: record.id,
      kind: record.kind,
      isPaused: record.pausedBecause !== undefined,
      publishing,
      dueSinceMs: publisher.dueSinceMs,
      failed: this.#store.summary().failed,
      inbound: reception.status(),
      openDrift: care.status().drift.open,
      nowMs: Date.now(),
    });
  }

  /** Takes in a request to the channel's inbound address. What it tells is kept before this answers, and applied later. */
  async receive(request: InboundRequest): Promise<ReceiveResult> {
    if (this.#active === undefined) return notFound;
    const result = await this.#active.reception.receive(request);
    // A question tells nothing that there is to work on.
    if (result.outcome !== "question") this.#active?.poke();
    return result;
  }

  /** What the channel told and is not applied, in order of arrival. */
  async facts({ limit, ...query }: FactsQuery): Promise<FactsResult> {
    if (this.#active === undefined) return notFound;
    const found = this.#active.reception.facts({ ...query, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const hasMore = found.length > limit && last !== undefined;
    return { outcome: "found", items, ...(hasMore && { nextAfter: last.seq }) };
  }

  /** Tries parked facts again, one or all. */
  async replayFacts(seq?: number): Promise<ReplayResult> {
    if (this.#active === undefined) return notFound;
    const waiting = this.#active.reception.replay(seq);
    this.#active?.poke();
    return { outcome: "accepted", waiting };
  }

  /** Which SKUs items of the channel are. */
  async resolve(items: Identified[]): Promise<ResolveResult> {
    if (this.#active === undefined) return notFound;
    const { reception } = this.#active;
    return { outcome: "found", skus: items.map((item) => reception.skuOf(item)) };
  }

  /** Makes an item of the channel the listing of a SKU, whatever else its definition says. */
  async rememberItem(sku: string, external: External, stock?: StockView): Promise<ListingResult> {
    if (this.#active === undefined) return notFound;
    const known = this.#store.get([sku]).get(sku);
    const detail = this.#active.reception.refuseItem(sku, external, known?.external);
    if (detail !== undefined) return refused({ code: "listing-conflict", detail });
    return this.putListing(sku, { external, rule: known?.rule }, stock);
  }

  /** Orders of this channel that did not come through its inbox are in the ledger. */
  async imported(news: SkuNews[]): Promise<void> {
    for (const { sku, units, epoch, version } of news) {
      this.#active?.publisher.imported(sku, units, { epoch, version });
    }
    this.#active?.poke();
  }

  /** Begins to compare all the channel shows with what it was told, or joins the run under way. */
  async reconcile(): Promise<ReconcileResult> {
    const result = this.#active?.care.reconcile("hand") ?? notFound;
    this.#active?.poke();
    return result;
  }

  /** The same then, unless the channel cannot be read or is paused. */
  async reconcileBySchedule(startAtMs: number): Promise<void> {
    this.#active?.care.reconcileBySchedule(startAtMs);
    this.#active?.poke();
  }

  /** What is open, and the last runs. */
  async drift(): Promise<DriftResult> {
    return this.#active?.care.drift() ?? notFound;
  }

  async reconciliation(run: string): Promise<ReportResult> {
    return this.#active?.care.report(run) ?? notFound;
  }

  /** Lists the channel's items under the SKUs they name. Answers after 5 s at the latest; it goes on. */
  async importListings(isDryRun: boolean): Promise<ImportResult> {
    return this.#active?.care.importListings(isDryRun) ?? notFound;
  }

  async importState(): Promise<ImportResult> {
    return this.#active?.care.importState() ?? notFound;
  }

  /** What the connection to the channel needs. */
  async test(): Promise<TestResult> {
    if (this.#active === undefined) return notFound;
    return { outcome: "tested", result: await this.#active.care.test() };
  }

  /** Forgets the channel, its listings and its secrets. */
  async remove(): Promise<RemoveResult> {
    if (this.#active === undefined) return notFound;
    this.#active.stop();
    this.#active = undefined;
    this.#host.wake.fired();
    await this.ctx.storage.deleteAll();
    return { outcome: "removed" };
  }

  override async alarm(): Promise<void> {
    this.#host.wake.fired();
    this.#active?.poke();
  }

  #setPaused(pausedBecause: string | undefined): ChannelResult {
    if (this.#active === undefined) return notFound;
    this.#active.setPaused(pausedBecause);
    return { outcome: "done", channel: this.#active.view };
  }
}

const notFound: Refused = { outcome: "refused", refusal: { code: "channel-not-found" } };

function refused(refusal: ChannelRefusal): Refused {
  return { outcome: "refused", refusal };
}
