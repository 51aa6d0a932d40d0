import type { ChannelFact, OrderReport, ReportedLine } from "../../../../src/channel/kit/inbound.ts";
import { Inbox } from "../../../../src/channel/inbound/inbox.ts";
import { InboxStore } from "../../../../src/channel/inbound/inbox-store.ts";
import type { Listener } from "../../../../src/channel/inbound/inbox-work.ts";
import type { LevelMeaning } from "../../../../src/channel/listings/level-meaning.ts";
import { migrations } from "../../../../src/channel/migrations.ts";
import type { Directory } from "../../../../src/channel/inbound/orders-in.ts";
import type { OrderReportFact, ReportAnswer } from "../../../../src/order/contract.ts";
import { migrate } from "../../../../src/storage/schema.ts";
import { MemorySql } from "../../sku/sqlite.ts";

export function sold(lineId: string, sku: string, ordered: number): ReportedLine {
  return { lineId, sku, ordered, cancelled: 0, fulfilled: 0, restocked: 0, writtenOff: 0 };
}

export function orderOf(orderId: string, ...lines: ReportedLine[]): OrderReport {
  return { type: "order", orderId, lines };
}

export const answered: ReportAnswer = { skus: [], unmatched: [], refused: [], notes: [] };

/** An inbox over real SQL, in virtual time, with a publisher that notes what it is told. */
export class InboxWorld {
  nowMs = 1_000_000;
  readonly sql = new MemorySql();
  readonly store = new InboxStore(this.sql);
  /** What happened, in order. */
  readonly log: string[] = [];
  readonly reports: OrderReportFact[] = [];
  readonly drift: string[] = [];
  readonly items = new Map<string, string[]>();
  readonly listedBySku = new Set<string>();
  meaning: LevelMeaning = "drift";
  report: (fact: OrderReportFact) => Promise<ReportAnswer> = async () => answered;
  lookUp: ((orderIds: readonly string[]) => Promise<ChannelFact[]>) | undefined;
  listener: Listener = {
    hold: (skus) => this.#note("hold", skus),
    release: (skus) => this.#note("release", skus),
    imported: (sku, units, { version }) => {
      this.log.push(`imported ${units} ${sku} ${version}`);
    },
    levelSeen: () => this.meaning,
  };
  readonly directory: Directory = {
    itemKey: (external) => JSON.stringify(external),
    skusOf: (keys) => new Map(keys.flatMap((key) => [[key, this.items.get(key) ?? []]])),
    isListedBySku: (sku) => this.listedBySku.has(sku),
  };
  inbox: Inbox;
  #alarmAtMs = Number.POSITIVE_INFINITY;
  #timers: { atMs: number; run: () => void }[] = [];

  constructor() {
    migrate(this.sql, migrations);
    this.inbox = this.#newInbox();
  }

  /** As ChannelObject does it: kept, then applied in the background. */
  keep(facts: readonly ChannelFact[], key?: string): number {
    const accepted = this.inbox.keep(facts, key);
    this.poke();
    return accepted;
  }

  poke(): void {
    void this.inbox.poke();
    this.#wakeBy(this.inbox.wakeAtMs());
  }

  /** The object loses its memory; only the alarm or a command brings it back. */
  evict(): void {
    this.inbox.stop();
    this.#timers = [];
    this.inbox = this.#newInbox();
    this.inbox.restore();
    this.#wakeBy(this.inbox.wakeAtMs());
  }

  /** Lets time pass. */
  async run(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await settled();
    for (;;) {
      const nextMs = Math.min(this.#alarmAtMs, ...this.#timers.map((timer) => timer.atMs));
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const due = this.#timers.filter((timer) => timer.atMs <= this.nowMs);
      this.#timers = this.#timers.filter((timer) => timer.atMs > this.nowMs);
      for (const timer of due) timer.run();
      if (this.#alarmAtMs <= this.nowMs) {
        this.#alarmAtMs = Number.POSITIVE_INFINITY;
        this.poke();
      }
      await settled();
    }
    this.nowMs = untilMs;
  }

  #newInbox(): Inbox {
    return new Inbox({
      now: () => this.nowMs,
      random: () => 0.5,
      sleep: (ms) =>
        new Promise((resolve) => {
          this.#timers.push({ atMs: this.nowMs + ms, run: resolve });
        }),
      wakeBy: (atMs) => this.#wakeBy(atMs),
      newId: () => crypto.randomUUID(),
      transaction: (run) => this.sql.transaction(run),
      store: this.store,
      channel: "web",
      listener: {
        hold: (skus) => this.listener.hold(skus),
        release: (skus) => this.listener.release(skus),
        imported: (sku, units, position) => this.listener.imported(sku, units, position),
        levelSeen: (sku, quantity, atMs) => this.listener.levelSeen(sku, quantity, atMs),
      },
      directory: this.directory,
      report: async (fact) => {
        this.reports.push(fact);
        this.log.push(`report ${fact.orderId}`);
        return this.report(fact);
      },
      lookUp: () => this.lookUp,
      drifted: (sku, { quantity }) => {
        this.drift.push(`${sku} ${quantity}`);
      },
      applied: () => undefined,
    });
  }

  #note(what: string, skus: readonly string[]): void {
    if (skus.length > 0) this.log.push(`${what} ${skus.join(" ")}`);
  }

  #wakeBy(atMs: number): void {
    this.#alarmAtMs = Math.min(this.#alarmAtMs, atMs);
  }
}

/** Lets everything happen that needs no time. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
