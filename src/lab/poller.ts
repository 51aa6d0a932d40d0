import type { SyncResult } from "../protocol/sync-gap.ts";
import { Ages, visibilityOf } from "./ages.ts";
import { Market } from "./market.ts";
import type { OrderStream } from "./order-stream.ts";
import { spread } from "./spread.ts";

export interface PollerOptions {
  readonly name: string;
  /** From the beginning of one round to that of the next; a round that takes longer delays the next. */
  readonly intervalMs: number;
  /** Calls a second that each channel takes; channels are called side by side. */
  readonly ratePerSecond: number;
  /** `changed`: only numbers that differ from what the channel was told last. `all`: every SKU, every round. */
  readonly writes: "changed" | "all";
  /** Orders that one call reads. */
  readonly ordersPerRead: number;
}

interface Write {
  readonly atMs: number;
  readonly channel: number;
  readonly sku: string;
  readonly quantity: number;
}

/** Since when a number has stood, and the time of the look at the stock that it comes from. Not changed, but replaced. */
interface Stand {
  readonly fromMs: number;
  readonly asOfMs: number;
}

interface Channel {
  /** What the channel was told last. */
  readonly told: Map<string, number>;
  /** Sold there and not read yet. */
  unread: { readonly sku: string; readonly quantity: number; readonly atMs: number }[];
  ordersUnread: number;
  /** When what was sold elsewhere and read was sold, as far as the channel was not told of it; by SKU. */
  readonly untold: Map<string, number[]>;
  /** SKUs whose number may not be what the channel was told last. */
  dirty: Set<string>;
  /** How the numbers stand that were looked at together in the last round and found right. */
  common: Stand;
  /** How those stand that were written since. */
  readonly written: Map<string, Stand>;
}

const hourMs = 3_600_000;

/**
 * A day under a hub that polls, in virtual time. A round reads the orders of each channel since the last one, reckons what is
 * left of each SKU, and writes it to the channels, SKU by SKU, as fast as each channel takes calls. A written number is absolute, as
 * the marketplaces' are: it overwrites what the channel has sold since it was read.
 */
export function simulatePolling(stream: OrderStream, options: PollerOptions): SyncResult {
  return new Polling(stream, options).run();
}

class Polling {
  readonly #stream: OrderStream;
  readonly #options: PollerOptions;
  readonly #market: Market;
  readonly #ages = new Ages();
  readonly #latenciesMs: number[] = [];
  readonly #skus: readonly string[];
  /** What the hub reckons is left. */
  readonly #known: Map<string, number>;
  readonly #channels: readonly Channel[];
  #nextOrder = 0;
  #calls = 0;
  #longestRoundMs = 0;

  constructor(stream: OrderStream, options: PollerOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#market = new Market(stream);
    this.#skus = [...stream.opening.keys()];
    this.#known = new Map(stream.opening);
    this.#channels = Array.from({ length: stream.channels }, () => ({
      told: new Map(stream.opening),
      unread: [],
      ordersUnread: 0,
      untold: new Map(),
      dirty: new Set(),
      common: { fromMs: 0, asOfMs: 0 },
      written: new Map(),
    }));
  }

  run(): SyncResult {
    const { name, intervalMs } = this.#options;
    const { lengthMs } = this.#stream;
    // The first look was taken when the day began, so that the first round is due an interval later.
    let startMs = intervalMs;
    while (startMs <= lengthMs || this.#isBehind()) {
      const endMs = this.#round(startMs);
      this.#longestRoundMs = Math.max(this.#longestRoundMs, endMs - startMs);
      startMs = Math.max(startMs + intervalMs, endMs);
    }
    for (const own of this.#channels) this.#endStands(own, new Set(), lengthMs);
    const ages = this.#ages.shares();
    return {
      name,
      how: "virtual",
      intervalMs,
      latency: spread(this.#latenciesMs),
      visibility: visibilityOf(ages),
      ages,
      sales: this.#market.counts,
      callsPerHour: this.#calls / (Math.max(lengthMs, startMs) / hourMs),
      longestRoundMs: this.#longestRoundMs,
    };
  }

  /** Whether something was sold that is not everywhere yet. */
  #isBehind(): boolean {
    const isLeft = this.#nextOrder < this.#stream.orders.length;
    return isLeft || this.#channels.some(({ unread, untold }) => unread.length > 0 || untold.size > 0);
  }

  /** One round; answers when its last call was made. */
  #round(startMs: number): number {
    const readAtMs = this.#read(startMs);
    const writes = this.#channels
      .flatMap((own, channel) => this.#reckon(own, channel, startMs, readAtMs))
      .toSorted((a, b) => a.atMs - b.atMs);
    let endMs = readAtMs;
    for (const write of writes) {
      this.#sellUntil(write.atMs);
      this.#write(write, startMs);
      endMs = write.atMs;
    }
    return endMs;
  }

  /** Reads what each channel has sold; answers when the last of them was through. */
  #read(startMs: number): number {
    const callMs = 1_000 / this.#options.ratePerSecond;
    let doneMs = startMs;
    this.#sellUntil(startMs);
    for (const own of this.#channels) {
      const reads = Math.max(1, Math.ceil(own.ordersUnread / this.#options.ordersPerRead));
      this.#calls += reads;
      doneMs = Math.max(doneMs, startMs + reads * callMs);
      for (const { sku, quantity, atMs } of own.unread) {
        this.#known.set(sku, (this.#known.get(sku) ?? 0) - quantity);
        for (const other of this.#channels) {
          other.dirty.add(sku);
          if (other !== own) other.untold.set(sku, [...(other.untold.get(sku) ?? []), atMs]);
        }
      }
      own.unread = [];
      own.ordersUnread = 0;
    }
    return doneMs;
  }

  /** What is to be written to a channel, and when each call goes. What is right as it stands is as good as told. */
  #reckon(own: Channel, channel: number, asOfMs: number, fromMs: number): Write[] {
    const callMs = 1_000 / this.#options.ratePerSecond;
    const isWrong = (sku: string) => own.told.get(sku) !== this.#quantity(sku);
    const wrong = this.#options.writes === "all" ? this.#skus : [...own.dirty].filter(isWrong);
    for (const sku of own.dirty) if (!isWrong(sku)) own.untold.delete(sku);
    own.dirty = new Set();
    this.#endStands(own, new Set(wrong), fromMs);
    own.common = { fromMs: Math.min(fromMs, this.#stream.lengthMs), asOfMs };
    return wrong.map((sku, index) => ({
      atMs: fromMs + (index + 1) * callMs,
      channel,
      sku,
      quantity: this.#quantity(sku),
    }));
  }

  #quantity(sku: string): number {
    return Math.max(0, this.#known.get(sku) ?? 0);
  }

  /** Numbers stand anew from then on, but for those that are yet to be written. */
  #endStands(own: Channel, staying: ReadonlySet<string>, atMs: number): void {
    const untilMs = Math.min(atMs, this.#stream.lengthMs);
    const { common, written } = own;
    for (const sku of staying) if (!written.has(sku)) written.set(sku, common);
    this.#ages.stood(common.fromMs, untilMs, common.asOfMs, this.#skus.length - written.size);
    for (const [sku, { fromMs, asOfMs }] of written) {
      if (staying.has(sku)) continue;
      this.#ages.stood(fromMs, untilMs, asOfMs);
      written.delete(sku);
    }
  }

  #write({ atMs, channel, sku, quantity }: Write, asOfMs: number): void {
    const own = this.#channels[channel];
    if (own === undefined) return;
    this.#calls += 1;
    this.#market.tell(channel, sku, quantity);
    own.told.set(sku, quantity);
    for (const soldAtMs of own.untold.get(sku) ?? []) this.#latenciesMs.push(atMs - soldAtMs);
    own.untold.delete(sku);
    const stand: Stand = { fromMs: Math.min(atMs, this.#stream.lengthMs), asOfMs };
    const before = own.written.get(sku) ?? stand;
    this.#ages.stood(before.fromMs, stand.fromMs, before.asOfMs);
    own.written.set(sku, stand);
  }

  /** Buyers come until then. */
  #sellUntil(untilMs: number): void {
    const { orders } = this.#stream;
    for (;;) {
      const order = orders[this.#nextOrder];
      if (order === undefined || order.atMs > untilMs) return;
      this.#nextOrder += 1;
      const sold = this.#market.buy(order);
      const own = this.#channels[order.channel];
      if (own === undefined || sold.length === 0) continue;
      own.ordersUnread += 1;
      for (const line of sold) own.unread.push({ ...line, atMs: order.atMs });
    }
  }
}
