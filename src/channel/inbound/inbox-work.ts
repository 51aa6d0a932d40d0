import type { OrderReportFact, ReportAnswer } from "../../order/contract.ts";
import type { Position } from "../../protocol/position.ts";
import type { ChannelFact, LevelReport, OrderReport } from "../kit/inbound.ts";
import type { KeptFact } from "../contract.ts";
import type { InboxStore } from "./inbox-store.ts";
import type { LevelMeaning } from "../listings/level-meaning.ts";
import { bySku, type Directory, refuseFact, reportFact, skuOf } from "./orders-in.ts";
import { log } from "../../telemetry/log.ts";

/** The part of a publisher that must know what the channel sold. */
export interface Listener {
  hold(skus: readonly string[]): void;
  release(skus: readonly string[]): void;
  imported(sku: string, units: number, position: Position): void;
  levelSeen(sku: string, quantity: number, updatedAtMs: number): LevelMeaning;
}

/** What applying a fact does to the world. */
export interface FactEffects {
  now(): number;
  newId(): string;
  /** All or nothing of the writes in `run`. */
  transaction<Result>(run: () => Result): Result;
  readonly store: InboxStore;
  readonly channel: string;
  readonly listener: Listener;
  /** The listings and the channel's names of items, as they are now. */
  readonly directory: Directory;
  /** Tells an order; answers within a bounded time, or throws. */
  report(fact: OrderReportFact): Promise<ReportAnswer>;
  /** Absent if the channel cannot be asked about an order. */
  lookUp(): ((orderIds: readonly string[]) => Promise<ChannelFact[]>) | undefined;
  /** The channel shows a number that nothing explains. */
  drifted(sku: string, level: LevelReport): void;
  /** The channel was removed: nothing may be written any more. */
  isStopped(): boolean;
}

/** What has been applied since the channel's object was last loaded. */
export interface FactTally {
  applied: number;
  readonly levels: { echo: number; inFlight: number; drift: number; unlisted: number };
  /** What was told last that does not add up. */
  lastNote?: { readonly detail: string; readonly atMs: number } | undefined;
}

/** Applies what a channel told: decides nothing about when. */
export class FactApplier {
  readonly tally: FactTally = { applied: 0, levels: { echo: 0, inFlight: 0, drift: 0, unlisted: 0 } };
  readonly #effects: FactEffects;

  constructor(effects: FactEffects) {
    this.#effects = effects;
  }

  /** Applies a fact, and takes it out of the inbox or parks it. Throws if it is to be tried again. */
  async apply(seq: number): Promise<void> {
    const kept = this.#effects.store.load(seq);
    if (kept?.state !== "waiting") return;
    const refusal = refuseFact(kept.fact);
    if (refusal !== undefined) this.#effects.store.park(seq, refusal);
    else if (kept.fact.type === "order") await this.#applyReport(kept, kept.fact);
    else if (kept.fact.type === "level") this.#applyLevel(seq, kept.fact);
  }

  /** Whether a level says something that is not known yet. Most are echoes of our own numbers and cost no row. */
  isSuspect(level: LevelReport): boolean {
    const sku = skuOf(level, this.#effects.directory);
    if (sku === undefined) {
      this.tally.levels.unlisted += 1;
      return false;
    }
    return this.#meaningOf(sku, level) === "drift";
  }

  /** Fetches what hints only pointed to, in one call; what comes is kept in their place and answered. */
  async lookUp(seqs: readonly number[]): Promise<KeptFact[]> {
    const { store } = this.#effects;
    const lookUp = this.#effects.lookUp();
    const hints = seqs.flatMap((seq) => store.load(seq) ?? []);
    const refused = new Map(
      hints.flatMap(({ seq, fact }) => {
        const reason = refuseFact(fact) ?? (lookUp === undefined ? cannotLookUp : undefined);
        return reason === undefined ? [] : [[seq, reason]];
      }),
    );
    const asked = hints.filter(({ seq }) => !refused.has(seq));
    const orderIds = asked.flatMap(({ fact }) => (fact.type === "order-hint" ? [fact.orderId] : []));
    const facts = orderIds.length > 0 ? await lookUp?.([...new Set(orderIds)]) : undefined;
    if (this.#effects.isStopped()) return [];
    const nowMs = this.#effects.now();
    const found = new Set((facts ?? []).flatMap((fact) => (fact.type === "order" ? [fact.orderId] : [])));
    const lost = orderIds.filter((orderId) => !found.has(orderId));
    if (lost.length > 0) this.#note(`the channel told of orders it does not know: ${lost.join(", ")}`);
    return this.#effects.transaction(() => {
      for (const [seq, reason] of refused) store.park(seq, reason);
      store.remove(asked.map(({ seq }) => seq));
      // A hint that leads to a hint would lead nowhere for ever.
      const told = (facts ?? []).filter((fact) => fact.type === "order");
      return told.map((fact) => store.add(this.#effects.newId(), fact, nowMs));
    });
  }

  async #applyReport({ seq, id, replays }: KeptFact, report: OrderReport): Promise<void> {
    const { channel, directory, store, listener } = this.#effects;
    const answer = await this.#effects.report(reportFact(channel, `${id}.${replays}`, report, directory));
    if (this.#effects.isStopped()) return;
    this.#effects.transaction(() => {
      // What the channel sold counts as told only together with the fact that told it.
      for (const { sku, units, epoch, version } of bySku(answer.skus)) {
        listener.imported(sku, units, { epoch, version });
      }
      const refused = answer.refused.map(({ lineId, detail }) => `line ${lineId}: ${detail}`).join("; ");
      if (refused === "") store.remove([seq]);
      else store.park(seq, refused);
    });
    this.tally.applied += 1;
    if (answer.notes.length > 0) {
      this.#note(`order ${report.orderId} was recorded as far as it can be: ${answer.notes.join("; ")}`);
    }
  }

  #applyLevel(seq: number, level: LevelReport): void {
    const sku = skuOf(level, this.#effects.directory);
    const isDrift = sku !== undefined && this.#meaningOf(sku, level) === "drift";
    this.#effects.transaction(() => {
      if (isDrift) this.#effects.drifted(sku, level);
      this.#effects.store.remove([seq]);
    });
    if (isDrift) this.tally.levels.drift += 1;
  }

  #note(detail: string): void {
    const { channel } = this.#effects;
    this.tally.lastNote = { detail, atMs: this.#effects.now() };
    log("channel.report_odd", { channel, detail });
  }

  #meaningOf(sku: string, { quantity, updatedAt }: LevelReport): LevelMeaning {
    const meaning = this.#effects.listener.levelSeen(sku, quantity, Date.parse(updatedAt));
    if (meaning === "echo") this.tally.levels.echo += 1;
    if (meaning === "in-flight") this.tally.levels.inFlight += 1;
    return meaning;
  }
}

const cannotLookUp = "this kind of channel cannot be asked about an order";
