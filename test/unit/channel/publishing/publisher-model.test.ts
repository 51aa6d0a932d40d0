import fc from "fast-check";
import { expect, test } from "vitest";
import type { PublicationRule } from "../../../../src/protocol/rule.ts";
import type { StockView } from "../../../../src/protocol/stock.ts";
import { publishedQuantity } from "../../../../src/stock/publication.ts";
import { type Behaviour, laterMs, stock, World } from "../world.ts";

type Step =
  | { readonly do: "change"; readonly sku: string; readonly available: number; readonly isStale: boolean }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "behave"; readonly as: Behaviour; readonly latencyMs: number }
  | { readonly do: "rule"; readonly rule: PublicationRule | undefined }
  | { readonly do: "define"; readonly sku: string; readonly rule: PublicationRule | undefined }
  | { readonly do: "undefine" | "retry"; readonly sku: string }
  /** The channel sells a unit; later its order comes in, before or after the stock it changes. */
  | { readonly do: "sell"; readonly sku: string }
  | { readonly do: "order"; readonly sku: string; readonly isStockFirst: boolean }
  | { readonly do: "hold" | "release"; readonly sku: string }
  /** Somebody edits the number on the channel, or it is read and compared. */
  | { readonly do: "edit"; readonly sku: string; readonly to: number }
  | { readonly do: "reconcile"; readonly sku: string; readonly action: "repair" | "note" }
  | {
      readonly do: "channel";
      readonly compares: boolean;
      readonly applies: boolean;
      readonly takesMs: number | undefined;
    }
  | { readonly do: "pause" | "resume" | "evict" };

const sku = fc.constantFrom("A", "B", "C");
const rule = fc.option(
  fc.record(
    { buffer: fc.nat(3), cap: fc.nat(4), percent: fc.constantFrom(0, 50, 100) },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("change" as const),
      sku,
      available: fc.integer({ min: -1, max: 4 }),
      isStale: fc.oneof(
        { weight: 5, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 20, 60, 700, 5_000, 70_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("behave" as const),
      as: fc.constantFrom<Behaviour[]>(
        ...(["ok", "ok", "lost", "late", "busy", "broken", "rejected", "gone", "later"] as const),
      ),
      latencyMs: fc.constantFrom(0, 10, 50, 900, 15_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rule" as const), rule }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("define" as const), sku, rule }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("undefine" as const, "retry" as const), sku }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("sell" as const), sku }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("order" as const), sku, isStockFirst: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("hold" as const, "release" as const), sku }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("edit" as const), sku, to: fc.nat(4) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("reconcile" as const),
      sku,
      action: fc.constantFrom("repair" as const, "note" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("channel" as const),
      compares: fc.boolean(),
      applies: fc.boolean(),
      takesMs: fc.constantFrom(undefined, 1_000, 90_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("pause" as const, "resume" as const, "evict" as const) }),
  },
);

const limits = fc.record({
  batchMax: fc.integer({ min: 1, max: 3 }),
  concurrency: fc.integer({ min: 1, max: 3 }),
  ratePerSecond: fc.constantFrom(0.5, 5, 1_000),
  burst: fc.constantFrom(1, 3, 1_000),
});

test("whatever happens on the way, every listing ends at its newest number and no promise breaks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60, size: "max" }),
      limits,
      fc.infiniteStream(fc.double({ min: 0, max: 0.99, noNaN: true })),
      async (steps, given, randoms) => {
        const model = new Model(new World(given, () => randoms.next().value ?? 0.5));
        for (const each of steps) await model.take(each);
        await model.end();
        const { world, newest, rules } = model;
        expect(world.broken).toEqual([]);
        expect(world.publisher.status().due).toBe(0);
        expect(world.publisher.wakeAtMs()).toBe(Number.POSITIVE_INFINITY);
        for (const [each, view] of newest) {
          const quantity = publishedQuantity(view, rules.get(each) ?? world.rule);
          expect(world.shows.get(each)).toMatchObject({ sku: each, quantity });
          expect(world.offers.get(each)).toBe(quantity);
          expect(world.listing(each)).toMatchObject({ state: "published", published: { quantity } });
          expect(world.listing(each)?.withheld).toBeUndefined();
        }
      },
    ),
    { numRuns: 1_000 },
  );
}, 120_000);

class Model {
  readonly world: World;
  readonly newest = new Map<string, StockView>();
  readonly rules = new Map<string, PublicationRule | undefined>();
  readonly #sold: string[] = [];
  readonly #held: string[] = [];

  constructor(world: World) {
    this.world = world;
  }

  async take(each: Step): Promise<void> {
    const { world, newest, rules } = this;
    switch (each.do) {
      case "change": {
        const known = newest.get(each.sku);
        if (each.isStale && known !== undefined) {
          world.submit(stock(each.sku, Math.max(1, known.version - 1), each.available));
          return;
        }
        world.submit(this.#next(each.sku, each.available));
        return;
      }
      case "wait":
        await world.run(each.ms);
        return;
      case "behave":
        world.behaviour = each.as;
        world.latencyMs = each.latencyMs;
        return;
      case "channel":
        world.compares = each.compares;
        world.applies = each.applies || each.takesMs === undefined;
        world.verifyAfterMs = each.takesMs;
        return;
      case "rule":
        world.setRule(each.rule);
        return;
      case "define":
        rules.set(each.sku, each.rule);
        world.publisher.define(each.sku, { rule: each.rule }, newest.get(each.sku));
        world.poke();
        return;
      case "undefine":
        rules.delete(each.sku);
        world.publisher.undefine(each.sku);
        world.poke();
        return;
      case "retry":
        world.publisher.retry(each.sku);
        world.poke();
        return;
      case "sell":
        if ((world.offers.get(each.sku) ?? 0) <= 0) return;
        world.sell(each.sku);
        this.#sold.push(each.sku);
        return;
      case "order":
        this.#order(each.sku, each.isStockFirst);
        return;
      case "hold":
        this.#held.push(each.sku);
        world.publisher.hold([each.sku]);
        return;
      case "release":
        this.#release(each.sku);
        return;
      case "edit":
        if (world.offers.has(each.sku)) world.offers.set(each.sku, each.to);
        return;
      case "reconcile": {
        const actual = world.offers.get(each.sku);
        if (actual !== undefined) world.publisher.reconciled(each.sku, actual, each.action);
        world.poke();
        return;
      }
      case "pause":
        world.pause();
        return;
      case "resume":
        world.resume();
        return;
      case "evict":
        // The inbox holds again what it has kept.
        world.evict();
        world.publisher.hold(this.#held);
        return;
    }
  }

  /** All is well again, everything that was kept back arrives, and the channel is read once more. */
  async end(): Promise<void> {
    const { world } = this;
    world.behaviour = "ok";
    world.latencyMs = 10;
    world.applies = true;
    // Long enough for what is under way to end, however slow the channel was.
    await world.run(120_000);
    while (this.#sold.length > 0) this.#order(this.#sold[0] ?? "", true);
    while (this.#held.length > 0) this.#release(this.#held[0] ?? "");
    world.resume();
    world.publisher.retry(undefined);
    world.poke();
    await world.run(laterMs + 300_000);
    for (const [each, actual] of world.offers) world.publisher.reconciled(each, actual, "repair");
    // What was read before all was well may have failed a listing since.
    world.publisher.retry(undefined);
    world.poke();
    await world.run(laterMs + 300_000);
  }

  #order(of: string, isStockFirst: boolean): void {
    const index = this.#sold.indexOf(of);
    const known = this.newest.get(of);
    if (index < 0 || known === undefined) return;
    this.#sold.splice(index, 1);
    const view = this.#next(of, known.available - 1);
    if (isStockFirst) this.world.submit(view);
    this.world.import(of, view.version);
    if (!isStockFirst) this.world.submit(view);
  }

  #release(of: string): void {
    const index = this.#held.indexOf(of);
    if (index < 0) return;
    this.#held.splice(index, 1);
    this.world.publisher.release([of]);
    this.world.poke();
  }

  #next(of: string, available: number): StockView {
    const view = stock(of, (this.newest.get(of)?.version ?? 0) + 1, available);
    this.newest.set(of, view);
    return view;
  }
}
