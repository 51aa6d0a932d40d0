/** Which of `shards` a key belongs to, the same for ever. */
export function shardOf(key: string, shards: number): number {
  return hashOf(key) % shards;
}

/** FNV-1a over the UTF-8 bytes, 32 bits: evenly spread is all that is asked of it. */
export function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
