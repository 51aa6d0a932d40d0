import type { Position } from "../../../src/protocol/position.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import type { MutationRequest, MutationResult } from "../../../src/sku/contract.ts";
import { Keeper } from "../../../src/sku/keeper.ts";
import { SkuStore } from "../../../src/sku/store.ts";
import type { Mutation } from "../../../src/stock/mutation.ts";
import { unknownSku } from "../../../src/stock/state.ts";
import { stockView } from "../../../src/stock/view.ts";
import { MemorySql } from "./sqlite.ts";

/** A SKU in memory and on a disk that may fail. */
export class StoredSku {
  readonly sql = new MemorySql();
  readonly store = new SkuStore(this.sql);
  readonly #name: string;
  readonly #checkpointEvents: number | undefined;
  nowMs = 1_700_000_000_000;
  /** Up to where the ledger has everything. */
  confirmed: Position = { epoch: "", version: 0 };
  keeper: Keeper;

  constructor(name = "A", checkpointEvents?: number) {
    this.#name = name;
    this.#checkpointEvents = checkpointEvents;
    this.keeper = this.#load();
  }

  /** What is in memory is gone. */
  crash(): void {
    this.keeper = this.#load();
  }

  commit(requests: readonly MutationRequest[]): readonly MutationResult[] {
    return this.keeper.commit(requests, this.nowMs, this.confirmed).results;
  }

  /** One mutation, without a key unless it has one. */
  do(mutation: Mutation, more: Partial<MutationRequest> = {}): MutationResult {
    const [result] = this.commit([{ mutation, fingerprint: JSON.stringify(mutation), ...more }]);
    if (result === undefined) throw new Error("no result");
    return result;
  }

  get view(): StockView {
    return stockView(this.keeper.state, 0);
  }

  #load(): Keeper {
    const loaded = this.store.load() ?? { state: unknownSku(this.#name, ""), checkpointVersion: 0 };
    return new Keeper(this.store, this.sql.transaction, loaded, this.#checkpointEvents);
  }
}
