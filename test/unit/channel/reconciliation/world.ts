import { ListingImport } from "../../../../src/channel/reconciliation/importer.ts";
import {
  ChannelUnreadableError,
  type ChannelLevel,
  type Publication,
} from "../../../../src/channel/kit/adapter.ts";
import {
  type Correction,
  correctionRefused,
} from "../../../../src/channel/reconciliation/drift-correction.ts";
import { DriftLog } from "../../../../src/channel/reconciliation/drift-log.ts";
import type { Listing } from "../../../../src/channel/listings/listing.ts";
import { PageReader } from "../../../../src/channel/reconciliation/page-reader.ts";
import { Publisher } from "../../../../src/channel/publishing/publisher.ts";
import type { ReconcileRun } from "../../../../src/channel/reconciliation/run.ts";
import { ReconcileStore } from "../../../../src/channel/reconciliation/store.ts";
import { Reconciler } from "../../../../src/channel/reconciliation/reconciler.ts";
import type { Work } from "../../../../src/channel/reconciliation/steps.ts";
import { ChannelStore } from "../../../../src/channel/store.ts";
import type { DriftPolicy } from "../../../../src/protocol/channel.ts";
import type { PublicationRule } from "../../../../src/protocol/rule.ts";
import type { StockView } from "../../../../src/protocol/stock.ts";
import type { MutationResult } from "../../../../src/sku/contract.ts";
import { MemorySql } from "../../sku/sqlite.ts";
import { stock } from "../world.ts";

const limits = { batchMax: 100, concurrency: 5, ratePerSecond: 1_000, burst: 1_000 };

/** An item as the channel of a test has it. */
export interface Item {
  readonly sku?: string | undefined;
  quantity: number | undefined;
  updatedAtMs?: number | undefined;
}

/** A channel that can be read, the real publisher and the real store, in virtual time. */
export class ReconcileWorld {
  nowMs = 1_800_000_000_000;
  policy: DriftPolicy = "stockwire";
  rule: PublicationRule | undefined;
  isPaused = false;
  pageSize = 50;
  /** A page says that it comes after itself. */
  goesRound = false;
  /** What the next reads fail with. */
  failures: Error[] = [];
  /** By the id that is a listing's `external`. */
  readonly items = new Map<string, Item>();
  readonly stocks = new Map<string, StockView>();
  readonly corrections: Correction[] = [];
  readonly held = new Set<string>();
  /** Cursors of the pages that were read. */
  readonly reads: (string | undefined)[] = [];
  /** Says no to corrections. */
  refuseCorrection: MutationResult | undefined;
  /** Happens while a page is on its way. */
  whileReading: () => void = () => undefined;
  readonly sql = new MemorySql();
  readonly store: ChannelStore;
  readonly publisher: Publisher;
  runs: ReconcileStore;
  reconciler: Reconciler;
  importer: ListingImport;

  constructor() {
    this.store = new ChannelStore({ sql: this.sql, transactionSync: this.sql.transaction });
    this.store.migrate();
    this.publisher = this.#newPublisher();
    this.runs = this.#newRuns();
    this.reconciler = this.#newReconciler();
    this.importer = this.#newImporter();
  }

  get drift(): DriftLog {
    return new DriftLog(this.runs);
  }

  /** A listing with stock that the channel was told of, long ago. */
  async listed(sku: string, available: number, external: string | undefined = `id-${sku}`): Promise<void> {
    if (external !== undefined && !this.items.has(external)) this.items.set(external, { sku, quantity: 0 });
    this.publisher.define(sku, { external }, undefined);
    this.sell(sku, available);
    await this.publish();
    this.pass(3_600_000);
  }

  /** The SKU has so many from now on. */
  sell(sku: string, available: number): void {
    const view = stock(sku, (this.stocks.get(sku)?.version ?? 0) + 1, available);
    this.stocks.set(sku, view);
    this.publisher.submit([{ stock: view }]);
  }

  async publish(): Promise<void> {
    void this.publisher.poke();
    await settled();
  }

  pass(ms: number): void {
    this.nowMs += ms;
  }

  /** Somebody changes a number in the channel's own admin. */
  edit(external: string, quantity: number | undefined, agoMs = 0): void {
    const item = this.items.get(external);
    this.items.set(external, { sku: item?.sku, quantity, updatedAtMs: this.nowMs - agoMs });
  }

  /** A run from beginning to end; what is due is published after it. */
  async reconcile(): Promise<ReconcileRun> {
    this.reconciler.start("hand", this.nowMs);
    await this.finish(this.reconciler);
    await this.publish();
    const [run] = this.runs.runs("reconcile");
    if (run === undefined) throw new Error("there is no run");
    return run;
  }

  /** Takes steps until there is nothing to do, waiting as long as it takes. */
  async finish(work: Work, steps = Number.POSITIVE_INFINITY): Promise<void> {
    for (let taken = 0; taken < steps; taken += 1) {
      const nextMs = work.nextAtMs();
      if (nextMs === Number.POSITIVE_INFINITY) return;
      this.nowMs = Math.max(this.nowMs, nextMs);
      await work.step();
    }
  }

  /** The object loses its memory. */
  restart(): void {
    this.runs = this.#newRuns();
    this.reconciler = this.#newReconciler();
    this.importer = this.#newImporter();
  }

  listing(sku: string): Listing | undefined {
    return this.store.get([sku]).get(sku);
  }

  #newPublisher(): Publisher {
    return new Publisher(
      {
        mode: "listed",
        terms: {
          channel: "shop",
          rule: undefined,
          destination: 1,
          shown: ({ quantity }) => String(quantity),
          itemKey: String,
        },
        limits,
        publish: async (publications) => publications.map((publication) => this.#take(publication)),
      },
      undefined,
      {
        now: () => this.nowMs,
        random: () => 0.5,
        sleep: () => new Promise(() => undefined),
        wakeBy: () => undefined,
        store: this.store,
        saveHealth: () => undefined,
        isPaused: () => this.isPaused,
        pause: () => undefined,
        log: () => undefined,
      },
    );
  }

  #take({ sku, external, quantity }: Publication) {
    const id = typeof external === "string" ? external : sku;
    const item = this.items.get(id);
    if (item === undefined) return { outcome: "rejected" as const, detail: "404: no such item" };
    this.items.set(id, { sku: item.sku, quantity, updatedAtMs: this.nowMs });
    return { outcome: "ok" as const };
  }

  #newRuns(): ReconcileStore {
    return new ReconcileStore(this.sql, this.sql.transaction);
  }

  #newReader(): PageReader {
    return new PageReader({
      now: () => this.nowMs,
      random: () => 0.5,
      calls: () => this.publisher.otherCalls,
      readPage: async (cursor) => {
        this.reads.push(cursor);
        const failure = this.failures.shift();
        if (failure !== undefined) throw failure;
        const page = this.#page(Number(cursor ?? 0));
        this.whileReading();
        return page;
      },
    });
  }

  #page(start: number) {
    const all = [...this.items];
    const items = all.slice(start, start + this.pageSize).map(([external, item]): ChannelLevel => {
      const { sku, quantity, updatedAtMs } = item;
      return {
        external,
        sku,
        quantity,
        updatedAt: updatedAtMs === undefined ? undefined : new Date(updatedAtMs).toISOString(),
      };
    });
    const end = start + this.pageSize;
    if (this.goesRound) return { items, next: String(start) };
    return { items, next: end < all.length ? String(end) : undefined };
  }

  #newReconciler(): Reconciler {
    let ids = this.runs.runs("reconcile").length;
    return new Reconciler({
      now: () => this.nowMs,
      newId: () => `run-${(ids += 1)}`,
      store: this.runs,
      drift: this.drift,
      reader: this.#newReader(),
      listings: this.store,
      itemKey: String,
      policy: () => this.policy,
      channelRule: () => this.rule,
      isPaused: () => this.isPaused,
      hasHeldOrders: (sku) => this.held.has(sku),
      ordersAskedAtMs: () => undefined,
      reconciled: (sku, actual, action) => this.publisher.reconciled(sku, actual, action),
      correct: async (run, sku, adjustment) => {
        if (this.refuseCorrection !== undefined) return correctionRefused(this.refuseCorrection);
        this.corrections.push({ ...adjustment, channel: "shop", run, sku });
        this.sell(sku, (this.stocks.get(sku)?.available ?? 0) + adjustment.delta);
        return undefined;
      },
    });
  }

  #newImporter(): ListingImport {
    return new ListingImport({
      now: () => this.nowMs,
      newId: () => "import",
      store: this.runs,
      reader: this.#newReader(),
      listings: this.store,
      itemKey: String,
      known: async (skus) => new Set(skus.filter((sku) => this.stocks.has(sku))),
      stockOf: async (skus) => skus.flatMap((sku) => this.stocks.get(sku) ?? []),
      list: (sku, external) => {
        this.publisher.define(sku, { external, rule: this.listing(sku)?.rule }, undefined);
      },
      backfill: (stocks) => {
        this.publisher.submit(
          stocks.map((view) => ({ stock: view })),
          true,
        );
      },
    });
  }
}

export function unreadable(detail: string, retryAfterMs?: number): ChannelUnreadableError {
  return new ChannelUnreadableError(detail, retryAfterMs);
}

/** Lets everything happen that needs no time. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
