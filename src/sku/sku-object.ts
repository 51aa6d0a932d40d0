import { DurableObject } from "cloudflare:workers";
import { isNewer, type Position } from "../protocol/position.ts";
import { sendStockEvents } from "../ledger/outgoing.ts";
import type { ConfirmedRange, StockEventsMessage } from "../protocol/queue.ts";
import type { Component, StockView } from "../protocol/stock.ts";
import { Exclusive } from "../storage/exclusive.ts";
import { Wake } from "../storage/wake.ts";
import {
  type EndedReservation,
  exists,
  hasLedger,
  type Reservation,
  type SkuState,
  unknownSku,
} from "../stock/state.ts";
import { stockView } from "../stock/view.ts";
import { applyBatch } from "./batch.ts";
import type { MutationRequest, MutationResult } from "./contract.ts";
import { GroupCommit } from "./group-commit.ts";
import { readComponents } from "./kit.ts";
import { Outbox } from "./outbox.ts";
import { SkuSockets } from "./sockets.ts";
import { SkuStore } from "./store.ts";

/** A checkpoint costs a write as large as the state, so it waits for this many events, or more if many holds are open. */
const checkpointEvents = 64;

/** Old records are looked for no more often than this, and only when a checkpoint is written anyway. */
const pruneIntervalMs = 3_600_000;

/**
 * One SKU: the only place that decides about its stock, one mutation at a time. Thin on purpose: `stock/`
 * decides, `batch.ts` persists, `outbox.ts` sends, `sockets.ts` tells watchers; this class only connects them.
 */
export class SkuObject extends DurableObject<Env> {
  readonly #store: SkuStore;
  readonly #sockets: SkuSockets;
  readonly #wake: Wake;
  readonly #commits: GroupCommit<MutationRequest, MutationResult>;
  #state: SkuState;
  readonly #outbox: Outbox;
  #checkpointVersion: number;
  #prunedAtMs = 0;
  readonly #usedBy: Set<string>;
  readonly #refreshes = new Exclusive();
  #nextRefresh: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new SkuStore(ctx.storage.sql);
    this.#sockets = new SkuSockets(ctx);
    this.#wake = new Wake(ctx.storage);
    this.#commits = new GroupCommit(
      (requests) => this.#commit(requests),
      () => ctx.storage.sync(),
    );
    const loaded = this.#store.load();
    this.#state = loaded?.state ?? unknownSku(ctx.id.name ?? "", "");
    this.#checkpointVersion = loaded?.checkpointVersion ?? 0;
    this.#usedBy = new Set(loaded?.usedBy);
    this.#outbox = this.#newOutbox(loaded?.confirmed);
    // The stored alarm is not asked for: whatever it was set for, one of these is as early.
    if (loaded !== undefined) this.#wake.by(this.#nextWakeAtMs());
  }

  /** Applies mutations in order; each gets its own result. Durable before it answers. */
  async mutate(requests: MutationRequest[]): Promise<MutationResult[]> {
    const results = await this.#commits.submit(requests);
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

  /** The stock as it is now; undefined if nobody ever told us of this SKU. */
  async read(): Promise<StockView | undefined> {
    await this.#expireDue();
    await this.refresh();
    return exists(this.#state) ? stockView(this.#state, Date.now()) : undefined;
  }

  /** What the SKU is made of, if it is a kit. */
  async components(): Promise<Component[] | undefined> {
    return this.#state.kit && [...this.#state.kit.components];
  }

  /** The stock for a kit that is made of this SKU; from now on the kit is told when it changes. */
  async readFor(kit: string): Promise<StockView | undefined> {
    await this.#expireDue();
    if (!exists(this.#state)) return undefined;
    if (!this.#usedBy.has(kit)) {
      this.#usedBy.add(kit);
      this.#store.saveUsedBy([...this.#usedBy]);
    }
    return stockView(this.#state, Date.now());
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
    if (active !== undefined) return { active };
    const ended = this.#state.ended.get(id) ?? this.#store.endedReservation(id);
    return ended && { ended };
  }

  /** The consumer has put these entries into the ledger and told the channels. */
  async confirm(range: ConfirmedRange): Promise<void> {
    if (hasLedger(this.#state)) this.#outbox.confirm(range);
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return new Response("expected a WebSocket", { status: 426 });
    }
    const stock = await this.read();
    return stock === undefined ? new Response(null, { status: 404 }) : this.#sockets.accept(stock);
  }

  override webSocketMessage(socket: WebSocket): void {
    this.#sockets.refuse(socket);
  }

  /** Expires what is due, sends again what is unconfirmed. Idempotent, and never needed on time. */
  override async alarm(): Promise<void> {
    this.#wake.fired();
    if (!hasLedger(this.#state)) return;
    await this.#expireDue();
    await this.refresh();
    this.#outbox.rewindIfDue();
    await this.#outbox.drain();
    this.#store.saveConfirmed(this.#outbox.confirmed);
    this.#wake.by(Math.max(this.#nextWakeAtMs(), Date.now() + 1));
  }

  async #expireDue(): Promise<void> {
    if (Date.now() < this.#state.nextExpiryAtMs) return;
    await this.#commits.submit([{ mutation: { type: "expire" }, fingerprint: "" }]);
  }

  /** Decides a group of mutations in one transaction; the state in memory changes only if it holds. */
  #commit(requests: readonly MutationRequest[]): readonly MutationResult[] {
    const nowMs = Date.now();
    const { state, results, entries } = this.ctx.storage.transactionSync(() => {
      const outcome = applyBatch(this.#store, this.#state, requests, nowMs);
      return { ...outcome, state: this.#checkpointIfDue(outcome.state) };
    });
    this.#state = state;
    const last = entries.at(-1);
    if (last !== undefined) {
      this.#outbox.appended(entries);
      this.#wake.by(this.#nextWakeAtMs());
      this.#sockets.broadcast(() => stockView(state, nowMs), last.event);
      if (!requests.every((request) => request.isHandedOver)) this.ctx.waitUntil(this.#outbox.drain());
    }
    return results;
  }

  /** Writes the state whole now and then, so that loading folds few events. Answers the state without what was stored. */
  #checkpointIfDue(state: SkuState): SkuState {
    const stored = { ...state, orderLines: state.orderLines.clear() };
    const eventsBetween = Math.max(checkpointEvents, state.reservations.size / 8);
    const isNewLife = state.epoch !== this.#state.epoch || this.#checkpointVersion === 0;
    const isDue = isNewLife || state.version - this.#checkpointVersion >= eventsBetween;
    if (!isDue || !hasLedger(state)) return stored;
    this.#store.checkpoint(state);
    this.#checkpointVersion = state.version;
    this.#pruneIfDue(state);
    return { ...stored, ended: stored.ended.clear() };
  }

  /** Nothing goes that is unconfirmed or not in the snapshot. A SKU that sleeps keeps its last few records. */
  #pruneIfDue({ epoch, version }: SkuState): void {
    const nowMs = Date.now();
    if (nowMs < this.#prunedAtMs + pruneIntervalMs) return;
    this.#prunedAtMs = nowMs;
    const { confirmed } = this.#outbox;
    this.#store.prune(nowMs, isNewer(confirmed, { epoch, version }) ? { epoch, version } : confirmed);
  }

  #nextWakeAtMs(): number {
    return Math.min(this.#state.nextExpiryAtMs, this.#outbox.retryAtMs);
  }

  #newOutbox(confirmed: Position | undefined): Outbox {
    const { epoch, version } = this.#state;
    return new Outbox(
      {
        entriesAfter: (position, limit) => this.#store.entriesAfter(position, limit),
        stock: () => stockView(this.#state, Date.now()),
        usedBy: () => [...this.#usedBy],
        send: (message) => sendStockEvents(this.env.STOCK_EVENTS, [message]),
        sendFailed: (error) => {
          const log = { message: "outbox send failed", sku: this.#state.sku, error: String(error) };
          console.warn(JSON.stringify(log));
        },
        now: () => Date.now(),
        random: () => Math.random(),
      },
      confirmed ?? { epoch: "", version: 0 },
      { epoch, version },
    );
  }
}
