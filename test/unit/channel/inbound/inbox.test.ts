import { describe, expect, it } from "vitest";
import { ChannelUnreadableError } from "../../../../src/channel/kit/adapter.ts";
import type { LevelReport } from "../../../../src/channel/kit/inbound.ts";
import type { ReportAnswer } from "../../../../src/order/contract.ts";
import { answered, InboxWorld, orderOf, settled, sold } from "./inbox-world.ts";
import { stock, World } from "../world.ts";

const hint = (orderId: string) => ({ type: "order-hint" as const, orderId });
const level = (quantity: number, external = "item-1"): LevelReport => ({
  type: "level",
  external,
  quantity,
  updatedAt: "2026-01-01T00:00:00.000Z",
});
const never = () => new Promise<never>(() => undefined);

describe("what a channel tells", () => {
  it("is kept before it is applied, and holds the numbers of its SKUs until they know of it", async () => {
    const world = new InboxWorld();
    world.report = async () => ({ ...answered, skus: [{ sku: "A", units: 2, epoch: "e", version: 7 }] });
    expect(world.inbox.keep([orderOf("1", sold("1", "A", 2), sold("2", "B", 1))])).toBe(1);
    expect(world.store.summary()).toMatchObject({ waiting: 1 });
    await world.inbox.poke();
    expect(world.log).toEqual(["hold A B", "report 1", "imported 2 A 7", "release A B"]);
    expect(world.store.summary()).toMatchObject({ waiting: 0, parked: 0 });
  });

  it("counts once, however often the same delivery comes, for a week", async () => {
    const world = new InboxWorld();
    const facts = [orderOf("1", sold("1", "A", 2))];
    expect(world.keep(facts, "d-1")).toBe(1);
    expect(world.keep(facts, "d-1")).toBe(0);
    await world.run(6 * 86_400_000);
    expect(world.keep(facts, "d-1")).toBe(0);
    expect(world.reports).toHaveLength(1);
    await world.run(3 * 86_400_000);
    world.keep([], "another");
    expect(world.keep(facts, "d-1")).toBe(1);
    expect(world.inbox.status()).toMatchObject({ duplicates: 2 });
  });

  it("is answered at once although a SKU hangs, and other orders go on", async () => {
    const world = new InboxWorld();
    world.report = async (fact) => (fact.orderId === "slow" ? never() : answered);
    expect(world.keep([orderOf("slow", sold("1", "A", 1))])).toBe(1);
    expect(world.keep([orderOf("quick", sold("1", "B", 1))])).toBe(1);
    await settled();
    expect(world.log).toEqual(["hold A", "report slow", "hold B", "report quick", "release B"]);
    expect(world.inbox.wakeAtMs()).toBe(world.nowMs + 5_000);
  });

  it("is applied in order of arrival for one order, and side by side for several", async () => {
    const world = new InboxWorld();
    const open: (() => void)[] = [];
    world.report = () => new Promise((resolve) => open.push(() => resolve(answered)));
    world.keep([
      orderOf("1", sold("1", "A", 1)),
      orderOf("2", sold("1", "B", 1)),
      orderOf("1", sold("1", "A", 2)),
    ]);
    await settled();
    expect(world.reports.map(({ orderId }) => orderId)).toEqual(["1", "2"]);
    open[0]?.();
    await settled();
    expect(world.reports.map(({ orderId, lines }) => [orderId, lines[0]?.ordered])).toEqual([
      ["1", 1],
      ["2", 1],
      ["1", 2],
    ]);
  });

  it("is never told more than 16 orders at once", async () => {
    const world = new InboxWorld();
    world.report = never;
    world.keep(Array.from({ length: 40 }, (_, index) => orderOf(String(index), sold("1", "A", 1))));
    await settled();
    expect(world.reports).toHaveLength(16);
  });

  it("survives a crash at any moment, and is told again under the same id", async () => {
    const world = new InboxWorld();
    world.report = never;
    world.keep([orderOf("1", sold("1", "A", 1))]);
    await settled();
    world.evict();
    world.report = async () => answered;
    await world.run(5_000);
    expect(world.reports).toHaveLength(2);
    expect(world.reports[1]).toEqual(world.reports[0]);
    expect(world.log).toEqual(["hold A", "report 1", "hold A", "report 1", "release A"]);
    expect(world.store.summary()).toMatchObject({ waiting: 0 });
  });

  it("is tried again, ever more rarely, until it is applied; the SKUs stay held", async () => {
    const world = new InboxWorld();
    world.report = async () => {
      throw new Error("overloaded");
    };
    world.keep([orderOf("1", sold("1", "A", 1))]);
    await world.run(3_600_000);
    const tries = world.reports.length;
    expect(tries).toBeGreaterThan(15);
    expect(tries).toBeLessThan(50);
    expect(world.log).not.toContain("release A");
    expect(world.inbox.status()).toMatchObject({
      waiting: 1,
      lastFailure: { detail: "order 1: Error: overloaded" },
    });
    world.report = async () => answered;
    await world.run(300_000);
    expect(world.log.at(-1)).toBe("release A");
  });

  it("is not half applied: what the publisher is told is undone if the fact stays", async () => {
    const world = new InboxWorld();
    world.report = async () => ({ ...answered, skus: [{ sku: "A", units: 1, epoch: "e", version: 2 }] });
    const told: number[] = [];
    world.listener.imported = (_, units) => {
      world.sql.exec("INSERT INTO vault (name, sealed) VALUES ('told', 'x')");
      told.push(units);
    };
    let isBroken = true;
    world.sql.beforeEach = (query) => {
      if (isBroken && query.startsWith("DELETE FROM inbox")) throw new Error("disk full");
    };
    world.keep([orderOf("1", sold("1", "A", 1))]);
    await settled();
    expect(world.sql.exec("SELECT * FROM vault").toArray()).toEqual([]);
    isBroken = false;
    await world.run(10_000);
    expect(told).toEqual([1, 1]);
    expect(world.sql.exec("SELECT * FROM vault").toArray()).toHaveLength(1);
  });

  it("is parked with the reason if it can never be applied, and tried again by hand", async () => {
    const world = new InboxWorld();
    world.report = async () => ({
      ...answered,
      refused: [{ lineId: "1", detail: "quantity-out-of-range at A" }],
    });
    world.keep([
      orderOf("1", sold("1", "A", 1)),
      orderOf("", sold("1", "B", 1)),
      orderOf("2", sold("1", "C", 0.5)),
    ]);
    await settled();
    expect(world.store.page({ state: "parked", limit: 9 }).map(({ detail }) => detail)).toEqual([
      "line 1: quantity-out-of-range at A",
      "its order id is empty, too long or not printable",
      "line 1 counts other than whole units up to 1000000000",
    ]);
    expect(world.log.filter((entry) => entry.startsWith("release"))).toHaveLength(3);
    world.report = async () => answered;
    expect(world.inbox.replay(1)).toBe(1);
    world.poke();
    await settled();
    expect(world.store.summary()).toMatchObject({ waiting: 0, parked: 2 });
    expect(world.reports.map(({ id }) => id.split(".")[1])).toEqual(["0", "1"]);
  });

  it("of a removed channel is written nowhere any more", async () => {
    const world = new InboxWorld();
    let finish = () => undefined as void;
    world.report = () =>
      new Promise((resolve) => {
        finish = () => resolve({ ...answered, skus: [{ sku: "A", units: 1, epoch: "e", version: 2 }] });
      });
    world.keep([orderOf("1", sold("1", "A", 1))]);
    await settled();
    world.inbox.stop();
    finish();
    await settled();
    expect(world.log).toEqual(["hold A", "report 1"]);
    expect(world.inbox.wakeAtMs()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("while an order is kept and not applied", () => {
  /** The channel shows 5; 2 more were found, so 7 are here; it has sold 3 of them and shows 2. */
  async function heldShop() {
    const shop = new World();
    shop.submit(stock("A", 1, 5));
    await shop.run(1_000);
    const world = new InboxWorld();
    world.listener = shop.publisher;
    const { promise, resolve } = Promise.withResolvers<ReportAnswer>();
    world.report = () => promise;
    world.keep([orderOf("1", sold("1", "A", 3))]);
    shop.submit(stock("A", 2, 7));
    await shop.run(60_000);
    expect(shop.quantitiesSent()).toEqual([5]);
    const apply = async () => {
      resolve({ ...answered, skus: [{ sku: "A", units: 3, epoch: "e1", version: 3 }] });
      await settled();
      shop.poke();
      await shop.run(1_000);
    };
    return { shop, apply };
  }

  it("no higher number of its SKU is published, and the right one when it is applied", async () => {
    const { shop, apply } = await heldShop();
    shop.submit(stock("A", 3, 4));
    await shop.run(1_000);
    await apply();
    expect(shop.quantitiesSent()).not.toContain(7);
    expect(shop.shows.get("A")?.quantity).toBe(4);
  });

  it("nor if the order is known to be in the ledger before its stock comes", async () => {
    const { shop, apply } = await heldShop();
    await apply();
    shop.submit(stock("A", 3, 4));
    await shop.run(1_000);
    expect(Math.max(...shop.quantitiesSent())).toBe(5);
    expect(shop.shows.get("A")?.quantity).toBe(4);
  });
});

it("a sale that is heard of while the listing is told for the first time is no unknown one", async () => {
  const shop = new World();
  shop.submit(stock("A", 1, 10));
  await shop.run(10);
  shop.publisher.imported("A", 3, { epoch: "e1", version: 2 });
  await shop.run(1_000);
  shop.submit(stock("A", 2, 7));
  await shop.run(1_000);
  expect(shop.quantitiesSent()).toEqual([10, 7]);
  expect(shop.calls.at(-1)?.publications[0]?.expected).toBe(7);
});

describe("hints", () => {
  it("are looked up together, and what comes is applied", async () => {
    const world = new InboxWorld();
    const asked: string[][] = [];
    world.lookUp = async (orderIds) => {
      asked.push([...orderIds]);
      return orderIds.map((id) => orderOf(id, sold("1", "A", 1)));
    };
    world.keep([hint("1"), hint("2"), hint("1")]);
    await settled();
    expect(asked).toEqual([["1", "2"]]);
    expect(world.reports.map(({ orderId }) => orderId)).toEqual(["1", "2"]);
    expect(world.store.summary()).toMatchObject({ waiting: 0 });
  });

  it("wait as long as the channel asks for silence", async () => {
    const world = new InboxWorld();
    const askedAtMs: number[] = [];
    world.lookUp = async () => {
      askedAtMs.push(world.nowMs);
      if (askedAtMs.length === 1) throw new ChannelUnreadableError("HTTP 429", 60_000);
      return [];
    };
    const startMs = world.nowMs;
    world.keep([hint("1")]);
    await world.run(120_000);
    expect(askedAtMs).toEqual([startMs, startMs + 60_000]);
    expect(world.inbox.status()).toMatchObject({
      waiting: 0,
      lastNote: { detail: "the channel told of orders it does not know: 1" },
    });
  });

  it("that come while others are looked up are looked up next", async () => {
    const world = new InboxWorld();
    const asked: string[][] = [];
    let finish = () => undefined as void;
    world.lookUp = (orderIds) =>
      new Promise((resolve) => {
        asked.push([...orderIds]);
        finish = () => resolve([]);
      });
    world.keep([hint("1")]);
    await settled();
    world.keep([hint("1"), hint("2")]);
    finish();
    await settled();
    expect(asked).toEqual([["1"], ["1", "2"]]);
  });

  it("that nobody can follow are parked", async () => {
    const world = new InboxWorld();
    world.keep([hint("1")]);
    await settled();
    expect(world.store.page({ limit: 9 })).toMatchObject([
      { state: "parked", detail: "this kind of channel cannot be asked about an order" },
    ]);
  });
});

describe("a level", () => {
  it("that echoes our own number costs nothing", () => {
    const world = new InboxWorld();
    world.items.set('"item-1"', ["A"]);
    world.meaning = "echo";
    world.keep([level(5)]);
    world.meaning = "in-flight";
    world.keep([level(6)]);
    world.keep([level(6, "item-2")]);
    expect(world.store.summary()).toMatchObject({ waiting: 0 });
    expect(world.inbox.status().levels).toEqual({ echo: 1, inFlight: 1, drift: 0, unlisted: 1 });
  });

  it("that nothing explains is looked at again when its order may have come, and then noted", async () => {
    const world = new InboxWorld();
    world.items.set('"item-1"', ["A"]);
    world.keep([level(5)]);
    await world.run(14_000);
    expect(world.drift).toEqual([]);
    await world.run(2_000);
    expect(world.drift).toEqual(["A 5"]);
    world.keep([level(4)]);
    await world.run(10_000);
    world.meaning = "in-flight";
    await world.run(10_000);
    expect(world.drift).toEqual(["A 5"]);
    expect(world.reports).toEqual([]);
  });

  it("waits its time over a restart too", async () => {
    const world = new InboxWorld();
    world.items.set('"item-1"', ["A"]);
    world.keep([level(5)]);
    await world.run(1_000);
    world.evict();
    await world.run(13_000);
    expect(world.drift).toEqual([]);
    await world.run(10_000);
    expect(world.drift).toEqual(["A 5"]);
  });
});

describe("the SKU of a line", () => {
  const skusTold = async (world: InboxWorld, line: { external?: string; sku?: string }) => {
    const counts = { ordered: 1, cancelled: 0, fulfilled: 0, restocked: 0, writtenOff: 0 };
    world.keep([orderOf("1", { lineId: "1", ...line, ...counts })]);
    await settled();
    return world.reports.at(-1)?.lines.map(({ sku, name }) => [sku, name]);
  };

  it("is the listing that has the item, whatever the channel calls it", async () => {
    const world = new InboxWorld();
    world.items.set('"4711"', ["TEE"]);
    expect(await skusTold(world, { external: "4711", sku: "OTHER" })).toEqual([["TEE", "OTHER"]]);
  });

  it("is the listing that the channel names too, if several have the item", async () => {
    const world = new InboxWorld();
    world.items.set('"4711"', ["TEE-2", "TEE-1"]);
    expect(await skusTold(world, { external: "4711", sku: "TEE-2" })).toEqual([["TEE-2", "TEE-2"]]);
    expect(await skusTold(world, { external: "4711" })).toEqual([["TEE-1", '"4711"']]);
  });

  it("is what the channel calls it, if no listing has the item", async () => {
    expect(await skusTold(new InboxWorld(), { external: "4711", sku: " Tee\u0301 " })).toEqual([
      ["Teé", "Teé"],
    ]);
  });

  it("is the listing without an item that the item names, if the channel has no SKU for it", async () => {
    const world = new InboxWorld();
    expect(await skusTold(world, { external: "TEE" })).toEqual([[undefined, '"TEE"']]);
    world.listedBySku.add("TEE");
    expect(await skusTold(world, { external: "TEE", sku: "" })).toEqual([["TEE", '"TEE"']]);
  });
});
