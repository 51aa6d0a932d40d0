import { formatEtag, isNewer, type Position } from "../../protocol/position.ts";
import type { StockView } from "../types.ts";

/** Views that wait for a consumer: of each SKU only the newest, so that a slow one needs no more room than its SKUs. */
export class NewestViews {
  readonly #waiting = new Map<string, StockView>();
  readonly #positions = new Map<string, Position>();

  constructor(known: Readonly<Record<string, Position>> = {}) {
    for (const [sku, position] of Object.entries(known)) this.#positions.set(sku, position);
  }

  /** How many SKUs have news. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Takes a view in unless one as new was here already; views may come twice, or late after a reconnection. */
  offer(view: StockView): boolean {
    if (!isNewer(view, this.#positions.get(view.sku))) return false;
    this.#positions.set(view.sku, { epoch: view.epoch, version: view.version });
    this.#waiting.set(view.sku, view);
    return true;
  }

  /** The view of the SKU that has waited longest. */
  take(): StockView | undefined {
    for (const [sku, view] of this.#waiting) {
      this.#waiting.delete(sku);
      return view;
    }
    return undefined;
  }

  /** How far a SKU is known, as a resuming client says it: `<epoch>.<version>`. */
  position(sku: string): string | undefined {
    const position = this.#positions.get(sku);
    return position && formatEtag(position).slice(1, -1);
  }
}
