import fc from "fast-check";
import { expect, test } from "vitest";
import type { PublicationRule } from "../../../src/protocol/rule.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { publishedQuantity } from "../../../src/stock/publication.ts";
import { type Behaviour, stock, World } from "./world.ts";

type Step =
  | { readonly do: "change"; readonly sku: string; readonly available: number; readonly isStale: boolean }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "behave"; readonly as: Behaviour; readonly latencyMs: number }
  | { readonly do: "rule"; readonly rule: PublicationRule | undefined }
  | { readonly do: "define"; readonly sku: string; readonly rule: PublicationRule | undefined }
  | { readonly do: "undefine" | "retry"; readonly sku: string }
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
      as: fc.constantFrom<Behaviour[]>("ok", "ok", "lost", "late", "busy", "broken", "rejected", "gone"),
      latencyMs: fc.constantFrom(0, 10, 50, 900, 15_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rule" as const), rule }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("define" as const), sku, rule }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("undefine" as const, "retry" as const), sku }) },
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
        const world = new World(given, () => randoms.next().value ?? 0.5);
        const newest = new Map<string, StockView>();
        const rules = new Map<string, PublicationRule | undefined>();
        for (const each of steps) await take(world, each, newest, rules);

        world.behaviour = "ok";
        world.latencyMs = 10;
        await world.run(20_000);
        world.resume();
        world.publisher.retry(undefined);
        world.poke();
        await world.run(300_000);

        expect(world.broken).toEqual([]);
        expect(world.publisher.status().due).toBe(0);
        for (const [each, view] of newest) {
          const quantity = publishedQuantity(view, rules.get(each) ?? world.rule);
          expect(world.shows.get(each)).toMatchObject({ sku: each, quantity });
          expect(world.store.get([each]).get(each)).toMatchObject({ state: "published" });
        }
      },
    ),
    { numRuns: 1_000 },
  );
}, 60_000);

async function take(
  world: World,
  each: Step,
  newest: Map<string, StockView>,
  rules: Map<string, PublicationRule | undefined>,
): Promise<void> {
  switch (each.do) {
    case "change": {
      const known = newest.get(each.sku);
      if (each.isStale && known !== undefined) {
        world.submit(stock(each.sku, Math.max(1, known.version - 1), each.available));
        return;
      }
      const view = stock(each.sku, (known?.version ?? 0) + 1, each.available);
      newest.set(each.sku, view);
      world.submit(view);
      return;
    }
    case "wait":
      await world.run(each.ms);
      return;
    case "behave":
      world.behaviour = each.as;
      world.latencyMs = each.latencyMs;
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
    case "pause":
      world.pause();
      return;
    case "resume":
      world.resume();
      return;
    case "evict":
      world.evict();
      return;
  }
}
