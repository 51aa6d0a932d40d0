import { shardOf } from "../storage/shard.ts";
import { fromBase64Url, toBase64Url } from "../stock/reservation-id.ts";

/** Which of a SKU's shards, and of which SKU. */
export interface ShardAddress {
  readonly sku: string;
  /** Counts from 0. */
  readonly shard: number;
}

/** The name of a ShardObject. */
export function shardName({ sku, shard }: ShardAddress): string {
  return `${shard}/${sku}`;
}

export function parseShardName(name: string): ShardAddress {
  const slash = name.indexOf("/");
  return { shard: Number(name.slice(0, slash)), sku: name.slice(slash + 1) };
}

/** The shard that a buyer's key belongs to: the same for as long as the SKU has so many. */
export function homeOf(key: string, shards: number): number {
  return shardOf(key, shards);
}

const prefix = "rse_";

/** Whether a reservation is held by a shard. */
export function isHoldId(id: string): boolean {
  return id.startsWith(prefix);
}

/** `rse_<sku>.<shard>.<sequence>.<nonce>`: leads to the shard, and to the row it has of the hold. */
export function formatHoldId({ sku, shard }: ShardAddress, sequence: number, nonce: string): string {
  return `${prefix}${toBase64Url(sku)}.${shard.toString(36)}.${sequence.toString(36)}.${nonce}`;
}

/** Where a hold lives; undefined if the text is no id of one. */
export function parseHoldId(id: string): (ShardAddress & { readonly sequence: number }) | undefined {
  const match =
    /^rse_([A-Za-z0-9_-]+)\.([0-9a-z]{1,2})\.([0-9a-z]{1,11})\.[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)?$/.exec(id);
  const [, encodedSku, shard, sequence] = match ?? [];
  if (encodedSku === undefined || shard === undefined || sequence === undefined) return undefined;
  const sku = fromBase64Url(encodedSku);
  if (sku === undefined) return undefined;
  return { sku, shard: Number.parseInt(shard, 36), sequence: Number.parseInt(sequence, 36) };
}
