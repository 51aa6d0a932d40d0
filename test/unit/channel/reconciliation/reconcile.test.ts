import { describe, expect, it } from "vitest";
import type { DriftEntry } from "../../../../src/protocol/reconciliation.ts";
import { failuresMax } from "../../../../src/channel/reconciliation/page-reader.ts";
import { entriesMax, newRun, withEntries } from "../../../../src/channel/reconciliation/run.ts";
import { ReconcileWorld, unreadable } from "./world.ts";

const hour = 3_600_000;

describe("a run", () => {
  it("says of every item what it means, and of listings that are not there", async () => {
    const world = new ReconcileWorld();
    for (const sku of ["A", "B", "C", "D"]) await world.listed(sku, 10);
    world.edit("id-B", 15);
    world.edit("id-C", undefined);
    world.items.delete("id-D");
    world.items.set("x", { sku: "NEW", quantity: 3 });
    const run = await world.reconcile();
    expect(run).toMatchObject({ phase: "done", items: 4, corrections: 1 });
    expect(run.counts).toEqual({ in_sync: 1, edited_there: 1, uncounted: 1, missing_there: 1, unlisted: 1 });
    expect(run.entries.map(({ sku, class: kind }) => [sku, kind])).toEqual([
      ["B", "edited_there"],
      ["C", "uncounted"],
      ["NEW", "unlisted"],
      ["D", "missing_there"],
    ]);
    expect(world.drift.first(10).map(({ sku }) => sku)).toEqual(["B", "C", "D"]);
  });

  it("puts our number back, and closes the drift once the channel shows it", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.edit("id-A", 15);
    expect((await world.reconcile()).entries).toMatchObject([
      { ours: 10, theirs: 15, action: "published_again" },
    ]);
    expect(world.items.get("id-A")?.quantity).toBe(10);
    expect(world.drift.count()).toBe(1);
    world.pass(hour);
    expect((await world.reconcile()).counts).toEqual({ in_sync: 1 });
    expect(world.drift.count()).toBe(0);
  });

  it("never puts a unit on sale again that the channel has just sold and nobody has told us of", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.edit("id-A", 9);
    const run = await world.reconcile();
    expect(run.entries).toMatchObject([{ action: "none", reason: expect.stringMatching(/may be an order/) }]);
    expect(world.items.get("id-A")?.quantity).toBe(9);
  });

  it("puts our number back over fewer once no order has come for it, and not before", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.edit("id-A", 7);
    await world.reconcile();
    world.pass(11 * 60_000);
    expect((await world.reconcile()).corrections).toBe(1);
    expect(world.items.get("id-A")?.quantity).toBe(10);
  });

  it("waits as long for a channel that does not say when a number changed", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.items.set("id-A", { sku: "A", quantity: 7 });
    await world.reconcile();
    world.pass(5 * 60_000);
    expect((await world.reconcile()).corrections).toBe(0);
    world.pass(6 * 60_000);
    expect((await world.reconcile()).corrections).toBe(1);
  });

  it("finds an item by its id whatever SKU the channel has for it, and by its SKU if the listing has no id", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.items.set("id-A", { sku: "renamed", quantity: 10 });
    world.items.set("B", { sku: "B", quantity: 4 });
    world.publisher.define("B", {}, undefined);
    world.sell("B", 4);
    await world.publish();
    world.pass(hour);
    world.items.set("second", { sku: "A", quantity: 3 });
    const run = await world.reconcile();
    expect(run.counts).toEqual({ in_sync: 2, unlisted: 1 });
    expect(run.entries[0]?.reason).toMatch(/another item/);
  });

  it("lets a number alone that is under way, and says so", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.edit("id-A", 15);
    world.sell("A", 8);
    expect((await world.reconcile()).counts).toEqual({ in_flight: 1 });
  });

  it("lets a number alone whose orders are kept and not applied", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.edit("id-A", 12, hour / 2);
    world.held.add("A");
    expect((await world.reconcile()).counts).toEqual({ in_flight: 1 });
  });

  it("is not taken in by what changed here while the page was on its way", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.whileReading = () => world.sell("A", 3);
    expect((await world.reconcile()).counts).toEqual({ in_flight: 1 });
  });

  it("corrects nothing on a channel that is paused or only watched", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.edit("id-A", 15);
    world.isPaused = true;
    expect((await world.reconcile()).entries[0]?.reason).toMatch(/paused/);
    world.isPaused = false;
    world.policy = "alert";
    expect((await world.reconcile()).entries[0]?.reason).toMatch(/only reported/);
    expect(world.items.get("id-A")?.quantity).toBe(15);
  });
});

describe("bounds", () => {
  it("corrects a hundred in a run, says so of the others, and goes on in the next", async () => {
    const world = new ReconcileWorld();
    for (let n = 0; n < 130; n += 1) await world.listed(`S${String(n).padStart(3, "0")}`, 10);
    for (const external of world.items.keys()) world.edit(external, 15);
    const run = await world.reconcile();
    expect(run.corrections).toBe(100);
    const left = run.entries.filter(({ reason }) => reason.includes("bound reached"));
    expect(left).toHaveLength(30);
    world.pass(hour);
    expect(await world.reconcile()).toMatchObject({
      corrections: 30,
      counts: { in_sync: 100, edited_there: 30 },
    });
  });

  it("gives up on a listing that somebody changes back after three runs in a row, until it is in sync", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    const actions: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      world.edit("id-A", 15 + n);
      actions.push((await world.reconcile()).entries[0]?.action ?? "");
      world.pass(hour);
    }
    expect(actions).toEqual(["published_again", "published_again", "published_again", "none", "none"]);
    expect(world.drift.first(1)).toMatchObject([
      { correctedInARow: 3, reason: expect.stringMatching(/3 runs in a row/) },
    ]);
    world.edit("id-A", 10);
    await world.reconcile();
    world.edit("id-A", 20);
    expect((await world.reconcile()).entries[0]?.action).toBe("published_again");
  });

  it("keeps 500 entries, and other findings never crowd out drift", () => {
    const entry = (kind: DriftEntry["class"]): DriftEntry => ({ class: kind, action: "none", reason: "" });
    const many = (kind: DriftEntry["class"], count: number) =>
      Array.from({ length: count }, () => entry(kind));
    const run = withEntries(newRun("r", "hand", 0, 0), [
      ...many("unlisted", 2_000),
      ...many("lost_push", 480),
    ]);
    expect(run.entries).toHaveLength(entriesMax);
    expect(run.entries.filter((kept) => kept.class === "lost_push")).toHaveLength(450);
    expect(run.entriesLeftOut).toBe(1_980);
    expect(run.counts).toEqual({ unlisted: 2_000, lost_push: 480 });
  });

  it("keeps the last ten runs", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    for (let n = 0; n < 13; n += 1) {
      await world.reconcile();
      world.pass(hour);
    }
    expect(world.runs.runs("reconcile").map(({ id }) => id)).toEqual(
      Array.from({ length: 10 }, (_, n) => `run-${13 - n}`),
    );
  });
});

describe("when the channel's number counts", () => {
  it("corrects the stock by the difference, once, in the run's name", async () => {
    const world = new ReconcileWorld();
    world.policy = "channel";
    await world.listed("A", 10);
    world.edit("id-A", 4);
    world.pass(hour);
    expect((await world.reconcile()).entries).toMatchObject([{ action: "corrected", ours: 10, theirs: 4 }]);
    expect(world.corrections).toMatchObject([{ run: "run-1", sku: "A", delta: -6, location: "default" }]);
    expect(world.items.get("id-A")?.quantity).toBe(4);
    world.pass(hour);
    expect((await world.reconcile()).counts).toEqual({ in_sync: 1 });
  });

  it("withholds nothing for a difference that it has just taken over", async () => {
    const world = new ReconcileWorld();
    world.policy = "channel";
    await world.listed("A", 10);
    world.edit("id-A", 4);
    world.pass(hour);
    await world.reconcile();
    expect(world.listing("A")?.withheld).toBeUndefined();
  });

  it("says why the SKU would not be corrected, and still sees the drift in the next run", async () => {
    const world = new ReconcileWorld();
    world.policy = "channel";
    await world.listed("A", 10);
    world.edit("id-A", 4);
    world.pass(hour);
    world.refuseCorrection = { outcome: "refused", replayed: false, refusal: { code: "version-mismatch" } };
    const reason = expect.stringMatching(/the stock changed meanwhile/);
    expect((await world.reconcile()).entries).toMatchObject([{ action: "none", reason }]);
    world.pass(hour);
    world.refuseCorrection = undefined;
    expect((await world.reconcile()).entries).toMatchObject([{ action: "corrected" }]);
  });
});

describe("a run that is cut off", () => {
  it("goes on with the page it was at, and finds missing what no page had", async () => {
    const world = new ReconcileWorld();
    world.pageSize = 2;
    for (const sku of ["A", "B", "C", "D", "E"]) await world.listed(sku, 10);
    world.items.delete("id-D");
    world.reconciler.start("hand", world.nowMs);
    await world.finish(world.reconciler, 1);
    world.restart();
    expect(world.reads).toEqual([undefined]);
    await world.finish(world.reconciler);
    expect(world.reads).toEqual([undefined, "2"]);
    expect(world.runs.newestRun("reconcile")?.counts).toEqual({ in_sync: 4, missing_there: 1 });
  });

  it("takes a page in whole or not at all", async () => {
    const world = new ReconcileWorld();
    world.policy = "alert";
    await world.listed("A", 10);
    world.edit("id-A", 15);
    let isBroken = true;
    world.sql.beforeEach = (query) => {
      if (isBroken && query.includes("INSERT INTO run_pages")) {
        isBroken = false;
        throw new Error("the disk failed");
      }
    };
    world.reconciler.start("hand", world.nowMs);
    await world.finish(world.reconciler, 1);
    expect(world.drift.count()).toBe(0);
    expect(world.runs.newestRun("reconcile")).toMatchObject({ phase: "items", counts: {}, failures: 1 });
    await world.finish(world.reconciler);
    expect(world.runs.newestRun("reconcile")).toMatchObject({ phase: "done", counts: { edited_there: 1 } });
  });

  it("is the only one: another start joins it, and one that waits is brought forward", () => {
    const world = new ReconcileWorld();
    const waiting = world.reconciler.start("schedule", world.nowMs + hour);
    expect(world.reconciler.nextAtMs()).toBe(world.nowMs + hour);
    const started = world.reconciler.start("hand", world.nowMs);
    expect(started).toMatchObject({ id: waiting.id, startedBy: "hand" });
    expect(world.reconciler.start("schedule", world.nowMs + hour).id).toBe(waiting.id);
    expect(world.reconciler.nextAtMs()).toBe(world.nowMs);
  });

  it("ends when the channel has moved, with the reason", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.whileReading = () => world.reconciler.abandon("the channel was changed");
    const run = await world.reconcile();
    expect(run).toMatchObject({
      phase: "failed",
      counts: {},
      failure: { detail: "the channel was changed" },
    });
  });
});

describe("a channel that cannot be read for a while", () => {
  it("is read again later, and is silent as long as it asks for", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    const beganMs = world.nowMs;
    world.failures = [unreadable("429", 30_000), unreadable("502")];
    expect(await world.reconcile()).toMatchObject({ phase: "done", failures: 0, counts: { in_sync: 1 } });
    expect(world.nowMs - beganMs).toBeGreaterThanOrEqual(30_000);
  });

  it("fails the run at last, with the channel's words, and publishing goes on", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.failures = Array.from({ length: 99 }, () => unreadable("403: read_inventory is missing"));
    const run = await world.reconcile();
    expect(run).toMatchObject({ phase: "failed", failure: { detail: "403: read_inventory is missing" } });
    expect(world.reads).toHaveLength(failuresMax);
    expect(world.publisher.status().breaker).toBe("closed");
    world.sell("A", 3);
    await world.publish();
    expect(world.items.get("id-A")?.quantity).toBe(3);
  });

  it("leaves what was open as it was, for nobody has looked", async () => {
    const world = new ReconcileWorld();
    world.policy = "alert";
    await world.listed("A", 10);
    world.edit("id-A", 15);
    await world.reconcile();
    world.failures = Array.from({ length: 99 }, () => unreadable("down"));
    world.pass(hour);
    await world.reconcile();
    expect(world.drift.count()).toBe(1);
  });
});

describe("open drift", () => {
  it("has what the channel told by itself, until a run finds it in sync", async () => {
    const world = new ReconcileWorld();
    await world.listed("A", 10);
    world.drift.note({ sku: "A", external: "id-A", ours: 10, theirs: 8 }, world.nowMs);
    expect(world.drift.first(1)).toMatchObject([{ sku: "A", class: "edited_there", theirs: 8 }]);
    world.pass(1_000);
    await world.reconcile();
    expect(world.drift.count()).toBe(0);
  });

  it("forgets listings that are no more", async () => {
    const world = new ReconcileWorld();
    world.policy = "alert";
    await world.listed("A", 10);
    world.edit("id-A", 15);
    await world.reconcile();
    world.publisher.undefine("A");
    world.pass(hour);
    await world.reconcile();
    expect(world.drift.count()).toBe(0);
  });
});
