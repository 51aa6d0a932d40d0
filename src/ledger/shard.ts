import { hashOf } from "../storage/shard.ts";

/**
 * Which of the ledger's databases a SKU belongs to, 0 being the first. The same for ever: what is stored is found by it.
 * FNV-1a over the name's UTF-8 bytes, then MurmurHash3's final mix, since the low bits of FNV-1a depend on nothing but the
 * low bits of the bytes, and names such as sizes and counted articles differ in few of them.
 */
export function ledgerShardOf(sku: string, shards: number): number {
  if (shards === 1) return 0;
  let hash = hashOf(sku);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % shards;
}
