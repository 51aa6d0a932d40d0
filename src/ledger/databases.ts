import type { Database } from "./database.ts";
import { type Compare, merged } from "./merge.ts";
import { ledgerShardOf } from "./shard.ts";

/**
 * The databases of the ledger. What is written and read by SKU (events, levels, oversells) stands in the one its name
 * leads to; all else (keys, channels, dead letters, unmatched lines) in the first.
 */
export class LedgerDatabases {
  readonly first: Database;
  readonly #all: readonly Database[];

  constructor(first: Database, ...others: Database[]) {
    this.first = first;
    this.#all = [first, ...others];
  }

  get count(): number {
    return this.#all.length;
  }

  /** The database of a SKU. */
  of(sku: string): Database {
    return this.#all[ledgerShardOf(sku, this.count)] ?? this.first;
  }

  /** Items by the database of their SKU, in the order in which they came. */
  group<Item>(items: readonly Item[], skuOf: (item: Item) => string): [Database, Item[]][] {
    return [...Map.groupBy(items, (item) => this.of(skuOf(item)))];
  }

  /** Asks every database, at the same time; the answers stand in the order of the databases. */
  async each<Answer>(ask: (db: Database, shard: number) => Promise<Answer>): Promise<Answer[]> {
    return Promise.all(this.#all.map(ask));
  }

  /** The rows of all databases as one list, if each gives its own in this order. */
  async merged<Row>(
    ask: (db: Database) => Promise<readonly Row[]>,
    compare: Compare<Row>,
  ): Promise<readonly Row[]> {
    return merged(await this.each(ask), compare);
  }
}
