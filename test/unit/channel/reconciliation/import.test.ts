import { describe, expect, it } from "vitest";
import { importView } from "../../../../src/channel/reconciliation/import.ts";
import { ReconcileWorld, unreadable } from "./world.ts";
import { stock } from "../world.ts";

/** A world whose SKUs have stock, and nothing is listed. */
function withStock(...skus: string[]): ReconcileWorld {
  const world = new ReconcileWorld();
  for (const sku of skus) world.stocks.set(sku, stock(sku, 1, 5));
  return world;
}

async function imported(world: ReconcileWorld, isDryRun = false) {
  world.importer.start(isDryRun);
  await world.finish(world.importer);
  await world.publish();
  const run = world.runs.newestRun("import");
  if (run === undefined) throw new Error("there is no import");
  return importView(run);
}

describe("an import", () => {
  it("lists what it knows, and shows the rest to a person", async () => {
    const world = withStock("A", "B", "TWICE");
    await world.listed("OLD", 3);
    world.items.set("1", { sku: "A", quantity: 0 });
    world.items.set("2", { sku: "STRANGE", quantity: 0 });
    world.items.set("3", { quantity: 0 });
    world.items.set("4", { sku: "TWICE", quantity: 0 });
    world.items.set("5", { sku: "TWICE", quantity: 0 });
    const view = await imported(world);
    expect(view).toMatchObject({
      state: "done",
      items: 6,
      counts: { matched: 1, alreadyListed: 1, duplicates: 1, unknownSku: 1, withoutSku: 1 },
      matched: [{ sku: "A", external: "1" }],
      alreadyListed: [{ sku: "OLD", external: "id-OLD" }],
      duplicates: [{ sku: "TWICE", items: [{ external: "4" }, { external: "5" }] }],
      unknownSku: [{ sku: "STRANGE", external: "2" }],
      withoutSku: [{ external: "3" }],
    });
    expect(world.listing("A")).toMatchObject({ isExplicit: true, external: "1" });
    expect(world.listing("TWICE")).toBeUndefined();
  });

  it("tells the channel at once what it has listed", async () => {
    const world = withStock("A");
    world.items.set("1", { sku: "A", quantity: 0 });
    await imported(world);
    expect(world.items.get("1")?.quantity).toBe(5);
  });

  it("finds items with one SKU though they are on different pages", async () => {
    const world = withStock("A", "B");
    world.pageSize = 1;
    world.items.set("1", { sku: "A", quantity: 0 });
    world.items.set("2", { sku: "B", quantity: 0 });
    world.items.set("3", { sku: "A", quantity: 0 });
    const view = await imported(world);
    expect(view.counts).toMatchObject({ matched: 1, duplicates: 1 });
    expect(world.listing("A")).toBeUndefined();
  });

  it("lists nothing in a dry run, and answers the same", async () => {
    const world = withStock("A");
    world.items.set("1", { sku: "A", quantity: 0 });
    const dry = await imported(world, true);
    expect(dry).toMatchObject({ dryRun: true, counts: { matched: 1 } });
    expect(world.listing("A")).toBeUndefined();
    world.pass(1_000);
    expect(await imported(world)).toMatchObject({ matched: dry.matched });
  });

  it("does not list a SKU as a second item, nor an item as a second SKU", async () => {
    const world = withStock("A", "B");
    await world.listed("A", 5);
    world.items.delete("id-A");
    world.items.set("other", { sku: "A", quantity: 0 });
    await world.listed("C", 5, "shared");
    world.items.set("shared", { sku: "B", quantity: 0 });
    const view = await imported(world);
    expect(view.duplicates).toEqual([
      { sku: "A", items: [{ external: "other" }, { external: "id-A", title: "listed here" }] },
    ]);
    expect(view.alreadyListed).toEqual([{ sku: "B", external: "shared" }]);
    expect(world.listing("B")).toBeUndefined();
  });

  it("keeps the rule that a listing has", async () => {
    const world = withStock("A");
    world.publisher.define("A", { rule: { cap: 2 } }, undefined);
    world.items.set("1", { sku: "A", quantity: 0 });
    await imported(world);
    expect(world.listing("A")).toMatchObject({ external: "1", rule: { cap: 2 } });
    expect(world.items.get("1")?.quantity).toBe(2);
  });

  it("keeps the first 500 of each list and counts all", async () => {
    const world = new ReconcileWorld();
    world.pageSize = 250;
    for (let n = 0; n < 1_200; n += 1) world.items.set(String(n), { sku: `S${n}`, quantity: 0 });
    const view = await imported(world);
    expect(view.counts.unknownSku).toBe(1_200);
    expect(view.unknownSku).toHaveLength(500);
  });

  it("misses no change of stock that comes while it lists", async () => {
    const world = withStock("A");
    world.items.set("1", { sku: "A", quantity: 0 });
    world.importer.start(false);
    while (world.listing("A") === undefined) await world.importer.step();
    // The queue has told the channel of version 2 before there was a listing; only the SKU itself still has it.
    world.stocks.set("A", stock("A", 2, 1));
    await world.finish(world.importer);
    await world.publish();
    expect(world.items.get("1")?.quantity).toBe(1);
  });

  it("goes on after a crash at any step, and lists everything once", async () => {
    for (let cut = 0; cut < 12; cut += 1) {
      const world = new ReconcileWorld();
      world.pageSize = 100;
      for (let n = 0; n < 250; n += 1) {
        world.stocks.set(`S${n}`, stock(`S${n}`, 1, 5));
        world.items.set(String(n), { sku: `S${n}`, quantity: 0 });
      }
      world.importer.start(false);
      await world.finish(world.importer, cut);
      world.restart();
      await world.finish(world.importer);
      await world.publish();
      expect(world.runs.newestRun("import")).toMatchObject({ phase: "done", items: 250 });
      expect(world.runs.newestRun("import")?.counts).toMatchObject({ matched: 250, alreadyListed: 0 });
      expect([...world.items.values()].every(({ quantity }) => quantity === 5)).toBe(true);
    }
  });

  it("reads the channel again where it failed", async () => {
    const world = withStock("A");
    world.items.set("1", { sku: "A", quantity: 0 });
    world.failures = [unreadable("502: bad gateway")];
    expect(await imported(world)).toMatchObject({ state: "done", counts: { matched: 1 } });
  });

  it("ends when the channel's pages go round", async () => {
    const world = withStock("A");
    world.failures = [];
    world.items.set("1", { sku: "A", quantity: 0 });
    world.goesRound = true;
    expect(await imported(world)).toMatchObject({
      state: "failed",
      failure: { detail: "the channel's pages do not end" },
    });
  });
});
