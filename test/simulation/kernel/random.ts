/**
 * Chance that can be repeated: sfc32, seeded with a text. Streams with different names are independent, so taking one
 * part out of a run leaves the chance of all others as it was.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    [this.#a, this.#b, this.#c] = hashed(seed);
    for (let round = 0; round < 12; round += 1) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0, below 1. */
  unit(): number {
    return this.uint32() / 4_294_967_296;
  }

  /** A whole number, both bounds included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  /** Between two bounds, in steps of 0.001. */
  between(least: number, most: number): number {
    return Math.round((least + this.unit() * (most - least)) * 1_000) / 1_000;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.unit() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error("nothing to pick from");
    return items[Math.floor(this.unit() * items.length)] as Item;
  }

  /** One of the items, each as likely as its weight. */
  weighted<Item>(items: readonly (readonly [item: Item, weight: number])[]): Item {
    const total = items.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.unit() * total;
    for (const [item, weight] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    const last = items.at(-1);
    if (last === undefined) throw new Error("nothing to pick from");
    return last[0];
  }

  /** Short waits often, long ones seldom; in ms. */
  delay(typicalMs: number, longestMs: number): number {
    const stretched = typicalMs * (0.3 - Math.log(1 - this.unit() * 0.9999));
    return Math.round(Math.min(longestMs, stretched) * 1_000) / 1_000;
  }
}

/** FNV-1a of a text under three starting values. */
function hashed(text: string): [number, number, number] {
  const words: [number, number, number] = [0x811c9dc5, 0x9747b28c, 0x3c6ef372];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    words[0] = Math.imul(words[0] ^ code, 0x01000193);
    words[1] = Math.imul(words[1] ^ code, 0x85ebca6b);
    words[2] = Math.imul(words[2] ^ code, 0xc2b2ae35);
  }
  return words;
}

/** The streams of a run, by name. */
export class Chance {
  readonly #seed: string;
  readonly #streams = new Map<string, Random>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  stream(name: string): Random {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const stream = new Random(`${this.#seed}/${name}`);
    this.#streams.set(name, stream);
    return stream;
  }
}
