import type { Position } from "../../protocol/position.ts";
import type { ChannelReceiver } from "../channel-receiver.ts";
import { InsufficientStockError, type StockwireClient } from "../../client/index.ts";
import { type Timed, timed } from "../tool-client.ts";
import { hash } from "./opening-stock.ts";
import { runPaced } from "../run-paced.ts";
import type {
  DayPlan,
  PlannedAdjustment,
  PlannedCancellation,
  PlannedInvoice,
  PlannedLine,
} from "./planned.ts";
import { StockBook } from "../stock-book.ts";
import { add, Tally } from "./tally.ts";

export interface DriverOptions {
  readonly client: StockwireClient;
  readonly day: DayPlan;
  readonly receivers: readonly ChannelReceiver[];
  /** `marketplace`: orders are facts and may oversell. `shop`: each line is reserved, committed or refused. */
  readonly mode: "marketplace" | "shop";
  /** Put before each order number, so that two replays against one service are different orders. */
  readonly orderPrefix: string;
}

const openingConcurrency = 16;
const reservationTtlSeconds = 600;

/** Plays a planned day against a service and keeps the books of what was answered. */
export class ReplayDriver {
  readonly book = new StockBook();
  readonly tally = new Tally();
  readonly #options: DriverOptions;
  /** A cancellation waits for the order it cancels. */
  readonly #ordered = new Map<string, Promise<void>>();
  /** Lines that a shop refused. */
  readonly #refused = new Set<string>();

  constructor(options: DriverOptions) {
    this.#options = options;
  }

  /** Creates every SKU with its opening stock. `onProgress` is told how many are done. */
  async open(opening: ReadonlyMap<string, number>, onProgress: (done: number) => void): Promise<void> {
    const { client, day } = this.#options;
    const skus = [...day.titles];
    const nowMs = skus.map(() => 0);
    let done = 0;
    await runPaced(skus, nowMs, openingConcurrency, async ([sku, title]) => {
      const created = await client.stock.put(sku, title === "" ? {} : { title });
      // A SKU that was there before may owe units to earlier orders; what is to be opened with is free of those.
      const owed = created.stock.onHand - created.stock.available;
      const onHand = Math.max(0, (opening.get(sku) ?? 0) + owed);
      const { stock } = await client.stock.count(sku, { onHand, ifMatch: "*" });
      this.book.open(sku, stock.available, stock);
      done += 1;
      onProgress(done);
    });
  }

  /** Does everything an invoice does. Throws if the service could not be told. */
  async play(invoice: PlannedInvoice): Promise<void> {
    const ordered = this.#placeOrders(invoice);
    this.#ordered.set(invoice.invoice, ordered);
    await ordered;
    for (const cancellation of invoice.cancellations) await this.#cancel(cancellation);
    for (const adjustment of invoice.adjustments) await this.#adjust(invoice.invoice, adjustment);
    this.tally.invoicesDone += 1;
  }

  async #placeOrders(invoice: PlannedInvoice): Promise<void> {
    if (invoice.orders.length > 0) this.tally.orders += 1;
    for (const lines of invoice.orders) {
      for (const line of lines) add(this.tally.ordered, line.quantity);
      if (this.#options.mode === "marketplace") await this.#placeOrder(invoice, lines);
      else await Promise.all(lines.map((line) => this.#buy(invoice.invoice, line)));
    }
  }

  async #placeOrder(invoice: PlannedInvoice, lines: readonly PlannedLine[]): Promise<void> {
    const order = { channel: this.#channelOf(invoice.invoice), orderId: this.#orderId(invoice.invoice) };
    const occurredAt = new Date(invoice.atMs).toISOString();
    const { client } = this.#options;
    const answered = await timed(() => client.orders.record({ ...order, lines, occurredAt }));
    const told = new Map<string, Position>();
    for (const line of answered.body.lines) {
      if (line.epoch === undefined || line.version === undefined) {
        add(this.tally.notTaken, line.quantity);
        continue;
      }
      add(this.tally.accepted, line.quantity - line.oversold, line.oversold > 0 ? 0 : 1);
      if (line.oversold > 0) add(this.tally.oversold, line.oversold);
      this.book.change(line.sku, -line.quantity);
      // Lines of one SKU in one order are one mutation and share its version.
      told.set(line.sku, { epoch: line.epoch, version: line.version });
    }
    for (const [sku, position] of told) this.#noteSale(sku, position, answered);
  }

  /** One line in a shop: held, then committed; or refused if there is not enough. */
  async #buy(invoice: string, line: PlannedLine): Promise<void> {
    const { client } = this.#options;
    const { sku, quantity, lineId } = line;
    const channel = this.#channelOf(invoice);
    const reservation = { lines: [{ sku, quantity }], ttlSeconds: reservationTtlSeconds, channel };
    const held = await timed(() => client.reservations.create(reservation)).catch(unlessShort);
    if (held === undefined) {
      add(this.tally.short, quantity);
      this.#refused.add(lineKey(invoice, lineId));
      return;
    }
    add(this.tally.accepted, quantity);
    this.book.change(sku, -quantity);
    if (held.body.event !== undefined) this.#noteSale(sku, held.body.event.data, held);
    // Each line is an order of its own, so that one that is refused does not hold up the others.
    await client.reservations.commit(held.body.id, {
      channel,
      orderId: `${this.#orderId(invoice)}.${lineId}`,
    });
  }

  #noteSale(sku: string, position: Position, answered: Timed<unknown>): void {
    const { epoch, version } = position;
    const { sentAtMs, answeredAtMs } = answered;
    this.book.acknowledgements.note(sku, position);
    for (const { propagation } of this.#options.receivers) {
      propagation.noteSale({ sku, epoch, version, sentAtMs, answeredAtMs });
    }
  }

  async #cancel(cancellation: PlannedCancellation): Promise<void> {
    const { invoice, lines } = cancellation;
    await this.#ordered.get(invoice);
    const open = lines.filter((line) => !this.#refused.has(lineKey(invoice, line.lineId)));
    for (const line of lines) if (!open.includes(line)) add(this.tally.nothingToCancel, line.quantity);
    if (open.length === 0) return;
    if (this.#options.mode === "shop") {
      for (const { sku, quantity } of open) {
        await this.#adjust(invoice, { sku, delta: quantity, reason: "returned", note: "cancelled" });
      }
      return;
    }
    const order = { channel: this.#channelOf(invoice), orderId: this.#orderId(invoice) };
    const parts = open.map(({ lineId, quantity }) => ({ lineId, quantity }));
    const answer = await this.#options.client.orders.cancel(order, { lines: parts });
    if ("status" in answer) throw new Error(`order ${order.orderId} is not known yet`);
    for (const { sku, status, lines: changed, detail, epoch, version } of answer.skus) {
      if (status !== "cancelled") throw new Error(`order ${order.orderId}, ${sku}: not cancelled: ${detail}`);
      const units = changed.reduce((total, line) => total + line.quantity, 0);
      add(this.tally.cancelled, units, changed.length);
      this.book.change(sku, units);
      if (epoch !== undefined && version !== undefined)
        this.book.acknowledgements.note(sku, { epoch, version });
    }
  }

  async #adjust(reference: string, adjustment: PlannedAdjustment): Promise<void> {
    const { sku, delta, reason, note } = adjustment;
    const answered = await this.#options.client.stock
      .adjust(sku, { delta, reason, reference, ...(note !== "" && { note }) })
      .catch(unlessShort);
    if (answered === undefined) {
      add(this.tally.short, -delta);
      return;
    }
    const { returned, found, writtenOff } = this.tally;
    add(reason === "returned" ? returned : reason === "found" ? found : writtenOff, Math.abs(delta));
    this.book.change(sku, delta);
    this.book.acknowledgements.note(sku, answered.event?.data ?? answered.stock);
  }

  #channelOf(invoice: string): string {
    const { receivers } = this.#options;
    const receiver = receivers[hash(invoice) % receivers.length];
    if (receiver === undefined) throw new Error("a replay needs at least one channel");
    return receiver.id;
  }

  #orderId(invoice: string): string {
    return this.#options.orderPrefix + invoice;
  }
}

function lineKey(invoice: string, lineId: string): string {
  return `${invoice}/${lineId}`;
}

/** Lets the one refusal through that is an outcome of the day; anything else is a failure of the replay. */
function unlessShort(error: unknown): undefined {
  if (error instanceof InsufficientStockError) return undefined;
  throw error;
}
