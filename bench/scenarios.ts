import { undoneIn } from "./bulk-items.ts";
import type { Call } from "./load.ts";
import type { Target } from "./targets/target.ts";

/** SKUs that the bench sells. */
export const skus: readonly string[] = Array.from({ length: 200 }, (_, index) => `BENCH-${index}`);
export const hot = "BENCH-0";
/** Nobody holds any of it. */
export const rush = "BENCH-RUSH";

/** A SKU that so many shards sell. */
const sharded = (shards: number): string => `BENCH-SHARDS-${shards}`;

const itemsPerBulk = 100;
const linesPerCart = 3;

/** A load that targets are put under, one after the other. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What a target does for each call; undefined if it has no such thing. `run` makes keys that were never used. */
  readonly callOf: (target: Target, run: string) => ((index: number) => Call) | undefined;
  /** What must be done first, once for each target. */
  readonly prepare?: (target: Target) => Promise<void>;
  /** What one call counts for. */
  readonly unitsPerCall: number;
  /** How many of its units an answer that is well did not do; absent, none. */
  readonly undoneIn?: (body: string) => number;
}

const at = (index: number): string => skus[index % skus.length] ?? hot;

/** Requests of many mutations, each of the SKU that has its turn. */
function bulkOf(skuAt: (index: number) => string): Scenario["callOf"] {
  return ({ bulk }, run) =>
    bulk &&
    ((index) => {
      const items = Array.from({ length: itemsPerBulk }, (_, item) => skuAt(index * itemsPerBulk + item));
      return bulk(items, `${run}-${index}`);
    });
}

export const scenarios: readonly Scenario[] = [
  {
    name: "hot",
    title: "one hot SKU, mutations/s",
    callOf: ({ buy }, run) => buy && ((index) => buy(hot, `${run}-${index}`)),
    unitsPerCall: 1,
  },
  {
    name: "spread",
    title: "200 SKUs, mutations/s",
    callOf: ({ buy }, run) => buy && ((index) => buy(at(index), `${run}-${index}`)),
    unitsPerCall: 1,
  },
  {
    name: "reads",
    title: "newest stock of 200 SKUs, reads/s",
    callOf: ({ read }) => read && ((index) => read(at(index))),
    unitsPerCall: 1,
  },
  {
    name: "bulk",
    title: `bulk of ${itemsPerBulk} over 200 SKUs, mutations/s`,
    callOf: bulkOf(at),
    unitsPerCall: itemsPerBulk,
    undoneIn,
  },
  {
    name: "bulk-hot",
    title: `bulk of ${itemsPerBulk} of one hot SKU, mutations/s`,
    callOf: bulkOf(() => hot),
    unitsPerCall: itemsPerBulk,
    undoneIn,
  },
  {
    name: "reserve",
    title: "reservations of one SKU, over 200 SKUs, holds/s",
    callOf: ({ reserve }, run) => reserve && ((index) => reserve(at(index), `${run}-${index}`)),
    unitsPerCall: 1,
  },
  {
    name: "hot-holds",
    title: "reservations of one hot SKU, for a second each, holds/s",
    callOf: ({ holdBriefly }, run) => holdBriefly && ((index) => holdBriefly(hot, `${run}-${index}`)),
    unitsPerCall: 1,
  },
  ...[2, 4, 8].map((shards): Scenario => ({
    name: `hot-holds-${shards}`,
    title: `the same, sold by ${shards} shards, holds/s`,
    prepare: async (target) => {
      await target.stock([sharded(shards)], 100_000_000);
      await target.giveShards?.(sharded(shards), shards);
    },
    callOf: (target, run) => {
      const { holdBriefly } = target;
      if (target.giveShards === undefined || holdBriefly === undefined) return undefined;
      return (index) => holdBriefly(sharded(shards), `${run}-${index}`);
    },
    unitsPerCall: 1,
  })),
  {
    name: "carts",
    title: `carts of ${linesPerCart} SKUs, all or none, holds/s`,
    callOf: ({ reserveCart }, run) =>
      reserveCart &&
      ((index) => {
        const lines = Array.from({ length: linesPerCart }, (_, line) => at(index + line * 67));
        return reserveCart(lines, `${run}-${index}`);
      }),
    unitsPerCall: 1,
  },
];
