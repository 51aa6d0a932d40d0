import { describe, expect, test } from "vitest";
import type { TailPlace } from "../../../src/ledger/tail.ts";
import { Sessions } from "../../../src/feed/sessions.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { Clock, settle, view } from "./clock.ts";

class FakeClient {
  mayHearAll = false;
  readonly messages: unknown[] = [];
  send(message: string): void {
    this.messages.push(message === "pong" ? message : JSON.parse(message));
  }
  /** What was received, in short: `A@3` for a view, the type of anything else. */
  get heard(): string[] {
    return this.messages.map((message) => {
      const { type, stock } = message as { type: string; stock?: StockView };
      return stock === undefined ? type : `${stock.sku}@${stock.version}`;
    });
  }
}

function world(skus: readonly string[] = ["A", "B"]) {
  const clock = new Clock();
  const stocks = new Map(skus.map((sku) => [sku, view(sku, 1, clock.nowMs)]));
  const listening: TailPlace[] = [];
  const saved: ReadonlySet<string>[] = [];
  const sessions = new Sessions<FakeClient>({
    now: clock.now,
    sleep: clock.sleep,
    watch: async (sku) => {
      await clock.sleep(5);
      return stocks.get(sku);
    },
    known: (sku) => stocks.get(sku),
    save: (_, watched) => saved.push(new Set(watched)),
    placeOf: async (cursor) => (cursor === undefined ? [9] : cursor === "c7" ? [7] : undefined),
    cursorOf: (place) => `c${place.join()}`,
    listen: (_, place) => listening.push(place),
    stopListening: () => undefined,
  });
  const change = (sku: string) => {
    const stock = view(sku, (stocks.get(sku)?.version ?? 0) + 1, clock.nowMs);
    stocks.set(sku, stock);
    void sessions.changed(stock);
  };
  const say = async (client: FakeClient, message: object) => {
    void sessions.receive(client, JSON.stringify(message));
    await clock.advance(10);
  };
  return { clock, sessions, saved, listening, change, say };
}

describe("a client of a feed", () => {
  test("gets a snapshot first, then what changes, and nothing after it unsubscribed", async () => {
    const { say, change, clock } = world();
    const client = new FakeClient();
    await say(client, { type: "subscribe", skus: ["A", "B", "NEW"] });
    expect(client.heard).toEqual(["A@1", "B@1", "subscribed"]);
    expect(client.messages.at(-1)).toEqual({ type: "subscribed", skus: ["A", "B", "NEW"], missing: ["NEW"] });
    change("A");
    change("NEW");
    await say(client, { type: "unsubscribe", skus: ["A"] });
    await clock.advance(100);
    change("A");
    expect(client.heard.slice(3)).toEqual(["A@2", "NEW@1", "unsubscribed"]);
  });

  test("that comes back with its positions gets only what changed", async () => {
    const skus = Array.from({ length: 500 }, (_, index) => `SKU-${index}`);
    const { say, change } = world(skus);
    change("SKU-7");
    change("SKU-8");
    const client = new FakeClient();
    await say(client, {
      type: "subscribe",
      skus,
      positions: Object.fromEntries(skus.map((sku) => [sku, "e1.1"])),
    });
    expect(client.heard).toEqual(["SKU-7@2", "SKU-8@2", "subscribed"]);
  });

  test("misses no change that happens while it subscribes", async () => {
    const { sessions, change, clock } = world();
    const client = new FakeClient();
    void sessions.receive(client, JSON.stringify({ type: "subscribe", skus: ["A"] }));
    await settle();
    change("A");
    await clock.advance(10);
    expect(client.heard).toEqual(["A@2", "subscribed"]);
  });

  test("of a hot SKU hears 20 times a second at most, the first change at once and the last one always", async () => {
    const { say, change, clock } = world();
    const client = new FakeClient();
    await say(client, { type: "subscribe", skus: ["A"] });
    await clock.advance(1_000);
    change("A");
    expect(client.heard.at(-1)).toBe("A@2");
    for (let step = 0; step < 100; step += 1) {
      change("A");
      await clock.advance(10);
    }
    await clock.advance(100);
    const views = client.heard.filter((word) => word.startsWith("A@"));
    expect(views.length).toBeLessThanOrEqual(1 + 1 + 22);
    expect(views.length).toBeGreaterThan(15);
    expect(views.at(-1)).toBe("A@102");
  });

  test("that says what it took in is never more than 100 behind, and then gets only the newest of each SKU", async () => {
    const skus = Array.from({ length: 150 }, (_, index) => `SKU-${index}`);
    const { say, change, clock } = world(skus);
    const client = new FakeClient();
    await say(client, { type: "received", count: 0 });
    await say(client, { type: "subscribe", skus });
    const views = () => client.heard.filter((word) => word.includes("@"));
    expect(views()).toHaveLength(100);
    for (let round = 0; round < 5; round += 1) {
      change("SKU-140");
      await clock.advance(60);
    }
    expect(views()).toHaveLength(100);
    await say(client, { type: "received", count: 100 });
    expect(views()).toHaveLength(150);
    expect(views().filter((word) => word.startsWith("SKU-140"))).toEqual(["SKU-140@6"]);
  });

  test("is told what is wrong, and goes on", async () => {
    const { sessions, say } = world();
    const client = new FakeClient();
    await sessions.receive(client, "{");
    await sessions.receive(client, JSON.stringify({ type: "subscribe", skus: [] }));
    await sessions.receive(client, JSON.stringify({ type: "subscribe", skus: ["A"], extra: 1 }));
    const many = Array.from({ length: 600 }, (_, index) => `SKU-${index}`);
    await say(client, { type: "subscribe", skus: many });
    await say(client, { type: "subscribe", skus: many.map((sku) => `${sku}-b`) });
    await sessions.receive(client, "ping");
    expect(client.heard.slice(0, 3)).toEqual(["error", "error", "error"]);
    expect(client.messages).toContainEqual(
      expect.objectContaining({
        type: "error",
        problem: expect.objectContaining({ type: expect.stringMatching(/\/problems\/too-many-skus$/) }),
      }),
    );
    expect(client.heard.filter((word) => word === "subscribed")).toHaveLength(1);
    expect(client.messages.at(-1)).toBe("pong");
  });

  test("hears everything from its cursor on, if its key is a secret one", async () => {
    const { say, listening } = world();
    const client = new FakeClient();
    await say(client, { type: "subscribe", skus: ["*"] });
    client.mayHearAll = true;
    await say(client, { type: "subscribe", skus: ["*"], cursor: "x" });
    await say(client, { type: "subscribe", skus: ["*", "A"] });
    await say(client, { type: "subscribe", skus: ["*"], cursor: "c7" });
    await say(client, { type: "subscribe", skus: ["*"] });
    expect(client.heard).toEqual(["error", "error", "error", "subscribed", "subscribed"]);
    expect(client.messages.at(-2)).toMatchObject({ skus: ["*"], cursor: "c7" });
    expect(listening).toEqual([[7], [9]]);
  });

  test("that is gone before its subscription is ready is not watched for", async () => {
    const { sessions, clock } = world();
    const client = new FakeClient();
    void sessions.receive(client, JSON.stringify({ type: "subscribe", skus: ["A"] }));
    sessions.drop(client);
    await clock.advance(100);
    expect([...sessions.skus]).toEqual([]);
    expect(sessions.isWatched("A")).toBe(false);
  });
});
