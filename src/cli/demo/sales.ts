import type { Position } from "../../protocol/position.ts";
import type { Timed } from "../tool-client.ts";
import { StockBook } from "../stock-book.ts";
import type { Market } from "./market.ts";

const tickerMax = 6;

/** What has been sold so far, by whom, and the arithmetic that must come out in the end. */
export class SalesBook {
  readonly stock = new StockBook();
  readonly counts = {
    sales: 0,
    unitsSold: 0,
    refused: 0,
    givenBack: 0,
    walkedAway: 0,
    unitsReceived: 0,
    oversoldLines: 0,
    oversoldUnits: 0,
  };
  /** The latest things that happened, in words, newest first. */
  readonly ticker: string[] = [];
  readonly #markets: readonly Market[];

  constructor(markets: readonly Market[]) {
    this.#markets = markets;
  }

  /** Units left the shelf, or are promised to somebody, by one mutation: every open market must hear of it. */
  taken(sku: string, quantity: number, position: Position, answered: Timed<unknown>): void {
    const { epoch, version } = position;
    const { sentAtMs, answeredAtMs } = answered;
    this.stock.change(sku, -quantity);
    this.stock.acknowledgements.note(sku, position);
    for (const { state, receiver } of this.#markets) {
      if (state === "open") receiver.propagation.noteSale({ sku, epoch, version, sentAtMs, answeredAtMs });
    }
  }

  sold(where: string, sku: string, quantity: number): void {
    this.counts.sales += 1;
    this.counts.unitsSold += quantity;
    this.tell(`${where} sold ${quantity} x ${sku}`);
  }

  tell(what: string): void {
    this.ticker.unshift(what);
    this.ticker.splice(tickerMax);
  }
}
