import type { Position } from "../protocol/position.ts";
import { Acknowledgements } from "./acknowledgements.ts";

/**
 * The tool's own arithmetic: what must be available of each SKU, reckoned from the answers alone and never read
 * back from the service.
 */
export class StockBook {
  readonly acknowledgements = new Acknowledgements();
  readonly #available = new Map<string, number>();

  /** A SKU begins the day: `available` as the answer to its first count said. */
  open(sku: string, available: number, position: Position): void {
    this.#available.set(sku, available);
    this.acknowledgements.note(sku, position);
  }

  /** A mutation changed what is available by `delta` units. */
  change(sku: string, delta: number): void {
    this.#available.set(sku, (this.#available.get(sku) ?? 0) + delta);
  }

  available(sku: string): number | undefined {
    return this.#available.get(sku);
  }

  get skus(): string[] {
    return [...this.#available.keys()];
  }

  /** SKUs of which nothing is left. */
  get soldOut(): number {
    return [...this.#available.values()].filter((available) => available <= 0).length;
  }
}
