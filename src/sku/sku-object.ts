import { DurableObject } from "cloudflare:workers";
import type { GrantAnswer, GrantAsk, Keep } from "../escrow/contract.ts";
import type { Lease } from "../feed/contract.ts";
import { isNewer } from "../protocol/position.ts";
import type { LedgerEntry, LedgerRange, StockEventsMessage } from "../protocol/queue.ts";
import type { Component, StockView } from "../protocol/stock.ts";
import { Exclusive } from "../storage/exclusive.ts";
import { restoredAtMs } from "../storage/restored-at.ts";
import { Wake } from "../storage/wake.ts";
import {
  type EndedReservation,
  exists,
  hasLedger,
  type OrderLine,
  type Reservation,
  type SkuState,
  unknownSku,
} from "../stock/state.ts";
import { activeReservations, type ReservationsQuery } from "../stock/reservations.ts";
import { stockView } from "../stock/view.ts";
import { account } from "./account.ts";
import type { MutationRequest, MutationResult } from "./contract.ts";
import { followersEffects, lenderEffects, outboxEffects, type Surroundings } from "./effects.ts";
import { Followers } from "./followers.ts";
import { GroupCommit } from "../storage/group-commit.ts";
import { Keeper } from "./keeper.ts";
import { readComponents } from "./kit.ts";
import { Lender } from "./lender.ts";
import { Outbox } from "./outbox.ts";
import { isOneProcess, latestViews } from "./latest-views.ts";
import { isBefore } from "./restored-life.ts";
import { SkuSockets } from "./sockets.ts";
import { SkuStore } from "./store.ts";
import { log } from "../telemetry/log.ts";
import { outboxes } from "../telemetry/metrics.ts";

/** An alarm that could not do all of its work comes again after this long. */
const failedAlarmMs = 10_000;

/**
 * One SKU: the only place that decides about its stock, one mutation at a time. Thin on purpose: `stock/`
 * decides, `keeper.ts` persists, `outbox.ts` sends, `sockets.ts` tells watchers; this class only connects them.
 */
export class SkuObject extends DurableObject<Env> {
  readonly #store: SkuStore;
  readonly #sockets: SkuSockets;
  readonly #wake: Wake;
  readonly #commits: GroupCommit<MutationRequest, MutationResult>;
  readonly #keeper: Keeper;
  readonly #outbox: Outbox;
  readonly #usedBy: Set<string>;
  readonly #followers: Followers;
  readonly #lender: Lender;
  readonly #refreshes = new Exclusive();
  #nextRefresh: Promise<void> | undefined;
  /** Whether the present state is on the disk. */
  #isStored: boolean;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new SkuStore(ctx.storage.sql);
    this.#sockets = new SkuSockets(ctx);
    this.#wake = new Wake(ctx.storage);
    this.#commits = new GroupCommit(
      (requests) => this.#commit(requests),
      async () => {
        await ctx.storage.sync();
        this.#isStored = true;
      },
    );
    const loaded = this.#store.load();
    this.#keeper = new Keeper(
      this.#store,
      (run) => ctx.storage.transactionSync(run),
      loaded ?? { state: unknownSku(ctx.id.name ?? "", ""), checkpointVersion: 0 },
    );
    this.#usedBy = new Set(loaded?.usedBy);
    const around: Surroundings = {
      env,
      store: this.#store,
      state: () => this.#state,
      usedBy: () => [...this.#usedBy],
      mutate: (requests) => this.#commits.submit(requests),
    };
    this.#followers = new Followers(loaded?.followers ?? {}, followersEffects(around));
    this.#lender = new Lender(lenderEffects(around));
    const restored = this.#restored(loaded !== undefined);
    this.#isStored = restored.length === 0;
    const confirmed = this.#isStored ? loaded?.confirmed : undefined;
    const { epoch, version } = this.#state;
    const newest = { epoch, version };
    this.#outbox = new Outbox(outboxEffects(around), confirmed ?? { epoch: "", version: 0 }, newest);
    this.#tellWatchers(restored, Date.now());
    // The stored alarm is not asked for: whatever it was set for, one of these is as early.
    if (loaded === undefined) return;
    this.#wake.by(this.#nextWakeAtMs());
    this.#sockets.count();
  }

  /** Applies mutations in order; each gets its own result. Durable before it answers. */
  async mutate(requests: MutationRequest[]): Promise<MutationResult[]> {
    if (this.#state.granted > 0) await this.#lender.before(requests);
    const results = await this.#commits.submit(requests);
    if (this.#lender.isToRecall) this.ctx.waitUntil(this.#lender.recall());
    if (requests.some(({ mutation }) => "components" in mutation)) await this.refresh();
    return results;
  }

  /** The same, but the caller sends the news, if there is any; a lost one is sent again from here. */
  async mutateAndHandOver(
    requests: MutationRequest[],
  ): Promise<{ results: MutationResult[]; news: StockEventsMessage[] }> {
    const results = await this.mutate(requests.map((request) => ({ ...request, isHandedOver: true })));
    return { results, news: hasLedger(this.#state) ? this.#outbox.takeAll() : [] };
  }

  /** Decides what a shard does not serve, under the buyers' own keys; and whether it may ask for units. */
  async passOn(requests: MutationRequest[]): Promise<{ results: MutationResult[]; isGrantable: boolean }> {
    const results = await this.mutate(requests);
    return { results, isGrantable: this.#lender.isGrantable };
  }

  /** Grants a shard units to sell, if there are enough. */
  async grant(ask: GrantAsk): Promise<GrantAnswer> {
    return this.#lender.grant(ask);
  }

  /** A shard says what it keeps of its grants. */
  async giveBack(shard: number, keeps: Keep[]): Promise<void> {
    await this.#lender.giveBack(shard, keeps);
  }

  /** The stock as it is now; undefined if nobody ever told us of this SKU. */
  async read(): Promise<StockView | undefined> {
    await this.#expireDue();
    await this.refresh();
    if (!exists(this.#state)) return undefined;
    const view = stockView(this.#state, Date.now());
    // How many there are of a kit, its components say.
    const isKept = this.#isStored && this.#state.kit === undefined && isOneProcess(this.env);
    if (isKept) latestViews.keep(view, this.#state.nextExpiryAtMs);
    return view;
  }

  /** What the SKU is made of, if it is a kit. */
  async components(): Promise<Component[] | undefined> {
    return this.#state.kit && [...this.#state.kit.components];
  }

  /** Kits that are made of this SKU, or were once. */
  async kits(): Promise<string[]> {
    return [...this.#usedBy];
  }

  /** The stock for a kit that is made of this SKU; from now on the kit is told when it changes. */
  async readFor(kit: string): Promise<StockView | undefined> {
    await this.#expireDue();
    if (!exists(this.#state)) return undefined;
    if (!this.#usedBy.has(kit)) {
      this.#store.saveUsedBy([...this.#usedBy, kit]);
      this.#usedBy.add(kit);
    }
    return stockView(this.#state, Date.now());
  }

  /** The stock as it is now, for a feed that is told of every change from now on, until the lease is over. */
  async follow(feed: string, lease: Lease): Promise<StockView | undefined> {
    const stock = await this.read();
    // An unknown SKU stores nothing: it keeps a follower only as long as its memory lasts.
    this.#followers.add(feed, stock === undefined ? { ...lease, isDurable: false } : lease);
    return stock;
  }

  /** Finds out how many there are of a kit, if this is one. Calls that come meanwhile share the next look. */
  async refresh(): Promise<void> {
    if (this.#state.kit === undefined) return;
    this.#nextRefresh ??= this.#refreshes.run(async () => {
      this.#nextRefresh = undefined;
      const { sku, kit } = this.#state;
      if (kit === undefined) return;
      const components = await readComponents(this.env.SKU, sku, kit.components);
      await this.#commits.submit([{ mutation: { type: "derive", components }, fingerprint: "" }]);
    });
    await this.#nextRefresh;
  }

  /** A reservation that lives here, active or ended; undefined if there never was one. */
  async reservation(id: string): Promise<{ active?: Reservation; ended?: EndedReservation } | undefined> {
    await this.#expireDue();
    if (!exists(this.#state)) return undefined;
    const active = this.#state.reservations.get(id);
    // What a shard was granted is no buyer's.
    if (active !== undefined) return active.shard === undefined ? { active } : undefined;
    const ended = this.#state.ended.get(id) ?? this.#store.endedReservation(id);
    return ended && { ended };
  }

  /** Reservations that have not ended, those that expire first at first: `limit` of them after a place. */
  async reservations(query: ReservationsQuery): Promise<Reservation[]> {
    await this.#expireDue();
    return exists(this.#state) ? activeReservations(this.#state, query) : [];
  }

  /** The lines that an order has here, with their cumulative counts. */
  async orderLines(channel: string, orderId: string): Promise<OrderLine[]> {
    return exists(this.#state) ? this.#store.orderLines(channel, orderId) : [];
  }

  /** What was recorded of orders since then; undefined if nobody ever told us of this SKU. */
  async ordersSince(atMs: number): Promise<LedgerEntry[] | undefined> {
    return hasLedger(this.#state) ? this.#store.ledger.ordersSince(atMs) : undefined;
  }

  /** Entries of the ledger that were too large for a message. */
  async entries({ after, last }: LedgerRange): Promise<LedgerEntry[]> {
    if (!hasLedger(this.#state)) return [];
    const following = this.#store.ledger.entriesAfter(after, Number.MAX_SAFE_INTEGER);
    return following.filter(({ position }) => !isNewer(position, last));
  }

  /**
   * Told that the ledger has entries that were awaited. If nothing else is due, the alarm that would ask is not needed; that of a
   * kit may be there to look at components that could not be reached.
   */
  async reported(range: LedgerRange): Promise<void> {
    if (!hasLedger(this.#state) || !this.#outbox.reported(range)) return;
    this.#store.saveConfirmed(this.#outbox.confirmed);
    outboxes.note(this.#state.sku, this.#outbox.missingSinceMs, Date.now());
    const isNothingDue = this.#nextWakeAtMs() === Number.POSITIVE_INFINITY;
    if (isNothingDue && this.#state.kit === undefined) this.#wake.cancel();
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return new Response("expected a WebSocket", { status: 426 });
    }
    const stock = await this.read();
    return stock === undefined
      ? new Response(null, { status: 404 })
      : this.#sockets.accept(stock, request.headers);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#sockets.refuse(socket, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#sockets.count(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.count(socket);
  }

  /** Expires what is due, asks the ledger what it has, and sends again what it lacks. Idempotent, and never needed on time. */
  override async alarm(): Promise<void> {
    this.#wake.fired();
    if (!hasLedger(this.#state)) return;
    const isDone = await this.#catchUp();
    const { confirmed } = this.#outbox;
    await this.#outbox.look();
    await this.#outbox.drain();
    if (this.#outbox.confirmed !== confirmed) this.#store.saveConfirmed(this.#outbox.confirmed);
    const nowMs = Date.now();
    outboxes.note(this.#state.sku, this.#outbox.missingSinceMs, nowMs);
    this.#wake.by(isDone ? Math.max(this.#nextWakeAtMs(), nowMs + 1) : nowMs + failedAlarmMs);
  }

  /** False if it must be tried again: a component that cannot be reached must not keep a kit's own news from going. */
  async #catchUp(): Promise<boolean> {
    try {
      await this.#expireDue();
      await this.refresh();
      if (this.#lender.isToRecall) await this.#lender.recall();
      return !this.#lender.isToRecall;
    } catch (error) {
      log("sku.catch_up_failed", { sku: this.#state.sku }, { error });
      return false;
    }
  }

  async #expireDue(): Promise<void> {
    if (Date.now() < this.#state.nextExpiryAtMs) return;
    await this.#commits.submit([{ mutation: { type: "expire" }, fingerprint: "" }]);
  }

  get #state(): SkuState {
    return this.#keeper.state;
  }

  /** Begins a new life if the service was restored since the present one began. */
  #restored(isKnown: boolean): readonly LedgerEntry[] {
    const atMs = restoredAtMs(this.env);
    if (!isKnown || !isBefore(this.#state, atMs)) return [];
    return this.#keeper.restore(Math.max(Date.now(), atMs));
  }

  /** Decides a group of mutations in one transaction, and tells everybody what came of it. */
  #commit(requests: readonly MutationRequest[]): readonly MutationResult[] {
    const nowMs = Date.now();
    this.#isStored = false;
    latestViews.forget(this.#state.sku);
    const { results, entries } = this.#keeper.commit(requests, nowMs, this.#outbox.confirmed);
    account(this.#state.sku, requests, results, entries);
    if (entries.length > 0) {
      this.#outbox.appended(entries);
      this.#wake.by(this.#nextWakeAtMs());
      this.#tellWatchers(entries, nowMs);
      if (!requests.every((request) => request.isHandedOver)) this.ctx.waitUntil(this.#outbox.drain());
    }
    return results;
  }

  #tellWatchers(entries: readonly LedgerEntry[], nowMs: number): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    const state = this.#state;
    this.#sockets.broadcast(() => stockView(state, nowMs), last.event);
    const pushes = this.#followers.changed();
    if (pushes !== undefined) this.ctx.waitUntil(pushes);
  }

  #nextWakeAtMs(): number {
    const dueAtMs = Math.min(this.#state.nextExpiryAtMs, this.#outbox.lookAtMs);
    return this.#lender.isToRecall ? Math.min(dueAtMs, Date.now() + failedAlarmMs) : dueAtMs;
  }
}
