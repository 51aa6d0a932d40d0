import type { StockEvent, StockEventOf } from "../../../src/protocol/event.ts";
import { comparePositions, type Position } from "../../../src/protocol/position.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { Shelf } from "./shelf.ts";
import type { Report } from "./violation.ts";

/** A row of an object's ledger, and when it was committed. */
export interface Row {
  readonly position: Position;
  readonly event: StockEvent;
  readonly key: string | null;
  readonly view: StockView | undefined;
  readonly committedAtMs: number;
}

interface Taking {
  readonly event: StockEventOf<"ordered">;
  readonly told: number;
  readonly units: number;
  readonly before: number;
}

interface Hold {
  expiresAtMs: number;
  end: string | undefined;
  units: number;
  /** Of a grant: the shard that has it. */
  readonly shard: number | undefined;
}

/** What has happened to the units of an order line at one SKU. */
export interface LineTotals {
  ordered: number;
  cancelled: number;
  fulfilled: number;
  restocked: number;
  writtenOff: number;
}

/** Types of events that a step makes at most once. */
const onceTypes: ReadonlySet<string> = new Set([
  "adjusted",
  "counted",
  "received",
  "marked_unavailable",
  "transferred",
]);

/** The ledger of one SKU as its object's disk has it, read as it grows, with everything checked that one row can break. */
export class Book {
  readonly sku: string;
  readonly rows: Row[] = [];
  readonly lines = new Map<string, LineTotals>();
  readonly #holds = new Map<string, Hold>();
  readonly #keys = new Set<string>();
  readonly #deeds = new Set<string>();
  readonly #report: Report;
  #shelf = new Shelf();
  /** An order that took more than there was, and may be taken back in the same breath. */
  #taking: Taking | undefined;

  constructor(sku: string, report: Report) {
    this.sku = sku;
    this.#report = report;
  }

  get shelf(): Shelf {
    return this.#shelf;
  }

  get last(): Row | undefined {
    return this.rows.at(-1);
  }

  get position(): Position {
    return this.last?.position ?? { epoch: "", version: 0 };
  }

  /** The reservations that have not ended. */
  get open(): readonly (readonly [id: string, expiresAtMs: number])[] {
    return [...this.#holds].flatMap(([id, { expiresAtMs, end }]) =>
      end === undefined ? [[id, expiresAtMs] as const] : [],
    );
  }

  /** Units that a shard has been granted and not sold or given back. */
  grantedTo(which: number): number {
    let granted = 0;
    for (const { end, shard, units } of this.#holds.values()) {
      if (end === undefined && shard === which) granted += units;
    }
    return granted;
  }

  /** How a reservation ended; undefined if it has not, or there never was one in this life. */
  endOf(id: string): string | undefined {
    return this.#holds.get(id)?.end;
  }

  /** The newest position that was committed by a moment. */
  positionAt(atMs: number): Position {
    const after = this.rows.findLastIndex(({ committedAtMs }) => committedAtMs <= atMs);
    return this.rows[after]?.position ?? { epoch: "", version: 0 };
  }

  at(position: Position): Row | undefined {
    return this.rows.findLast((row) => comparePositions(row.position, position) === 0);
  }

  append(row: Row): void {
    this.settle(row.event);
    this.#checkPlace(row);
    this.#checkOnce(row);
    const { event } = row;
    const before = this.#shelf.oversold;
    this.#shelf.apply(event);
    this.rows.push(row);
    this.#checkTaking(event, before);
    this.#checkHolds(event);
    this.#addLines(event);
    const difference = row.view && this.#shelf.differsFrom(row.view);
    if (difference !== undefined) this.#report("the ledger adds up to the state", this.#at(row, difference));
  }

  #checkPlace(row: Row): void {
    const { epoch, version } = row.position;
    const last = this.position;
    if (epoch > last.epoch) {
      if (version !== 1)
        this.#report("the ledger is dense", this.#at(row, "a life begins with another version than 1"));
      this.#shelf = new Shelf();
      this.#holds.clear();
      return;
    }
    if (epoch === last.epoch && version === last.version + 1) return;
    this.#report("the ledger is dense", this.#at(row, `it follows on ${last.epoch}.${last.version}`));
  }

  #checkOnce(row: Row): void {
    const { key, event } = row;
    if (key !== null) {
      if (this.#keys.has(key))
        this.#report("a key takes effect once", this.#at(row, `${key} is there already`));
      this.#keys.add(key);
    }
    if (event.reference === undefined || !onceTypes.has(event.type)) return;
    const deed = `${event.type} ${event.reference}`;
    if (this.#deeds.has(deed))
      this.#report("a key takes effect once", this.#at(row, `${deed} is there already`));
    this.#deeds.add(deed);
  }

  #checkTaking(event: StockEvent, before: number): void {
    const { available, backorderLimit, oversold } = this.#shelf;
    const isTaking =
      event.type === "reserved" ||
      (event.type === "adjusted" && event.delta < 0) ||
      (event.type === "marked_unavailable" && event.delta > 0);
    const least = event.type === "reserved" ? -backorderLimit : 0;
    if (isTaking && available < least) {
      this.#report("no oversell by a request", `${event.type} leaves ${available} of ${this.sku}`);
    }
    const told = oversoldBy(event);
    if (told === undefined) return;
    const units = Math.max(0, oversold - before);
    if (event.type === "ordered") this.#taking = { event, told, units, before };
    else if (told !== units) this.#miscounted(event, told, units);
  }

  /** Nothing more happens in this turn, or something else: what an order says it oversold must be right now. */
  settle(next?: StockEvent): void {
    if (this.#taking === undefined) return;
    const { event, told, units, before } = this.#taking;
    if (next !== undefined && "orderId" in next && next.orderId === event.orderId && next.atMs === event.atMs)
      return;
    const left = Math.max(0, this.#shelf.oversold - before);
    if (told !== Math.min(units, left)) this.#miscounted(event, told, Math.min(units, left));
    this.#taking = undefined;
  }

  #miscounted(event: StockEvent, told: number, units: number): void {
    this.#report("oversells are counted", `${event.type} of ${this.sku} says ${told}, it is ${units}`);
  }

  #checkHolds(event: StockEvent): void {
    if (event.type === "reserved") {
      if (this.#holds.has(event.reservationId)) {
        this.#report("a reservation ends once", `${event.reservationId} is made twice`);
      }
      const { reservationId, quantity: units, shard } = event;
      const expiresAtMs = Date.parse(event.expiresAt);
      this.#holds.set(reservationId, { expiresAtMs, end: undefined, units, shard });
      return;
    }
    if (!("reservationId" in event)) return;
    const { reservationId: id, type, atMs } = event;
    const hold = this.#holds.get(id);
    if (hold === undefined) return this.#report("a reservation ends once", `${type}: nobody made ${id}`);
    if (hold.end !== undefined)
      return this.#report("a reservation ends once", `${id}: ${type} after ${hold.end}`);
    const isOver = atMs >= hold.expiresAtMs;
    if (type === "expired" ? !isOver : isOver) {
      const when = `${hold.expiresAtMs - atMs} ms ${isOver ? "after" : "before"} its end`;
      this.#report("a reservation holds until its time", `${id}: ${type} ${when}`);
    }
    if (event.type === "extended") hold.expiresAtMs = Date.parse(event.expiresAt);
    else if ("kept" in event && event.kept !== undefined) {
      hold.units = event.kept.reduce((units, part) => units + part.quantity, 0);
    } else hold.end = type;
  }

  #addLines(event: StockEvent): void {
    if (event.type === "committed") {
      this.#line(event, event.lineId).ordered += event.quantity;
      return;
    }
    if (!("lines" in event)) return;
    for (const { lineId, quantity } of event.lines) {
      const line = this.#line(event, lineId);
      if (event.type === "ordered") line.ordered += quantity;
      else if (event.type === "cancelled") line.cancelled += quantity;
      else if (event.type === "fulfilled") line.fulfilled += quantity;
      else if (event.restock) line.restocked += quantity;
      else line.writtenOff += quantity;
    }
  }

  #line(
    { channel, orderId }: Pick<StockEventOf<"ordered">, "channel" | "orderId">,
    lineId: string,
  ): LineTotals {
    const name = `${channel}/${orderId}/${lineId}`;
    const known = this.lines.get(name);
    if (known !== undefined) return known;
    const line = { ordered: 0, cancelled: 0, fulfilled: 0, restocked: 0, writtenOff: 0 };
    this.lines.set(name, line);
    return line;
  }

  #at({ position, event }: Row, what: string): string {
    return `${this.sku} at ${position.epoch}.${position.version} (${event.type}): ${what}`;
  }
}

/** What a fact says it took beyond what there was; undefined if it is no such fact. */
function oversoldBy(event: StockEvent): number | undefined {
  if (event.type === "ordered") return event.lines.reduce((sum, { oversold }) => sum + oversold, 0);
  return event.type === "counted" ? (event.oversold ?? 0) : undefined;
}
