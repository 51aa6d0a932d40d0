import { comparePositions, type Position } from "../protocol/position.ts";

/** What a channel was told of one SKU. */
export interface ShownChange extends Position {
  readonly sku: string;
  readonly quantity: number;
}

/** How a delivery stands to what came before it. `equal` is a repeated one: harmless, but counted. */
export type Arrival = "newer" | "equal" | "older";

/** What a channel shows: the newest quantity it was told of each SKU, and whether it ever was told an older one later. */
export class ShownStock {
  readonly #bySku = new Map<string, ShownChange>();
  readonly #counts = { newer: 0, equal: 0, older: 0 };

  /** Takes a delivery in. An older one is counted and not shown. */
  take(change: ShownChange): Arrival {
    const before = this.#bySku.get(change.sku);
    const order = before === undefined ? 1 : comparePositions(change, before);
    const arrival = order > 0 ? "newer" : order === 0 ? "equal" : "older";
    this.#counts[arrival] += 1;
    if (arrival === "newer") this.#bySku.set(change.sku, change);
    return arrival;
  }

  /** Units shown; undefined if the channel was never told of the SKU. */
  quantity(sku: string): number | undefined {
    return this.#bySku.get(sku)?.quantity;
  }

  /** What the channel was told last of a SKU. */
  change(sku: string): ShownChange | undefined {
    return this.#bySku.get(sku);
  }

  all(): readonly ShownChange[] {
    return [...this.#bySku.values()];
  }

  get counts(): Readonly<Record<Arrival, number>> {
    return this.#counts;
  }
}
