import type { ChannelStatusView, External } from "../../protocol/channel.ts";
import type { DriftView, Findings } from "../../protocol/reconciliation.ts";
import type { StockView } from "../../protocol/stock.ts";
import type { MutationResult } from "../../sku/contract.ts";
import type { Sql } from "../../storage/schema.ts";
import { sealedElsewhere } from "../secrets/pair.ts";
import { tested } from "./connection-test.ts";
import type {
  ChannelRefusal,
  DriftResult,
  ImportResult,
  ReconcileResult,
  Refused,
  ReportResult,
} from "../contract.ts";
import { type Correction, correctionRefused } from "./drift-correction.ts";
import { DriftLog } from "./drift-log.ts";
import { importView } from "./import.ts";
import { ListingImport } from "./importer.ts";
import type { LevelReport } from "../kit/inbound.ts";
import { offeredQuantity } from "../listings/listing.ts";
import { PageReader } from "./page-reader.ts";
import type { Publisher } from "../publishing/publisher.ts";
import type { ListingsLookup } from "./page.ts";
import { reconciliationReport, reconciliationView, type ReconcileRun, timestamp } from "./run.ts";
import { ReconcileStore } from "./store.ts";
import { Reconciler } from "./reconciler.ts";
import type { Connection, OpenChannel } from "../kit/registered.ts";
import { Steps, type Work } from "./steps.ts";
import { type ChannelRecord, connect } from "../record.ts";
import { atMost } from "../../storage/within.ts";

/** Open drift that is listed. */
const openMax = 500;

/** How long an import is waited for before its progress is answered. */
const importWaitMs = 5_000;

export interface CareEffects {
  now(): number;
  random(): number;
  newId(): string;
  sleep(ms: number): Promise<void>;
  /** Makes sure that `poke` is called by then, even after a crash. */
  wakeBy(atMs: number): void;
  readonly sql: Sql;
  /** All or nothing of the writes in `run`. */
  transaction<Result>(run: () => Result): Result;
  record(): ChannelRecord;
  /** Undefined if the channel's secrets could not be opened. */
  channel(): OpenChannel | undefined;
  readonly publisher: Pick<Publisher, "otherCalls" | "isHeld" | "reconciled" | "define" | "submit">;
  readonly listings: ListingsLookup;
  /** Which of these SKUs Stockwire knows. */
  known(skus: readonly string[]): Promise<ReadonlySet<string>>;
  /** The newest stock of SKUs; those that are gone are left out. */
  stockOf(skus: readonly string[]): Promise<StockView[]>;
  /** Up to when the channel's orders were asked for; undefined if they come by themselves. */
  ordersAskedAtMs(): number | undefined;
  correct(correction: Correction): Promise<MutationResult | undefined>;
  /** Listings may be due now. */
  changed(): void;
}

/** Looks after a channel besides telling it: compares what it shows, imports its listings, tests its connection. */
export class ChannelCare {
  readonly #effects: CareEffects;
  readonly #store: ReconcileStore;
  readonly #drift: DriftLog;
  readonly #reconciler: Reconciler;
  readonly #import: ListingImport;
  readonly #works: readonly Steps[];
  #connected: { readonly settings: object; readonly connection: Connection } | undefined;

  constructor(effects: CareEffects) {
    this.#effects = effects;
    const { publisher, listings } = effects;
    const store = new ReconcileStore(effects.sql, (run) => effects.transaction(run));
    this.#store = store;
    this.#drift = new DriftLog(store);
    const reader = new PageReader({
      now: () => effects.now(),
      random: () => effects.random(),
      calls: () => publisher.otherCalls,
      readPage: async (cursor) => {
        const channel = effects.channel();
        if (channel === undefined) throw new Error(sealedElsewhere);
        return channel.readPage(cursor);
      },
    });
    const common = {
      now: () => effects.now(),
      newId: () => effects.newId(),
      itemKey: (external: External) => this.#connection.itemKey(external),
      store,
      reader,
      listings,
    };
    this.#reconciler = new Reconciler({
      ...common,
      drift: this.#drift,
      policy: () => effects.record().drift ?? "stockwire",
      channelRule: () => effects.record().rule,
      isPaused: () => this.#isPaused,
      hasHeldOrders: (sku) => publisher.isHeld(sku),
      ordersAskedAtMs: () => effects.ordersAskedAtMs(),
      reconciled: (sku, actual, action) => publisher.reconciled(sku, actual, action),
      correct: async (run, sku, adjustment) => {
        const channel = effects.record().id;
        return correctionRefused(await effects.correct({ ...adjustment, channel, run, sku }));
      },
    });
    this.#import = new ListingImport({
      ...common,
      known: (skus) => effects.known(skus),
      stockOf: (skus) => effects.stockOf(skus),
      list: (sku, external) => {
        const rule = listings.get([sku]).get(sku)?.rule;
        publisher.define(sku, { external, rule }, undefined);
      },
      backfill: (stocks) => {
        publisher.submit(
          stocks.map((stock) => ({ stock })),
          true,
        );
      },
    });
    this.#works = [this.#steps(this.#reconciler), this.#steps(this.#import)];
  }

  /** Goes on with what is under way; over when there is nothing to do for a while. */
  async poke(): Promise<void> {
    await Promise.all(this.#works.map((work) => work.poke()));
  }

  /** When the object must be awake even after a crash; Infinity if nothing is under way. */
  wakeAtMs(): number {
    return Math.min(...this.#works.map((work) => work.wakeAtMs()));
  }

  /** The channel is somewhere else now: what was read of it says nothing any more. */
  moved(): void {
    this.#abandon("the channel was changed to another place; run it again");
  }

  /** Ends it for good, writing nothing. */
  stop(): void {
    this.#reconciler.forget();
    this.#import.forget();
  }

  /** Begins to compare all the channel shows, or joins the run under way. */
  reconcile(startedBy: ReconcileRun["startedBy"], startAtMs = this.#effects.now()): ReconcileResult {
    const refusal = this.#unreadable();
    if (refusal !== undefined) return refused(refusal);
    const run = this.#reconciler.start(startedBy, startAtMs);
    return { outcome: "accepted", run: reconciliationView(run, this.#effects.now()) };
  }

  /** The same by schedule, for those that can be read and are not paused. */
  reconcileBySchedule(startAtMs: number): void {
    if (!this.#isPaused) this.reconcile("schedule", startAtMs);
  }

  drift(): DriftResult {
    const nowMs = this.#effects.now();
    const runs = this.#store.runs("reconcile");
    const [newest] = runs;
    const drift: DriftView = {
      policy: this.#effects.record().drift ?? "stockwire",
      openCount: this.#drift.count(),
      open: this.#drift.first(openMax),
      runs: runs.map((run) => reconciliationView(run, nowMs)),
      ...(newest !== undefined && { report: reconciliationReport(newest, nowMs) }),
    };
    return { outcome: "found", drift };
  }

  report(id: string): ReportResult {
    const run = this.#store.runs("reconcile").find((candidate) => candidate.id === id);
    if (run === undefined)
      return refused({
        code: "run-not-found",
        detail: "the last 10 runs are kept; see GET /v1/channels/{id}/drift",
      });
    return { outcome: "found", report: reconciliationReport(run, this.#effects.now()) };
  }

  /** What the connection needs; bounded in time, never throws. */
  async test(): Promise<Findings> {
    return tested(this.#effects.channel());
  }

  /** Begins to list the channel's items, or joins the import under way; answers it done, or how far it is after 5 s. */
  async importListings(isDryRun: boolean): Promise<ImportResult> {
    const refusal = this.#unreadable();
    if (refusal !== undefined) return refused(refusal);
    const underWay = this.#import.current;
    if (underWay !== undefined && underWay.isDryRun !== isDryRun)
      return refused({ code: "import-running", isDryRun: underWay.isDryRun });
    this.#import.start(isDryRun);
    this.#effects.changed();
    const [, importing] = this.#works;
    if (importing !== undefined) await atMost(importWaitMs, importing.poke());
    return this.importState();
  }

  importState(): ImportResult {
    const run = this.#store.newestRun("import");
    if (run !== undefined) return { outcome: "found", import: importView(run) };
    const detail = "nothing was imported yet; begin with POST /v1/channels/{id}/listings/import";
    return refused({ code: "run-not-found", detail });
  }

  /** The channel told of a number that nothing explains. */
  drifted(sku: string, { external, quantity }: LevelReport): void {
    const listing = this.#effects.listings.get([sku]).get(sku);
    if (listing?.wanted === undefined) return;
    const ours = offeredQuantity({ ...listing, wanted: listing.wanted });
    this.#drift.note({ sku, external, ours, theirs: quantity }, this.#effects.now());
  }

  status(): Pick<ChannelStatusView, "drift" | "lastReconciliation" | "abilities"> {
    const last = this.#reconciler.lastEnded;
    const { pollEveryMs, ...can } = this.#connection.abilities;
    return {
      drift: { policy: this.#effects.record().drift ?? "stockwire", open: this.#drift.count() },
      ...(last?.endedAtMs !== undefined && {
        lastReconciliation: {
          id: last.id,
          state: last.phase === "failed" ? "failed" : "done",
          endedAt: timestamp(last.endedAtMs),
        },
      }),
      abilities: { ...can, ...(pollEveryMs !== undefined && { pollEveryMs }) },
    };
  }

  get #isPaused(): boolean {
    return this.#effects.record().pausedBecause !== undefined;
  }

  /** Parsing settings for every item of a large channel would cost more than all else. */
  get #connection(): Connection {
    const record = this.#effects.record();
    if (this.#connected?.settings !== record.settings)
      this.#connected = { settings: record.settings, connection: connect(record) };
    return this.#connected.connection;
  }

  #unreadable(): ChannelRefusal | undefined {
    const code = "channel-cannot-be-read";
    const { kind } = this.#effects.record();
    if (!this.#connection.abilities.canRead) {
      const detail =
        `a ${kind} channel is told, and cannot say what it shows: compare on its side with ` +
        "GET /v1/channels/{id}/listings, and list SKUs with PUT /v1/channels/{id}/listings/{sku}";
      return { code, detail };
    }
    return this.#effects.channel() === undefined ? { code, detail: sealedElsewhere } : undefined;
  }

  #abandon(detail: string): void {
    this.#reconciler.abandon(detail);
    this.#import.abandon(detail);
  }

  #steps(work: Work): Steps {
    const effects = this.#effects;
    const step = async () => {
      await work.step();
      effects.changed();
    };
    return new Steps({ nextAtMs: () => work.nextAtMs(), step }, effects);
  }
}

function refused(refusal: ChannelRefusal): Refused {
  return { outcome: "refused", refusal };
}
