import type { StockwireClient } from "../../client/index.ts";
import { ageBoundsMs, visibilityOf } from "../../lab/ages.ts";
import type { OrderStream, WantedOrder } from "../../lab/order-stream.ts";
import { spread } from "../../lab/spread.ts";
import type { Position } from "../../protocol/position.ts";
import type { SyncResult } from "../../protocol/sync-gap.ts";
import { checkConsistency } from "../consistency.ts";
import type { ChannelReceiver } from "../channel-receiver.ts";
import { runPaced } from "../run-paced.ts";
import { signUp } from "../signing-up.ts";
import { StockBook } from "../stock-book.ts";
import { timed } from "../tool-client.ts";
import { Storefront } from "./storefront.ts";

const openingConcurrency = 16;
/** Orders start when they are due, however many are under way; this only bounds memory. */
const ordersAtOnce = 1_000;
const webhookBatch = 50;
const quietTimeoutMs = 60_000;
const hourMs = 3_600_000;

export interface StockwireRun {
  readonly result: SyncResult;
  /** How many times faster than its own clock the day was played. */
  readonly speed: number;
  /** Oldest number that reads with `max-age=30` were answered with, by their `Age`, in seconds; and how many there were. */
  readonly reads: { readonly count: number; readonly oldestSeconds: number };
  /** What was really sent while the day was played: numbers, and the requests they went in. */
  readonly sent: { readonly numbers: number; readonly requests: number };
  /** Where object, ledger, channels and the tool's own arithmetic disagreed in the end. */
  readonly mismatches: number;
}

/** What the run may need besides the service: how it reads as an agent would. */
export interface StockwireOptions {
  readonly client: StockwireClient;
  /** How long the day may take, in seconds. */
  readonly seconds: number;
  readonly onProgress: (step: string, done: number, total: number) => void;
}

/** Sells the day for real: on a running service, through real HTTP, on channels that really receive what they are told. */
export async function runStockwire(stream: OrderStream, options: StockwireOptions): Promise<StockwireRun> {
  const fronts: Storefront[] = [];
  try {
    for (let index = 1; index <= stream.channels; index += 1) {
      const receiver = await signUp(options.client, { id: `market-${index}`, batch: webhookBatch });
      fronts.push(new Storefront(receiver));
    }
    return await new Day(stream, options, fronts).play();
  } finally {
    await Promise.all(fronts.map(({ receiver }) => receiver.stop()));
  }
}

class Day {
  readonly #stream: OrderStream;
  readonly #options: StockwireOptions;
  readonly #fronts: readonly Storefront[];
  readonly #book = new StockBook();
  readonly #sales = { orders: 0, soldUnits: 0, oversoldUnits: 0, oversoldLines: 0, missedUnits: 0 };
  readonly #reads = { count: 0, oldestSeconds: 0 };
  /** Changes of a SKU that sales made. */
  #changes = 0;
  /** What is left, as of the moment of each sale: the service may not know of it yet. */
  readonly #left: Map<string, number>;

  constructor(stream: OrderStream, options: StockwireOptions, fronts: readonly Storefront[]) {
    this.#stream = stream;
    this.#options = options;
    this.#fronts = fronts;
    this.#left = new Map(stream.opening);
  }

  async play(): Promise<StockwireRun> {
    const { orders, lengthMs } = this.#stream;
    const { seconds, onProgress } = this.#options;
    await this.#open();
    const before = this.#sent();
    const speed = Math.max(1, lengthMs / (seconds * 1_000));
    const startedAtMs = performance.now();
    let done = 0;
    const dueMs = orders.map((order) => order.atMs / speed);
    await runPaced(orders, dueMs, ordersAtOnce, async (order) => {
      await this.#sell(order);
      done += 1;
      onProgress("orders", done, orders.length);
      if (done % 10 === 0) await this.#readAsAgent(order);
    });
    const tookMs = performance.now() - startedAtMs;
    onProgress("checking", 0, 1);
    const mismatches = await this.#check();
    const after = this.#sent();
    const latenciesMs = this.#receivers.flatMap(({ propagation }) => [...propagation.sinceSendMs]);
    const numbersMs = this.#stream.opening.size * this.#fronts.length * tookMs;
    const ages = ageBoundsMs.map((ageMs) => ({
      ageMs,
      share: 1 - sum(latenciesMs.map((ms) => Math.max(0, ms - ageMs))) / numbersMs,
    }));
    return {
      result: {
        name: "Stockwire",
        how: "measured",
        latency: spread(latenciesMs),
        visibility: visibilityOf(ages),
        ages,
        sales: { ...this.#sales },
        // Not what was sent: the faster a day is played, the more changes go out together.
        callsPerHour: (this.#changes * this.#fronts.length) / (lengthMs / hourMs),
      },
      speed,
      reads: { ...this.#reads },
      sent: { numbers: after.numbers - before.numbers, requests: after.requests - before.requests },
      mismatches,
    };
  }

  #sent(): StockwireRun["sent"] {
    const counts = this.#receivers.map((receiver) => receiver.counts);
    return {
      numbers: sum(counts.map(({ changes }) => changes)),
      requests: sum(counts.map(({ requests }) => requests)),
    };
  }

  get #receivers(): readonly ChannelReceiver[] {
    return this.#fronts.map(({ receiver }) => receiver);
  }

  /** Creates every SKU and waits until every channel shows it: the backlog of that is not what is to be measured. */
  async #open(): Promise<void> {
    const { opening } = this.#stream;
    const { client, onProgress } = this.#options;
    let done = 0;
    await runPaced([...opening], [], openingConcurrency, async ([sku, onHand]) => {
      const { stock } = await client.stock.count(sku, { onHand, ifMatch: "*" });
      this.#book.open(sku, stock.available, stock);
      done += 1;
      onProgress("opening SKUs", done, opening.size);
    });
    const mismatches = await this.#check();
    if (mismatches > 0) throw new Error(`the opening stock did not settle: ${mismatches} numbers differ`);
  }

  async #sell(order: WantedOrder): Promise<void> {
    const front = this.#fronts[order.channel];
    if (front === undefined) throw new Error(`there is no channel ${order.channel}`);
    const lines = order.lines.flatMap((wanted, index) => {
      const left = this.#left.get(wanted.sku) ?? 0;
      const units = front.sell(wanted);
      this.#sales.missedUnits += Math.max(0, Math.min(wanted.quantity, left) - units);
      this.#left.set(wanted.sku, left - units);
      return units === 0 ? [] : [{ lineId: String(index + 1), sku: wanted.sku, quantity: units }];
    });
    if (lines.length === 0) return;
    const { client } = this.#options;
    const channel = front.receiver.id;
    const answered = await timed(() => client.orders.record({ channel, orderId: order.id, lines }));
    this.#sales.orders += 1;
    for (const { sku, quantity, oversold, epoch, version } of answered.body.lines) {
      if (epoch === undefined || version === undefined) throw new Error(`${order.id}, ${sku}: not recorded`);
      this.#sales.soldUnits += quantity;
      this.#sales.oversoldUnits += oversold;
      this.#sales.oversoldLines += oversold > 0 ? 1 : 0;
      this.#changes += 1;
      this.#book.change(sku, -quantity);
      this.#noteSale(front, sku, { epoch, version }, answered);
    }
  }

  /** The channels that must hear of it are the others: this one has counted it itself. */
  #noteSale(
    seller: Storefront,
    sku: string,
    { epoch, version }: Position,
    { sentAtMs, answeredAtMs }: { readonly sentAtMs: number; readonly answeredAtMs: number },
  ): void {
    this.#book.acknowledgements.note(sku, { epoch, version });
    for (const front of this.#fronts) {
      if (front !== seller)
        front.receiver.propagation.noteSale({ sku, epoch, version, sentAtMs, answeredAtMs });
    }
  }

  /** Reads what was sold last, as an agent does that takes numbers of up to 30 s. */
  async #readAsAgent({ lines: [line] }: WantedOrder): Promise<void> {
    if (line === undefined) return;
    const askedAtMs = Date.now();
    const { items } = await this.#options.client.stock.availability([line.sku], { maxAgeSeconds: 30 });
    for (const { asOf } of items) {
      this.#reads.count += 1;
      const ageSeconds = Math.max(0, askedAtMs - Date.parse(asOf)) / 1_000;
      this.#reads.oldestSeconds = Math.max(this.#reads.oldestSeconds, ageSeconds);
    }
  }

  async #check(): Promise<number> {
    const { mismatches } = await checkConsistency({
      client: this.#options.client,
      skus: this.#book.skus,
      expectedAvailable: (sku) => this.#book.available(sku),
      acknowledgements: this.#book.acknowledgements,
      receivers: this.#receivers,
      ledger: "whole",
      quietTimeoutMs,
    });
    return mismatches.length;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
