import { describe, expect, test } from "vitest";
import { listingView } from "../../../../src/channel/views.ts";
import { stock, World } from "../world.ts";

const hourMs = 3_600_000;

/** A channel that compares and shows 10 of A. */
async function toldTen(): Promise<World> {
  const world = new World();
  world.compares = true;
  world.submit(stock("A", 1, 10));
  await world.run(1_000);
  return world;
}

function view(world: World) {
  const listing = world.listing("A");
  if (listing === undefined) throw new Error("no listing");
  return listingView(listing);
}

function sent(world: World): (number | undefined)[][] {
  return world.calls.flatMap(({ publications }) =>
    publications.map(({ quantity, expected }) => [quantity, expected]),
  );
}

describe("what a channel is expected to show", () => {
  test("nothing before it was told, and then what it was told", async () => {
    const world = await toldTen();
    world.submit(stock("A", 2, 8));
    await world.run(1_000);
    expect(sent(world)).toEqual([
      [10, undefined],
      [8, 10],
    ]);
  });

  test("nothing after an answer was lost, until the channel confirms again", async () => {
    const world = await toldTen();
    world.behaviour = "late";
    world.submit(stock("A", 2, 8));
    await world.run(60);
    world.behaviour = "ok";
    await world.run(5_000);
    world.submit(stock("A", 3, 7));
    await world.run(1_000);
    expect(sent(world).slice(1)).toEqual([
      [8, 10],
      [8, undefined],
      [7, 8],
    ]);
  });

  test("the same as before if the channel only asked for silence, as it took nothing", async () => {
    const world = await toldTen();
    world.behaviour = "busy";
    world.submit(stock("A", 2, 8));
    await world.run(60);
    world.behaviour = "ok";
    await world.run(5_000);
    expect(sent(world).slice(1)).toEqual([
      [8, 10],
      [8, 10],
    ]);
  });

  test("nothing after a restart while it was due, as nobody knows what was sent", async () => {
    const world = await toldTen();
    world.behaviour = "lost";
    world.submit(stock("A", 2, 8));
    world.evict();
    world.behaviour = "ok";
    await world.run(10_000);
    expect(sent(world).at(-1)).toEqual([8, undefined]);
  });

  test("nothing of another item of the channel", async () => {
    const world = await toldTen();
    world.publisher.define("A", { external: "other" }, undefined);
    world.poke();
    await world.run(1_000);
    expect(sent(world).at(-1)).toEqual([10, undefined]);
  });
});

describe("a sale nobody has told us of", () => {
  test("is withheld: the channel is told what is wanted less what is missing there", async () => {
    const world = await toldTen();
    world.sell("A", 2);
    world.submit(stock("A", 2, 12));
    await world.run(1_000);
    expect(sent(world).slice(1)).toEqual([
      [12, 10],
      [10, 8],
    ]);
    expect(world.offers.get("A")).toBe(10);
    expect(view(world)).toMatchObject({
      state: "published",
      wanted: { quantity: 12 },
      published: { quantity: 10 },
      withheld: { units: 2 },
    });
    expect(world.publisher.status().due).toBe(0);
  });

  test.each([
    ["the order comes first", true],
    ["the stock comes first", false],
  ])(
    "is withheld no more when its order is here, and the number is told anew: %s",
    async (_, isOrderFirst) => {
      const world = await toldTen();
      world.sell("A", 2);
      world.submit(stock("A", 2, 12));
      await world.run(1_000);
      if (isOrderFirst) world.import("A", 3, 2);
      else world.submit(stock("A", 3, 10));
      await world.run(1_000);
      expect(world.offers.get("A")).toBeLessThanOrEqual(10);
      if (isOrderFirst) world.submit(stock("A", 3, 10));
      else world.import("A", 3, 2);
      await world.run(1_000);
      expect(world.offers.get("A")).toBe(10);
      expect(view(world)).toMatchObject({ state: "published", wanted: { quantity: 10, version: 3 } });
      expect(view(world).withheld).toBeUndefined();
    },
  );

  test("that is imported before anything was found missing costs one call: the same number, expecting what is left", async () => {
    const world = await toldTen();
    world.sell("A");
    world.import("A", 2);
    world.submit(stock("A", 2, 9));
    await world.run(1_000);
    expect(sent(world).slice(1)).toEqual([[9, 9]]);
    expect(world.offers.get("A")).toBe(9);
  });

  test("imported twice by one and the same order counts once", async () => {
    const world = await toldTen();
    world.sell("A", 3);
    world.submit(stock("A", 2, 12));
    await world.run(1_000);
    world.import("A", 3, 1);
    world.import("A", 3, 1);
    world.submit(stock("A", 3, 11));
    await world.run(1_000);
    expect(view(world).withheld).toMatchObject({ units: 2 });
    expect(world.offers.get("A")).toBe(9);
  });

  test("of more units than anybody withheld never makes them fewer than none", async () => {
    const world = await toldTen();
    world.import("A", 2, 4);
    world.submit(stock("A", 2, 6));
    await world.run(1_000);
    expect(view(world).withheld).toBeUndefined();
    expect(world.offers.get("A")).toBe(6);
  });

  test("is imported by many orders before their stock is here: all of them are kept from sale until then", async () => {
    const world = await toldTen();
    for (let version = 3; version <= 22; version += 1) world.import("A", version, 1);
    world.submit(stock("A", 2, 30));
    await world.run(1_000);
    expect(world.shows.get("A")).toMatchObject({ quantity: 10 });
    world.submit(stock("A", 22, 10));
    await world.run(1_000);
    expect(world.shows.get("A")).toMatchObject({ quantity: 10 });
    expect(view(world).withheld).toBeUndefined();
  });

  test("survives a restart with what is withheld for it", async () => {
    const world = await toldTen();
    world.sell("A", 2);
    world.submit(stock("A", 2, 12));
    await world.run(1_000);
    world.evict();
    world.submit(stock("A", 3, 13));
    await world.run(1_000);
    expect(world.offers.get("A")).toBe(11);
  });

  test("that nobody explains for an hour is given up, with a word in the log and a count in the status", async () => {
    const world = await toldTen();
    world.sell("A", 2);
    world.submit(stock("A", 2, 12));
    await world.run(1_000);
    world.evict();
    world.poke();
    await world.run(hourMs - 60_000);
    expect(view(world).withheld).toMatchObject({ units: 2 });
    await world.run(60_000);
    expect(view(world).withheld).toBeUndefined();
    expect(world.offers.get("A")).toBe(12);
    const fields = { channel: "c", sku: "A", units: 2 };
    expect(world.logged).toEqual([{ event: "channel.units_unexplained", fields }]);
    expect(world.publisher.status().unexplainedUnits).toBe(2);
    world.evict();
    expect(world.publisher.status().unexplainedUnits).toBe(2);
  });

  test("is given up in the end, also if that cannot be stored at first", async () => {
    const world = await toldTen();
    world.sell("A", 2);
    world.submit(stock("A", 2, 12));
    await world.run(1_000);
    world.store.canWrite = false;
    await world.run(hourMs);
    world.store.canWrite = true;
    await world.run(60_000);
    expect(view(world).withheld).toBeUndefined();
    expect(world.publisher.status().unexplainedUnits).toBe(2);
  });

  test("is given up an hour after anything of it was explained, as orders do come in", async () => {
    const world = await toldTen();
    world.sell("A", 2);
    world.submit(stock("A", 2, 12));
    await world.run(hourMs - 60_000);
    world.import("A", 3, 1);
    world.submit(stock("A", 3, 11));
    await world.run(hourMs - 60_000);
    expect(view(world).withheld).toMatchObject({ units: 1 });
    await world.run(120_000);
    expect(view(world).withheld).toBeUndefined();
  });

  test("costs one row when the channel is found to have moved and one when it confirms", async () => {
    const world = await toldTen();
    world.sell("A");
    const before = world.store.rowsWritten;
    world.submit(stock("A", 2, 12));
    await world.run(1_000);
    expect(world.store.rowsWritten - before).toBe(3);
  });
});

describe("a channel that shows more than it was told", () => {
  test("is told over: nothing is withheld", async () => {
    const world = await toldTen();
    world.offers.set("A", 25);
    world.submit(stock("A", 2, 8));
    await world.run(1_000);
    expect(sent(world).slice(1)).toEqual([
      [8, 10],
      [8, 25],
    ]);
    expect(view(world).withheld).toBeUndefined();
  });

  test("is told over with what it sold, if that is imported while the request is under way", async () => {
    const world = await toldTen();
    world.offers.set("A", 25);
    world.submit(stock("A", 2, 8));
    world.sell("A");
    world.import("A", 3);
    world.submit(stock("A", 3, 7));
    await world.run(1_000);
    expect(sent(world).slice(1)).toEqual([
      [8, 10],
      [7, 24],
    ]);
  });

  test("keeps what was withheld before: it may be a cancellation of that very sale", async () => {
    const world = await toldTen();
    world.sell("A", 2);
    world.submit(stock("A", 2, 12));
    await world.run(1_000);
    world.sell("A", -1);
    world.submit(stock("A", 3, 13));
    await world.run(1_000);
    expect(world.offers.get("A")).toBe(11);
  });
});

test("a channel that moves under every attempt is asked a few times at once, then as rarely as one that fails", async () => {
  const world = await toldTen();
  let before = 0;
  world.onSent = () => {
    before += 1;
    world.sell("A", 1);
  };
  world.offers.set("A", 100_000);
  world.submit(stock("A", 2, 9));
  await world.run(60_000);
  expect(before).toBeGreaterThan(4);
  expect(before).toBeLessThan(15);
  world.onSent = () => undefined;
  await world.run(120_000);
  expect(view(world)).toMatchObject({ state: "published" });
});

describe("orders that are kept and not applied yet", () => {
  test("let a number fall and not rise", async () => {
    const world = await toldTen();
    world.publisher.hold(["A"]);
    world.submit(stock("A", 2, 12));
    await world.run(10_000);
    expect(world.quantitiesSent()).toEqual([10]);
    world.submit(stock("A", 3, 7));
    await world.run(10_000);
    expect(world.quantitiesSent()).toEqual([10, 7]);
    world.submit(stock("A", 4, 9));
    await world.run(10_000);
    world.publisher.release(["A"]);
    world.poke();
    await world.run(10_000);
    expect(world.quantitiesSent()).toEqual([10, 7, 9]);
  });

  test("are counted: the last release lets the number rise", async () => {
    const world = await toldTen();
    world.publisher.hold(["A"]);
    world.publisher.hold(["A"]);
    world.submit(stock("A", 2, 12));
    world.publisher.release(["A"]);
    world.poke();
    await world.run(10_000);
    expect(world.quantitiesSent()).toEqual([10]);
    world.publisher.release(["A"]);
    world.poke();
    await world.run(10_000);
    expect(world.quantitiesSent()).toEqual([10, 12]);
  });

  test("do not keep other SKUs back", async () => {
    const world = await toldTen();
    world.publisher.hold(["A"]);
    world.submit(stock("A", 2, 12), stock("B", 1, 3));
    await world.run(1_000);
    expect(world.skusSent()).toEqual(["A", "B"]);
  });
});

describe("a number the channel says it shows", () => {
  test("is an echo if it is any of the last few it was told, however late it comes", async () => {
    const world = await toldTen();
    for (const [index, units] of [9, 8, 7].entries()) {
      world.submit(stock("A", index + 2, units));
      await world.run(1_000);
    }
    const laterMs = world.nowMs + 60_000;
    expect(world.publisher.levelSeen("A", 7, laterMs)).toBe("echo");
    expect(world.publisher.levelSeen("A", 9, laterMs)).toBe("echo");
    world.evict();
    expect(world.publisher.levelSeen("A", 9, laterMs)).toBe("echo");
  });

  test("is in flight if something newer is due, or was told after it, or orders are being applied", async () => {
    const world = await toldTen();
    expect(world.publisher.levelSeen("A", 3, world.nowMs - 5_000)).toBe("in-flight");
    expect(world.publisher.levelSeen("A", 3, world.nowMs)).toBe("drift");
    world.publisher.hold(["A"]);
    expect(world.publisher.levelSeen("A", 3, world.nowMs)).toBe("in-flight");
    world.publisher.release(["A"]);
    world.submit(stock("A", 2, 8));
    expect(world.publisher.levelSeen("A", 3, world.nowMs)).toBe("in-flight");
    await world.run(1_000);
    world.import("A", 3);
    expect(world.publisher.levelSeen("A", 3, world.nowMs)).toBe("in-flight");
  });

  test("is drift otherwise, and classifying changes nothing", async () => {
    const world = await toldTen();
    const before = world.store.rowsWritten;
    expect(world.publisher.levelSeen("A", 4, world.nowMs + 1)).toBe("drift");
    expect(world.publisher.levelSeen("unknown", 4, world.nowMs)).toBe("drift");
    expect(world.store.rowsWritten).toBe(before);
    expect(world.publisher.status().due).toBe(0);
  });
});

describe("reconciliation", () => {
  test("repairs: our number is told again over the one that was found, and nothing is withheld any more", async () => {
    const world = await toldTen();
    world.sell("A", 2);
    world.submit(stock("A", 2, 12));
    await world.run(1_000);
    world.offers.set("A", 4);
    world.publisher.reconciled("A", 4, "repair");
    world.poke();
    await world.run(1_000);
    expect(sent(world).at(-1)).toEqual([12, 4]);
    expect(view(world).withheld).toBeUndefined();
  });

  test("notes: nothing is told, and the next change goes out over what was found", async () => {
    const world = await toldTen();
    world.offers.set("A", 7);
    world.publisher.reconciled("A", 7, "note");
    world.poke();
    await world.run(60_000);
    expect(world.calls).toHaveLength(1);
    world.submit(stock("A", 2, 7));
    await world.run(1_000);
    expect(sent(world).slice(1)).toEqual([[7, 7]]);
    expect(view(world).withheld).toBeUndefined();
  });

  test("of what was read before a request that is under way changes nothing", async () => {
    const world = await toldTen();
    world.submit(stock("A", 2, 8));
    world.publisher.reconciled("A", 10, "repair");
    await world.run(1_000);
    expect(world.quantitiesSent()).toEqual([10, 8]);
    expect(world.offers.get("A")).toBe(8);
  });

  test("tells the same version under another revision, so that a receiver does not take it for a repetition", async () => {
    const world = await toldTen();
    world.publisher.reconciled("A", 3, "repair");
    world.poke();
    await world.run(1_000);
    const revisions = world.calls.flatMap(({ publications }) => publications.map(({ revision }) => revision));
    expect(new Set(revisions).size).toBe(revisions.length);
  });
});
