import { DurableObject } from "cloudflare:workers";
import { sendStockEvents } from "../ledger/outgoing.ts";
import type { StockEventsMessage } from "../protocol/queue.ts";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import { type Backoff, halfJitter } from "../storage/backoff.ts";
import { KeyedExclusive } from "../storage/exclusive.ts";
import { Wake } from "../storage/wake.ts";
import type { ChangeResult, OrderChange, OrderFact, OrderLineResult, PlaceResult } from "./contract.ts";
import { conflictOf, type Order, partsOf, pendingLines, withKit, withLines, withResults } from "./order.ts";
import { changeLine, changeRequest, lineResult, provenanceOf, tellSkus } from "./sku-calls.ts";
import { OrderStore } from "./store.ts";
import { keepUnmatched } from "./unmatched.ts";

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
      const known = this.#load(fact.orderId);
      const conflict = conflictOf(known, fact.lines);
      if (conflict !== undefined) return { outcome: "conflict", ...conflict };
      const isNew = fact.lines.some((line) => known?.lines[line.lineId] === undefined);
      const order = await this.#settle(isNew ? this.#savePending(withLines(known, fact)) : known);
      const lines = fact.lines.flatMap(({ lineId }) => order?.lines[lineId]?.result ?? []);
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
    if (order === undefined || pendingLines(order).length === 0) return order;
    this.#wake.by(Date.now() + halfJitter(applyBackoff, this.#attempts, Math.random()));
    this.#attempts += 1;
    const settled = await this.#applyLines(order);
    for (const change of settled.waiting) await this.#tellChange(settled, change);
    this.#attempts = 0;
    return this.#saveDone({ ...settled, waiting: [] });
  }

  async #applyLines(order: Order): Promise<Order> {
    const pending = pendingLines(order);
    const answers = await this.#tellLines(order);
    const kits = pending.flatMap(({ line }) => {
      const answer = answers.get(line.sku);
      const isKit = answer?.outcome === "refused" && answer.refusal.code === "sku-is-kit";
      return isKit ? [{ lineId: line.lineId, components: answer.refusal.components }] : [];
    });
    const expanded = kits.reduce((changed, kit) => withKit(changed, kit.lineId, kit.components), order);
    if (kits.length > 0) {
      const ofKits = new Set(kits.map((kit) => kit.lineId));
      const plain = pending.filter(({ line }) => !ofKits.has(line.lineId));
      const withPlain = withResults(
        expanded,
        plain.map((record) => lineResult(record, answers)),
      );
      await keepUnmatched(this.env.LEDGER, withPlain, resultsOf(withPlain), Date.now());
      return this.#applyLines(this.#savePending(withPlain));
    }
    const settled = withResults(
      order,
      pending.map((record) => lineResult(record, answers)),
    );
    await keepUnmatched(this.env.LEDGER, settled, resultsOf(settled), Date.now());
    return settled;
  }

  /** One call per SKU; the answers by SKU. */
  async #tellLines(order: Order): Promise<Map<string, MutationResult>> {
    const legs = pendingLines(order).flatMap(({ line, legs: own }) =>
      own.map((leg) => ({
        ...line,
        sku: leg.sku,
        lineId: leg.lineId,
        quantity: line.quantity * leg.perUnit,
      })),
    );
    const bySku = [...Map.groupBy(legs, (leg) => leg.sku)].map(
      ([sku, lines]): [string, MutationRequest[]] => [
        sku,
        [{ fingerprint: "", mutation: { ...provenanceOf(order), type: "order", lines } }],
      ],
    );
    const results = await tellSkus(this.env.SKU, bySku, (news) => this.#send(news));
    return new Map(bySku.flatMap(([sku], index) => (results[index] ?? []).map((result) => [sku, result])));
  }

  async #tellChange(
    order: Order,
    change: OrderChange,
  ): Promise<{ sku: string; result: MutationResult }[] | undefined> {
    const parts = partsOf(order, change);
    if (parts === undefined) return undefined;
    const requests = [...parts].map(([sku, own]): [string, MutationRequest[]] => [
      sku,
      [changeRequest(change, own)],
    ]);
    const results = await tellSkus(this.env.SKU, requests, (news) => this.#send(news));
    return requests.flatMap(([sku], index) => (results[index] ?? []).map((result) => ({ sku, result })));
  }

  /** News that is lost on the way is sent again by the SKUs themselves. */
  #send(news: StockEventsMessage[]): void {
    if (news.length === 0) return;
    const sent = sendStockEvents(this.env.STOCK_EVENTS, news).catch((error: unknown) => {
      console.warn(JSON.stringify({ message: "news of an order were not sent", error: String(error) }));
    });
    this.ctx.waitUntil(sent);
  }

  #load(orderId: string): Order | undefined {
    return this.#store.exists() ? this.#store.load(orderId) : undefined;
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

function resultsOf(order: Order): OrderLineResult[] {
  return Object.values(order.lines).flatMap((record) => record.result ?? []);
}
