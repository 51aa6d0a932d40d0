import { comparePositions, type Position } from "../protocol/position.ts";

/** The positions that mutations were answered with: no two mutations of a SKU may ever have the same one. */
export class Acknowledgements {
  readonly #seen = new Set<string>();
  readonly #newest = new Map<string, Position>();
  readonly duplicates: string[] = [];

  /** Notes the answer of one mutation. Call it once per mutation and SKU, however many lines it had. */
  note(sku: string, position: Position): void {
    const { epoch, version } = position;
    const id = `${sku} ${epoch}.${version}`;
    if (this.#seen.has(id)) this.duplicates.push(id);
    this.#seen.add(id);
    const newest = this.#newest.get(sku);
    if (newest === undefined || comparePositions(position, newest) > 0)
      this.#newest.set(sku, { epoch, version });
  }

  /** The newest acknowledged position of a SKU. */
  newest(sku: string): Position | undefined {
    return this.#newest.get(sku);
  }
}
