import type { OrderReportFact, ReportAnswer } from "../../order/contract.ts";
import type { External } from "../../protocol/channel.ts";
import type { InboundStatusView } from "../../protocol/inbound.ts";
import type { PublicationRule } from "../../protocol/rule.ts";
import type { Sql } from "../../storage/schema.ts";
import { unreachable } from "../../stock/refusal.ts";
import type { KeptFact, ReceiveResult } from "../contract.ts";
import type { InboundRequest, LevelReport, Received } from "../kit/inbound.ts";
import { Inbox } from "./inbox.ts";
import { type FactQuery, InboxStore } from "./inbox-store.ts";
import type { Listener } from "./inbox-work.ts";
import { type Directory, type Identified, skuOf } from "./orders-in.ts";
import type { Asked, Question } from "../kit/question.ts";
import { type PollingState, Poller } from "./polling.ts";
import type { Connection, OpenChannel } from "../kit/registered.ts";
import { type ChannelRecord, connect } from "../record.ts";

/** What taking in a channel's news does to the world. */
export interface ReceptionEffects {
  now(): number;
  random(): number;
  sleep(ms: number): Promise<void>;
  /** Makes sure that `poke` is called by then, even after a crash. */
  wakeBy(atMs: number): void;
  readonly sql: Sql;
  /** All or nothing of the writes in `run`. */
  transaction<Result>(run: () => Result): Result;
  readPolling(): PollingState | undefined;
  savePolling(state: PollingState): void;
  record(): ChannelRecord;
  /** Undefined if the channel's secrets could not be opened. */
  channel(): OpenChannel | undefined;
  /** The channel with credentials that were replaced and are still good. */
  former(): readonly OpenChannel[];
  readonly listener: Listener;
  skusOf(itemKeys: readonly string[]): ReadonlyMap<string, readonly string[]>;
  /** Whether a SKU has a listing without an item of its own. */
  isListedBySku(sku: string): boolean;
  /** The publication rule that holds for a SKU on this channel. */
  ruleOf(sku: string): PublicationRule | undefined;
  /** Tells an order; answers within a bounded time, or throws. */
  report(fact: OrderReportFact): Promise<ReportAnswer>;
  /** The channel shows a number that nothing explains. */
  drifted(sku: string, level: LevelReport): void;
  /** What was applied may have made listings due. */
  applied(): void;
}

/**
 * Where a channel's news arrive: verifies what is sent, asks for what is not, and has the inbox keep both before
 * anybody is told that it arrived. Never waits for a SKU. Pausing a channel stops what it is told, not what it tells.
 */
export class Reception {
  readonly #effects: ReceptionEffects;
  readonly #store: InboxStore;
  readonly #directory: Directory;
  readonly #inbox: Inbox;
  readonly #poller: Poller;
  readonly #tally: { forged: number; malformed: number; ignored: number; lastMalformed?: Said } = {
    forged: 0,
    malformed: 0,
    ignored: 0,
  };
  #connected: { readonly settings: object; readonly connection: Connection } | undefined;

  constructor(effects: ReceptionEffects) {
    this.#effects = effects;
    this.#store = new InboxStore(effects.sql);
    this.#directory = {
      itemKey: (external) => this.#connection.itemKey(external),
      skusOf: (itemKeys) => effects.skusOf(itemKeys),
      isListedBySku: (sku) => effects.isListedBySku(sku),
    };
    this.#inbox = new Inbox({
      now: () => effects.now(),
      random: () => effects.random(),
      sleep: (ms) => effects.sleep(ms),
      wakeBy: (atMs) => effects.wakeBy(atMs),
      newId: () => crypto.randomUUID(),
      transaction: (run) => effects.transaction(run),
      store: this.#store,
      channel: effects.record().id,
      listener: effects.listener,
      directory: this.#directory,
      report: (fact) => effects.report(fact),
      lookUp: () => {
        const channel = effects.channel();
        return channel && this.#connection.abilities.canLookUp ? (ids) => channel.lookUp(ids) : undefined;
      },
      drifted: (sku, level) => effects.drifted(sku, level),
      applied: () => effects.applied(),
    });
    this.#poller = new Poller({
      now: () => effects.now(),
      random: () => effects.random(),
      wakeBy: (atMs) => effects.wakeBy(atMs),
      source: () => {
        const channel = effects.channel();
        const everyMs = this.#connection.abilities.pollEveryMs;
        if (channel === undefined || everyMs === undefined) return undefined;
        const { destination } = effects.record();
        return {
          destination,
          everyMs,
          poll: (cursor) => channel.poll(cursor),
          acknowledge: (receipts) => channel.acknowledge(receipts),
        };
      },
      readState: () => effects.readPolling(),
      saveState: (state) => effects.savePolling(state),
      keep: (facts, also) => {
        this.#inbox.keep(facts, undefined, also);
        effects.applied();
      },
    });
  }

  /** Up to when the channel was asked for news; undefined if it tells by itself. */
  get askedAtMs(): number | undefined {
    return this.#poller.askedAtMs;
  }

  /** Finds what waits, after a start. */
  restore(): void {
    this.#inbox.restore();
  }

  /** The channel may be another one now: it is asked for news at once. */
  reconfigured(): void {
    this.#poller.hurry();
  }

  /** Takes in a request to the channel's inbound address. Kept before it answers. */
  async receive(request: InboundRequest): Promise<ReceiveResult> {
    const channel = this.#effects.channel();
    if (channel === undefined) return { outcome: "unavailable" };
    const received = await this.#verified(channel, request);
    switch (received.outcome) {
      case "facts":
        return { outcome: "kept", accepted: this.#inbox.keep(received.facts, received.dedupeKey) };
      case "reply":
        return received;
      case "question":
        return {
          outcome: "question",
          kind: this.#effects.record().kind,
          asked: this.#about(received.question),
        };
      case "ignored":
        this.#tally.ignored += 1;
        return { outcome: "kept", accepted: 0 };
      case "forged":
        this.#tally.forged += 1;
        return received;
      case "malformed":
        this.#tally.malformed += 1;
        this.#tally.lastMalformed = { detail: received.detail, atMs: this.#effects.now() };
        return received;
      default:
        return unreachable(received);
    }
  }

  /** What the request says; what is not signed as it should be now may be signed as it should have been before. */
  async #verified(channel: OpenChannel, request: InboundRequest): Promise<Received> {
    const received = await channel.receive(request);
    if (received.outcome !== "forged") return received;
    for (const former of this.#effects.former()) {
      const before = await former.receive(request);
      if (before.outcome !== "forged") return before;
    }
    return received;
  }

  /** Applies what waits and asks for news if it is time; over when there is nothing to do for a while. */
  async poke(): Promise<void> {
    await Promise.all([this.#inbox.poke(), this.#poller.poke()]);
  }

  /** When the object must be awake even after a crash; Infinity if nothing waits and nobody is asked. */
  wakeAtMs(): number {
    return Math.min(this.#inbox.wakeAtMs(), this.#poller.wakeAtMs());
  }

  stop(): void {
    this.#inbox.stop();
    this.#poller.stop();
  }

  facts(query: FactQuery): KeptFact[] {
    return this.#store.page(query);
  }

  replay(seq: number | undefined): number {
    return this.#inbox.replay(seq);
  }

  /** The SKU of an item of the channel. */
  skuOf(item: Identified): string | undefined {
    return skuOf(item, this.#directory);
  }

  /** What the channel knows about a question. */
  #about(question: Question): Asked {
    switch (question.type) {
      case "availability": {
        const sku = this.#sold(question.item);
        return {
          type: "availability",
          question,
          sku,
          rule: sku === undefined ? undefined : this.#effects.ruleOf(sku),
        };
      }
      case "approval":
        return { type: "approval", question, skus: question.lines.map(({ item }) => this.#sold(item)) };
      case "abandoned":
        return { type: "abandoned", question };
      default:
        return unreachable(question);
    }
  }

  /** The SKU of an item that the channel may sell. One that sells all knows those without a listing by their SKU. */
  #sold(item: string): string | undefined {
    const isAll = this.#effects.record().listings === "all";
    return this.skuOf(isAll ? { external: item, sku: item } : { external: item });
  }

  /** Why an item cannot become the listing of a SKU, which is listed as `known` now; undefined if it can. */
  refuseItem(sku: string, external: External, known: External | undefined): string | undefined {
    const key = this.#directory.itemKey(external);
    if (known !== undefined && this.#directory.itemKey(known) !== key) {
      return `${sku} is listed as ${JSON.stringify(known)} already; change that first, or leave out remember`;
    }
    const other = this.#directory
      .skusOf([key])
      .get(key)
      ?.find((listed) => listed !== sku);
    return other && `this item is the listing of ${other}; change that first, or leave out remember`;
  }

  status(): InboundStatusView {
    const { waiting, parked, oldestWaitingAtMs, lastFailure, lastNote, ...counts } = this.#inbox.status();
    const { lastMalformed, ...refused } = this.#tally;
    const asked = this.#poller.status;
    return {
      ...counts,
      ...refused,
      waiting,
      parked,
      ...(oldestWaitingAtMs !== undefined && { oldestWaitingAt: new Date(oldestWaitingAtMs).toISOString() }),
      ...said("lastFailure", lastFailure),
      ...said("lastNote", lastNote),
      ...said("lastMalformed", lastMalformed),
      ...(asked.lastAtMs !== undefined && { lastAskedAt: new Date(asked.lastAtMs).toISOString() }),
      ...said("lastAskFailure", asked.lastFailure),
    };
  }

  get #connection(): Connection {
    const record = this.#effects.record();
    if (this.#connected?.settings !== record.settings) {
      this.#connected = { settings: record.settings, connection: connect(record) };
    }
    return this.#connected.connection;
  }
}

interface Said {
  readonly detail: string;
  readonly atMs: number;
}

function said<Name extends string>(
  name: Name,
  what: Said | undefined,
): Partial<Record<Name, { detail: string; at: string }>> {
  if (what === undefined) return {};
  const view = { detail: what.detail, at: new Date(what.atMs).toISOString() };
  return { [name]: view } as Record<Name, typeof view>;
}
