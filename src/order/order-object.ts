import { DurableObject } from "cloudflare:workers";
import { ledgerOf } from "../ledger/bindings.ts";
import { sendStockEvents } from "../ledger/outgoing.ts";
import type { StockEventsMessage } from "../protocol/queue.ts";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import { newestStock } from "../sku/latest-views.ts";
import { type Backoff, halfJitter } from "../storage/backoff.ts";
import { KeyedExclusive } from "../storage/exclusive.ts";
import { Wake } from "../storage/wake.ts";
import { recognized, withApproved, withoutApproved } from "./adopt.ts";
import type {
  ApprovedRecord,
  ChangeResult,
  LineMatch,
  MatchResult,
  OrderChange,
  OrderFact,
  OrderLineResult,
  OrderReportFact,
  PlaceResult,
  ReportAnswer,
} from "./contract.ts";
import {
  conflictOf,
  isNewLine,
  isPending,
  isUnmatched,
  type Order,
  partsOf,
  withLines,
  withResults,
} from "./order.ts";
import { answerOf, withReportDone } from "./recording.ts";
import { withMatch, withReport } from "./report.ts";
import { onlyOrdered, type SettlementEffects, settleLines, settleReport } from "./settlement.ts";
import { changeLine, changeRequest, provenanceOf } from "./sku-calls.ts";
import { OrderStore } from "./store.ts";
import { tellSkus } from "./tell-skus.ts";
import { listUnmatchedLines } from "./unmatched.ts";
import { log } from "../telemetry/log.ts";

const applyBackoff: Backoff = { baseMs: 4_000, maxMs: 300_000 };

/**
 * The orders of a channel, or a share of them (`orderObjectName`): knows which SKUs an order touched, and sees to it
 * that every line reaches its SkuObject whatever crashes in between. The SKUs know a line by its id, so telling twice
 * is harmless.
 */
export class OrderObject extends DurableObject<Env> {
  readonly #store: OrderStore;
  readonly #wake: Wake;
  readonly #exclusive = new KeyedExclusive();
  readonly #effects: SettlementEffects = {
    tell: (requests) => tellSkus(this.env.SKU, requests, (news) => this.#send(news)),
    kitPosition: (sku) => newestStock(this.env.SKU, sku),
    save: (order) => this.#savePending(order),
  };
  #attempts = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new OrderStore(ctx.storage.sql);
    this.#wake = new Wake(ctx.storage);
    void ctx.blockConcurrencyWhile(async () => {
      if (!this.#store.exists()) return;
      ctx.storage.transactionSync(() => this.#store.migrate());
      await this.#wake.load();
    });
  }

  /** Records an order, or the lines of it that are new. Durable before any SKU hears of it. */
  async place(fact: OrderFact): Promise<PlaceResult> {
    return this.#exclusive.run(fact.orderId, async () => {
      const loaded = this.#load(fact.orderId);
      const { order: known, lines: told } = recognized(loaded, fact.lines);
      const conflict = conflictOf(known, told);
      if (conflict !== undefined) return { outcome: "conflict", ...conflict };
      const isNew = told.some((line) => isNewLine(known, line));
      if (!isNew && known !== loaded) this.#keep(known);
      const order = await this.#settle(
        isNew ? this.#savePending(withLines(known, { ...fact, lines: told })) : known,
      );
      const lines = told.flatMap(({ lineId }, index) => {
        const result = order?.lines[lineId]?.result;
        return result === undefined ? [] : [{ ...result, lineId: fact.lines[index]?.lineId ?? lineId }];
      });
      return { outcome: "recorded", replayed: !isNew, lines };
    });
  }

  /** Learns of lines that a committed reservation made, so that they can be cancelled or fulfilled by their order. */
  async adopt(fact: OrderFact, results: OrderLineResult[]): Promise<void> {
    await this.#exclusive.run(fact.orderId, async () => {
      const known = this.#load(fact.orderId);
      if (fact.lines.every((line) => known?.lines[line.lineId] !== undefined)) return;
      this.#saveDone(withResults(withLines(known, fact), results));
    });
  }

  /** Learns of lines that an approval sold, before anybody tells of them. */
  async approve(fact: OrderFact, approved: ApprovedRecord[]): Promise<void> {
    await this.#exclusive.run(fact.orderId, async () => {
      this.#keep(withApproved(this.#load(fact.orderId), fact, approved));
    });
  }

  /** Forgets lines whose approval was taken back. */
  async disown(orderId: string, lineIds: string[]): Promise<void> {
    await this.#exclusive.run(orderId, async () => {
      const known = this.#load(orderId);
      if (known !== undefined) this.#keep(withoutApproved(known, lineIds));
    });
  }

  /** Cancels, fulfils or takes back lines, each at its SKU. What is told before its order waits for it. */
  async change(change: OrderChange): Promise<ChangeResult> {
    return this.#exclusive.run(change.orderId, async () => {
      const order = await this.#settle(this.#load(change.orderId));
      if (order === undefined || Object.keys(order.lines).length === 0) {
        const waiting = (order?.waiting ?? []).filter((other) => other.key !== change.key);
        this.#saveDone({ ...provenanceOf(change), lines: {}, waiting: [...waiting, change] });
        return { outcome: "waiting" };
      }
      const skus = await this.#tellChange(order, change);
      if (skus === undefined) return { outcome: "not-found" };
      return {
        outcome: "changed",
        replayed: skus.every(({ result }) => result.replayed),
        skus: skus.map(({ sku, result }) => changeLine(change.type, sku, result)),
      };
    });
  }

  /**
   * Records what is news of all that the order's channel says has happened to it. Telling it again, late or in another
   * order changes nothing.
   */
  async report(fact: OrderReportFact): Promise<ReportAnswer> {
    return this.#exclusive.run(fact.orderId, async () => {
      const known = await this.#settle(this.#load(fact.orderId));
      if (known?.lastReport?.id === fact.id) return answerOf(known.lastReport);
      const { order, lines } = recognized(known, fact.lines);
      const settled = await this.#settle(this.#savePending(withReport(order, { ...fact, lines })));
      if (settled?.lastReport === undefined) throw new Error(`order ${fact.orderId} lost its report`);
      return answerOf(settled.lastReport);
    });
  }

  /** Learns which SKU an unmatched line is, and records it there with all that was told of it meanwhile. */
  async match({ orderId, lineId, sku }: LineMatch): Promise<MatchResult> {
    return this.#exclusive.run(orderId, async () => {
      const known = await this.#settle(this.#load(orderId));
      const record = known?.lines[lineId];
      if (known === undefined || record?.result === undefined) return { outcome: "not-found" };
      if (!isUnmatched(record)) return { outcome: "matched-before", line: record.result };
      const settled = await this.#settle(this.#savePending(withMatch(known, record, sku)));
      const line = settled?.lines[lineId]?.result;
      if (line === undefined) throw new Error(`order ${orderId} lost line ${lineId}`);
      return { outcome: "recorded", line, skus: settled?.lastReport?.skus ?? [] };
    });
  }

  /** Finishes what a crash or an unreachable SKU left behind. */
  override async alarm(): Promise<void> {
    this.#wake.fired();
    if (!this.#store.exists()) return;
    for (const orderId of this.#store.pending()) {
      await this.#exclusive.run(orderId, async () => {
        await this.#settle(this.#load(orderId));
      });
    }
  }

  /** Has the SKUs answer for every line that has no result, and then for what has waited for the order. */
  async #settle(order: Order | undefined): Promise<Order | undefined> {
    if (order === undefined || !isPending(order)) return order;
    this.#wake.by(Date.now() + halfJitter(applyBackoff, this.#attempts, Math.random()));
    this.#attempts += 1;
    const settled = await this.#settleWaiting(await settleLines(order, this.#effects));
    const reported = await settleReport(settled, this.#effects);
    await listUnmatchedLines(ledgerOf(this.env).first, reported, Date.now());
    this.#attempts = 0;
    return this.#saveDone(withReportDone(reported));
  }

  /** What has waited for the order was told before its channel's report: it comes between the order and the rest. */
  async #settleWaiting(order: Order): Promise<Order> {
    if (order.waiting.length === 0) return order;
    const ordered = await settleReport(order, this.#effects, onlyOrdered);
    for (const change of ordered.waiting) await this.#tellChange(ordered, change);
    return { ...ordered, waiting: [] };
  }

  async #tellChange(
    order: Order,
    told: OrderChange,
  ): Promise<{ sku: string; result: MutationResult }[] | undefined> {
    const change = told.lines ? { ...told, lines: recognized(order, told.lines).lines } : told;
    const parts = partsOf(order, change);
    if (parts === undefined) return undefined;
    const requests = [...parts].map(([sku, own]): [string, MutationRequest[]] => [
      sku,
      [changeRequest(change, own)],
    ]);
    const results = await this.#effects.tell(requests);
    return requests.flatMap(([sku], index) => (results[index] ?? []).map((result) => ({ sku, result })));
  }

  /** News that is lost on the way is sent again by the SKUs themselves. */
  #send(news: StockEventsMessage[]): void {
    if (news.length === 0) return;
    const sent = sendStockEvents(this.env.STOCK_EVENTS, news).catch((error: unknown) => {
      log("news.not_sent", { of: "order" }, { error });
    });
    this.ctx.waitUntil(sent);
  }

  #load(orderId: string): Order | undefined {
    return this.#store.exists() ? this.#store.load(orderId) : undefined;
  }

  /** Keeps an order among those it belongs to. */
  #keep(order: Order | undefined): void {
    if (order === undefined) return;
    if (isPending(order)) this.#savePending(order);
    else this.#saveDone(order);
  }

  #savePending(order: Order): Order {
    this.ctx.storage.transactionSync(() => {
      this.#store.migrate();
      this.#store.savePending(order);
    });
    return order;
  }

  #saveDone(order: Order): Order {
    this.ctx.storage.transactionSync(() => {
      this.#store.migrate();
      this.#store.saveDone(order);
    });
    return order;
  }
}
