import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readItems, type ReadStock } from "../../../src/agents/mcp/reading.ts";
import { StockItem, toStockItem } from "../../../src/agents/mcp/stock-item.ts";
import { plainTitle } from "../../../src/agents/mcp/text.ts";
import { skuOfUri, stockUri } from "../../../src/agents/mcp/uri.ts";
import { Following } from "../../../src/feed/following.ts";
import { Sku } from "../../../src/protocol/primitives.ts";
import type { StockView } from "../../../src/protocol/stock.ts";

function viewOf(sku: string, version: number, atMs: number, more: Partial<StockView> = {}): StockView {
  return {
    sku,
    status: "in_stock",
    available: version,
    onHand: version,
    committed: 0,
    reserved: 0,
    unavailable: 0,
    incoming: 0,
    safetyStock: 0,
    locations: [],
    epoch: "k3v9",
    version,
    asOf: new Date(atMs).toISOString(),
    ...more,
  };
}

/** SKUs, a feed that follows them, and a network that takes its time and loses pushes. `skewMs` is on the SKUs' clock. */
class World {
  nowMs = 1_700_000_000_000;
  readonly #versions = new Map<string, number>();
  readonly #changedAtMs = new Map<string, number[]>();
  readonly #following: Following;
  readonly #skewMs: number;
  delayMs = 0;

  constructor(skewMs: number) {
    this.#skewMs = skewMs;
    this.#following = new Following({
      now: () => this.nowMs,
      follow: async (sku) => this.#ask(sku),
      isWatched: () => false,
      changed: () => undefined,
    });
  }

  readonly read: ReadStock = async (skus, maxAgeMs) => {
    if (maxAgeMs > 0) return Promise.all(skus.map((sku) => this.#following.read(sku, maxAgeMs)));
    return Promise.all(
      skus.map(async (sku) => {
        const stock = await this.#ask(sku);
        return stock && { stock, source: "object" as const };
      }),
    );
  };

  change(sku: string, isPushed: boolean): void {
    // Of two versions within a millisecond, either was true then.
    this.nowMs += 1;
    this.#versions.set(sku, (this.#versions.get(sku) ?? 0) + 1);
    this.#changedAtMs.set(sku, [...(this.#changedAtMs.get(sku) ?? []), this.nowMs]);
    const view = this.#viewNow(sku);
    if (isPushed && view !== undefined) void this.#following.push(view);
  }

  /** The version that a SKU had at a moment. */
  versionAt(sku: string, atMs: number): number {
    return (this.#changedAtMs.get(sku) ?? []).filter((changedAtMs) => changedAtMs <= atMs).length;
  }

  async #ask(sku: string): Promise<StockView | undefined> {
    this.nowMs += this.delayMs;
    const view = this.#viewNow(sku);
    this.nowMs += this.delayMs;
    return view;
  }

  #viewNow(sku: string): StockView | undefined {
    const version = this.#versions.get(sku);
    return version === undefined ? undefined : viewOf(sku, version, this.nowMs + this.#skewMs);
  }
}

const sku = fc.constantFrom("A", "B", "C");
type Step = (world: World) => Promise<void> | void;

const steps = fc.array(
  fc.oneof(
    fc.tuple(sku, fc.boolean()).map(
      ([name, isPushed]): Step =>
        (world) =>
          world.change(name, isPushed),
    ),
    fc.integer({ min: 1, max: 20_000 }).map((ms): Step => (world) => {
      world.nowMs += ms;
    }),
    fc.integer({ min: 0, max: 400 }).map((ms): Step => (world) => {
      world.delayMs = ms;
    }),
    fc.tuple(fc.uniqueArray(sku, { minLength: 1 }), fc.constantFrom(0, 1, 5, 30)).map(
      ([skus, maxAgeSeconds]): Step =>
        async (world) =>
          checkRead(world, skus, maxAgeSeconds, 0),
    ),
  ),
  { maxLength: 40 },
);

/** Reads, and holds the answer to what it says of itself. `skewMs` is how much a clock may be behind. */
async function checkRead(
  world: World,
  skus: string[],
  maxAgeSeconds: number,
  behindMs: number,
): Promise<void> {
  const receivedAtMs = world.nowMs;
  const items = await readItems(world.read, skus, maxAgeSeconds, () => world.nowMs);
  for (const item of items) {
    if (item === undefined) continue;
    expect(StockItem.safeParse(item).success).toBe(true);
    const asOfMs = Date.parse(item.as_of);
    expect(asOfMs).toBeGreaterThanOrEqual(receivedAtMs - item.max_age_seconds * 1_000);
    if (behindMs === 0) {
      expect(item.max_age_seconds).toBe(maxAgeSeconds);
      // What is said to have been true then was true then.
      expect(item.version).toBe(world.versionAt(item.sku, asOfMs));
    }
    if (maxAgeSeconds === 0) expect(item.source).toBe("object");
  }
}

describe("a number that an agent is told", () => {
  it("was true when it says, and is never older than it says, whatever is lost or slow on the way", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const world = new World(0);
        for (const step of all) await step(world);
      }),
      { numRuns: 500 },
    );
  });

  it("says a larger bound rather than a wrong one where clocks differ", async () => {
    const skew = fc.integer({ min: -10_000, max: 10_000 });
    await fc.assert(
      fc.asyncProperty(
        skew,
        fc.constantFrom(0, 1, 5, 30),
        fc.nat(20_000),
        async (skewMs, maxAge, laterMs) => {
          const world = new World(skewMs);
          world.change("A", false);
          await checkRead(world, ["A"], maxAge, Math.abs(skewMs) + 1);
          world.nowMs += laterMs;
          await checkRead(world, ["A"], maxAge, Math.abs(skewMs) + 1);
        },
      ),
    );
  });

  it("is asked for again, of the SKU, when what came first is too old", async () => {
    const asked: number[] = [];
    const read: ReadStock = async (skus, maxAgeMs) => {
      asked.push(maxAgeMs);
      const source = maxAgeMs === 0 ? ("object" as const) : ("feed" as const);
      return skus.map((name) => ({ stock: viewOf(name, 1, maxAgeMs === 0 ? 60_000 : 1_000), source }));
    };
    const [item] = await readItems(read, ["A"], 5, () => 60_000);
    expect(asked).toEqual([5_000, 0]);
    expect(item).toMatchObject({ source: "object", max_age_seconds: 5 });
  });

  it("counts what agents can hold: nothing that belongs to another channel, and backorders apart", () => {
    const itemOf = (more: Partial<StockView>) => {
      const { available, backorderable } = toStockItem(
        { stock: viewOf("A", 1, 0, more), source: "object" },
        0,
        0,
      );
      return { available, backorderable };
    };
    const allocations = [
      { channel: "amazon", quantity: 4 },
      { channel: "agent", quantity: 3 },
    ];
    expect(itemOf({ available: 10, allocations })).toEqual({ available: 6 });
    expect(itemOf({ available: 3, allocations })).toEqual({ available: 0 });
    expect(itemOf({ available: 2, backorderLimit: 5 })).toEqual({ available: 2, backorderable: 5 });
    expect(itemOf({ available: -2, backorderLimit: 5 })).toEqual({ available: 0, backorderable: 3 });
    expect(itemOf({ available: -7, backorderLimit: 5 })).toEqual({ available: 0 });
  });
});

describe("text and addresses", () => {
  it("make of any title one short line without anything that is not seen", () => {
    // Any code point, also halves of pairs, and those that matter more often.
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0x10_ff_ff }).map((code) => String.fromCodePoint(code)),
      fc.constantFrom("a", " ", "\n", "\u200b", "\u202e", "\u2028", "<", "`", "{", "]", "\\", "|", "e\u0301"),
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 300 }), (text) => {
        const title = plainTitle(text);
        expect(Array.from(title).length).toBeLessThanOrEqual(80);
        expect(title).not.toMatch(/[\p{C}\p{Zl}\p{Zp}<>`{}[\]\\|]/u);
        expect(title).toBe(title.trim());
      }),
    );
    expect(plainTitle("Tee, black, M")).toBe("Tee, black, M");
    expect(plainTitle("a\u200bb\u202ec\nd")).toBe("a b c d");
  });

  it("lead from any SKU to its resource and back, also through a URL parser", () => {
    const anySku = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 128 })
      .map((text) => text.normalize("NFC"))
      .filter((text) => Sku.safeParse(text).success);
    fc.assert(
      fc.property(anySku, (name) => {
        const uri = stockUri(name);
        expect(skuOfUri(uri)).toBe(name);
        expect(new URL(uri).href).toBe(uri);
      }),
      { numRuns: 1_000 },
    );
    for (const name of [".", "..", "A/B", "a:b@c", "100%", "~!*'()"]) {
      expect(skuOfUri(new URL(stockUri(name)).href)).toBe(name);
    }
    for (const uri of ["stock://", "stock://%", "http://A", "stock:A", "stock://%20A"]) {
      expect(skuOfUri(uri)).toBeUndefined();
    }
  });
});
