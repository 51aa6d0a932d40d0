import type { Call } from "../load.ts";

/** What can be asked of a target. Those that have no such thing leave it out. */
export interface Calls {
  /** Takes one unit of a SKU under an idempotency key. */
  readonly buy?: (sku: string, key: string) => Call;
  /** Reads how many there are, the newest. */
  readonly read?: (sku: string) => Call;
  /** Takes one unit of each SKU in one request, each under a key of its own. */
  readonly bulk?: (skus: readonly string[], key: string) => Call;
  /** Holds one unit of a SKU for a minute. */
  readonly reserve?: (sku: string, key: string) => Call;
  /** Holds one unit of a SKU for a second: as many as are made are soon over, so that none is refused for their number. */
  readonly holdBriefly?: (sku: string, key: string) => Call;
  /** Holds one unit of each SKU, all or none. */
  readonly reserveCart?: (skus: readonly string[], key: string) => Call;
}

/** Something that sells stock, started for the bench and measured through HTTP. */
export interface Target extends Calls {
  readonly name: string;
  /** What it is, for the table. */
  readonly about: string;
  readonly url: string;
  /** Set if an idempotency key means nothing to it: what is sent twice is done twice. */
  readonly knowsKeys?: false;
  /** Sets the stock of SKUs to so many units. */
  stock(skus: readonly string[], units: number): Promise<void>;
  /** Has so many objects sell a SKU. */
  readonly giveShards?: (sku: string, shards: number) => Promise<void>;
  /** Units of a SKU that are left; undefined if it keeps none. */
  readonly left?: (sku: string) => Promise<number>;
  /** Resident memory of all its processes, in bytes. */
  readonly memoryBytes?: () => number;
  /** Ends it as a power cut would, and starts it again on its data; resolves once it serves. */
  readonly crash?: () => Promise<void>;
  stop(): Promise<void>;
}
