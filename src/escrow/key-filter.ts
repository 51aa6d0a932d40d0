/**
 * A Bloom filter of keys: never wrong when it says that a key is new. One that was answered before the shards began is passed
 * on to the SkuObject, which knows the answer; so is one key in a hundred that only looks like it.
 */
export class KeyFilter {
  readonly #bits: Uint8Array;

  private constructor(bits: Uint8Array) {
    this.#bits = bits;
  }

  static of(keys: readonly string[]): KeyFilter {
    const bits = Math.min(bitsMax, Math.max(64, keys.length * bitsPerKey));
    const filter = new KeyFilter(new Uint8Array(Math.ceil(bits / 8)));
    for (const key of keys)
      filter.#eachBit(key, (byte, mask) => void (filter.#bits[byte] = (filter.#bits[byte] ?? 0) | mask));
    return filter;
  }

  static fromText(text: string): KeyFilter {
    return new KeyFilter(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  }

  toText(): string {
    let bytes = "";
    for (const byte of this.#bits) bytes += String.fromCharCode(byte);
    return btoa(bytes);
  }

  mayKnow(key: string): boolean {
    let isKnown = true;
    this.#eachBit(key, (byte, mask) => {
      if (((this.#bits[byte] ?? 0) & mask) === 0) isKnown = false;
    });
    return isKnown;
  }

  #eachBit(key: string, visit: (byte: number, mask: number) => void): void {
    const size = this.#bits.length * 8;
    const step = hash(key, 0x9747b28c) | 1;
    let at = hash(key, 0x811c9dc5);
    for (let index = 0; index < hashes; index += 1) {
      const bit = at % size;
      visit(bit >>> 3, 1 << (bit & 7));
      at = (at + step) >>> 0;
    }
  }
}

const bitsPerKey = 10;
const hashes = 4;
/** 1 MB, as text less than what a row may hold. More than 800,000 keys make it say "known" more often. */
const bitsMax = 8_000_000;

/** FNV-1a, 32 bits, from a seed. */
function hash(key: string, seed: number): number {
  let value = seed;
  for (let index = 0; index < key.length; index += 1) {
    value = Math.imul(value ^ key.charCodeAt(index), 0x01000193) >>> 0;
  }
  // Without this, the last character would hardly reach the upper bits.
  return Math.imul(value ^ (value >>> 15), 0x85ebca6b) >>> 0;
}
