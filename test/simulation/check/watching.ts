import { comparePositions, type Position } from "../../../src/protocol/position.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import type { Books } from "./books.ts";
import type { Report } from "./violation.ts";

/** A push that was lost is repaired in 20 s, and that takes its time too. */
const repairMs = 40_000;
/** A fault may still be felt so long after it happened: alarms rest longer and longer. */
const aftermathMs = 400_000;

/** Somebody who watches. */
export interface Look {
  readonly name: string;
  readonly skus: readonly string[];
  /** The newest position of each SKU that it was told. */
  readonly known: ReadonlyMap<string, Position>;
  /** Since when its present socket is subscribed; undefined if it is not. */
  readonly subscribedAtMs: () => number | undefined;
}

/** Checks what those see who watch stock. */
export class Watching {
  readonly #books: Books;
  readonly #report: Report;
  readonly #now: () => number;
  readonly #lastFaultAtMs: () => number;

  constructor(books: Books, report: Report, now: () => number, lastFaultAtMs: () => number) {
    this.#books = books;
    this.#report = report;
    this.#now = now;
    this.#lastFaultAtMs = lastFaultAtMs;
  }

  told({ name, known }: Look, stock: StockView): void {
    const { sku, epoch, version } = stock;
    const where = `${name} is told ${sku} at ${epoch}.${version}`;
    const row = this.#books.of(sku).at(stock);
    if (row === undefined) this.#report("what is told is in the ledger", `${where}: it has no such entry`);
    const recorded = row?.view?.available;
    if (recorded !== undefined && recorded !== stock.available) {
      const detail = `${where} with ${stock.available}, recorded is ${recorded}`;
      this.#report("what is told is in the ledger", detail);
    }
    const before = known.get(sku);
    if (before !== undefined && comparePositions(stock, before) < 0) {
      this.#report("a watcher never sees an older view", `${where} after ${before.epoch}.${before.version}`);
    }
  }

  /** Whoever is subscribed knows by now what was recorded a while ago, if nothing went wrong since. */
  atTheEnd({ name, skus, known, subscribedAtMs }: Look): void {
    const nowMs = this.#now();
    const sinceMs = subscribedAtMs();
    if (this.#lastFaultAtMs() > nowMs - aftermathMs) return;
    if (sinceMs === undefined)
      return this.#report("a watcher is told in time", `${name} has no subscription`);
    for (const sku of skus) {
      const due = this.#books.of(sku).positionAt(nowMs - repairMs);
      const told = known.get(sku) ?? { epoch: "", version: 0 };
      if (sinceMs > nowMs - repairMs || comparePositions(told, due) >= 0) continue;
      // Of a SKU that is gone nothing is told any more: it is unknown, as to those who read it.
      if (this.#books.of(sku).at(due)?.event.type === "retired") continue;
      const detail = `${name} knows ${sku} at ${told.epoch}.${told.version}, and it was at ${due.epoch}.${due.version} ${repairMs / 1_000} s ago`;
      this.#report("a watcher is told in time", detail);
    }
  }
}
