import type { Order } from "../../../src/order/order.ts";
import { isPending, isUnmatched } from "../../../src/order/order.ts";
import { withReportDone } from "../../../src/order/recording.ts";
import { withMatch, withReport } from "../../../src/order/report.ts";
import {
  type SettlementEffects,
  settleLines,
  settleReport,
  type SkuRequests,
} from "../../../src/order/settlement.ts";
import type { ReportAnswer, ToldLine } from "../../../src/order/contract.ts";
import type { MutationResult } from "../../../src/sku/contract.ts";
import type { StockEvent } from "../../../src/protocol/event.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { available, totals } from "../../../src/stock/quantities.ts";
import { exists, type SkuState, unknownSku } from "../../../src/stock/state.ts";
import { transact } from "../../../src/stock/transact.ts";
import { stockView } from "../../../src/stock/view.ts";

/** A line as its channel counts it; what is not said is 0. */
export function line(lineId: string, sku: string | undefined, counts: Partial<ToldLine>): ToldLine {
  const none = { ordered: 0, cancelled: 0, fulfilled: 0, restocked: 0, writtenOff: 0 };
  return { lineId, sku, name: sku ?? "item", ...none, ...counts };
}

/** Order 1001 of a shop, and the SKUs it is about: real decisions, kept in memory. */
export class Shop {
  readonly skus = new Map<string, SkuState>();
  readonly events: StockEvent[] = [];
  order: Order | undefined;
  /** What is written whenever the order is kept in between. */
  saved: Order | undefined;
  /** Lets so many calls of SKUs through, then loses the answer of the next one. */
  answersLeft = Number.POSITIVE_INFINITY;
  readonly #effects: SettlementEffects = {
    tell: async (requests) => this.#tell(requests),
    kitPosition: async (sku) => this.state(sku),
    save: (order) => {
      this.saved = structuredClone(order);
      return order;
    },
  };

  count(sku: string, onHand: number): void {
    this.mutate(sku, { type: "count", location: "default", onHand });
  }

  /** A SKU that is made of others. */
  compose(sku: string, components: readonly { sku: string; quantity: number }[]): void {
    this.mutate(sku, { type: "create", components });
  }

  mutate(sku: string, mutation: Mutation): MutationResult {
    const known = this.state(sku);
    const isFirst = !exists(known) && (mutation.type === "count" || mutation.type === "create");
    const { state, decision } = transact(
      isFirst ? unknownSku(sku, this.#nextEpoch(known)) : known,
      mutation,
      1,
    );
    if (decision.outcome === "refused") {
      return { outcome: "refused", replayed: false, refusal: decision.refusal };
    }
    this.skus.set(sku, state);
    if (decision.outcome === "events") this.events.push(...decision.events);
    const event = decision.outcome === "events" ? decision.events.at(-1) : undefined;
    const { epoch, version } = state;
    return {
      outcome: "done",
      replayed: false,
      position: { epoch, version },
      stock: stockView(state, 1),
      ...(event !== undefined && { event }),
    };
  }

  /** As an OrderObject does it. */
  async report(id: string, lines: readonly ToldLine[], stateAsOf?: string): Promise<ReportAnswer> {
    if (this.order?.lastReport?.id === id) return this.order.lastReport;
    const fact = { id, channel: "web", orderId: "1001", actor: "channel:web", lines, stateAsOf };
    this.order = this.saved = structuredClone(withReport(this.order, fact));
    return this.settle();
  }

  async match(lineId: string, sku: string): Promise<ReportAnswer> {
    const record = this.order?.lines[lineId];
    if (this.order === undefined || record === undefined || !isUnmatched(record))
      throw new Error("no such line");
    this.order = this.saved = withMatch(this.order, record, sku);
    return this.settle();
  }

  /** Tells the SKUs what they do not have; again after a crash. */
  async settle(): Promise<ReportAnswer> {
    const order = this.saved;
    if (order === undefined || !isPending(order)) throw new Error("nothing is to be settled");
    const settled = await settleReport(await settleLines(order, this.#effects), this.#effects);
    this.order = this.saved = withReportDone(settled);
    if (this.order.lastReport === undefined) throw new Error("the report is lost");
    return this.order.lastReport;
  }

  /** What a SKU says of itself, as far as orders change it. */
  stock(sku: string) {
    const state = this.state(sku);
    const { onHand, committed } = totals(state);
    return { onHand, committed, available: available(state) };
  }

  /** The counts that SKUs keep of the order's lines. */
  counts() {
    return [...this.skus.values()].flatMap((state) =>
      [...state.orderLines.values()].map(
        ({ lineId, ordered, cancelled, fulfilled, returned, writtenOff }) => ({
          sku: state.sku,
          lineId,
          ordered,
          cancelled,
          fulfilled,
          returned,
          writtenOff,
        }),
      ),
    );
  }

  state(sku: string): SkuState {
    return this.skus.get(sku) ?? unknownSku(sku, "");
  }

  #tell(requests: SkuRequests): MutationResult[][] {
    return requests.map(([sku, own]) => {
      const results = own.map(({ mutation }) => this.mutate(sku, mutation));
      if (this.answersLeft === 0) throw new Error("the answer is lost");
      this.answersLeft -= 1;
      return results;
    });
  }

  #nextEpoch({ epoch }: SkuState): string {
    return `${epoch}e`;
  }
}
