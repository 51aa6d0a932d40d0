import type { Database } from "./database.ts";
import { type Compare, merged } from "./merge.ts";
import { ledgerShardOf } from "./shard.ts";

/** Items of SKUs that are in the same database. */
export interface ShardGroup<Item> {
  readonly shard: number;
  readonly items: readonly Item[];
}

/**
 * The databases of the ledger. What is written and read by SKU (events, levels, oversells) stands in the one its name
 * leads to; all else (keys, channels, dead letters, unmatched lines) in the first.
 */
export class LedgerDatabases {
  readonly first: Database;
  readonly #all: readonly Database[];
  readonly #confirm: (shard: number) => Promise<void>;

  /** `confirm` throws if a database is not the one it is taken for; it is asked before each use by SKU. */
  constructor(databases: readonly Database[], confirm: (shard: number) => Promise<void> = async () => {}) {
    const [first] = databases;
    if (first === undefined) throw new RangeError("a ledger has a database at least");
    this.first = first;
    this.#all = databases;
    this.#confirm = confirm;
  }

  get count(): number {
    return this.#all.length;
  }

  /** The database of a SKU. */
  async of(sku: string): Promise<Database> {
    return this.at(ledgerShardOf(sku, this.count));
  }

  async at(shard: number): Promise<Database> {
    await this.#confirm(shard);
    return this.#all[shard] ?? this.first;
  }

  /** Items by the database of their SKU, in the order in which they came. */
  group<Item>(items: readonly Item[], skuOf: (item: Item) => string): ShardGroup<Item>[] {
    const groups = Map.groupBy(items, (item) => ledgerShardOf(skuOf(item), this.count));
    return [...groups].map(([shard, own]) => ({ shard, items: own }));
  }

  /** Asks every database, at the same time; the answers stand in the order of the databases. */
  async each<Answer>(ask: (db: Database, shard: number) => Promise<Answer>): Promise<Answer[]> {
    return Promise.all(this.#all.map(async (_, shard) => ask(await this.at(shard), shard)));
  }

  /** The rows of all databases as one list, if each gives its own in this order. */
  async merged<Row>(
    ask: (db: Database) => Promise<readonly Row[]>,
    compare: Compare<Row>,
  ): Promise<readonly Row[]> {
    return merged(await this.each(ask), compare);
  }
}
