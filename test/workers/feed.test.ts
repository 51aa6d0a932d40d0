import {
  applyD1Migrations,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import type { ServerMessage } from "../../src/protocol/live.ts";

beforeAll(() => applyD1Migrations(env.LEDGER, env.TEST_MIGRATIONS));

let keys = 0;
async function count(sku: string, onHand: number): Promise<void> {
  keys += 1;
  const mutation = { type: "count" as const, location: "default", onHand };
  await env.SKU.getByName(sku).mutate([{ mutation, key: `feed\n${keys}`, fingerprint: String(keys) }]);
}

/** A socket on a feed, and what it said so far. */
async function open(feed: string) {
  const response = await env.FEED.getByName(feed).fetch("https://feed/", {
    headers: { upgrade: "websocket" },
  });
  const socket = response.webSocket;
  if (socket === null) throw new Error("no socket");
  const messages: ServerMessage[] = [];
  socket.addEventListener("message", ({ data }) => {
    messages.push(JSON.parse(String(data)) as ServerMessage);
  });
  const closes: number[] = [];
  socket.addEventListener("close", ({ code }) => closes.push(code));
  socket.accept();
  const availableOf = (sku: string) =>
    messages.flatMap((message) =>
      message.type === "stock" && message.stock.sku === sku ? [message.stock.available] : [],
    );
  return {
    availableOf,
    isClosed: (code: number) => eventually(() => expect(closes).toEqual([code])),
    say: (message: object) => socket.send(JSON.stringify(message)),
    heard: (type: ServerMessage["type"]) =>
      eventually(() => expect(messages.some((message) => message.type === type)).toBe(true)),
    sees: (sku: string, available: number) =>
      eventually(() => expect(availableOf(sku).at(-1)).toBe(available)),
  };
}

describe("FeedObject", () => {
  it("answers reads within their bound from memory, and is told of changes meanwhile", async () => {
    await count("near", 3);
    const feed = env.FEED.getByName("read:test:1");
    expect(await feed.read(["near", "unheard-of"], 60_000)).toMatchObject([
      { source: "object", stock: { available: 3 } },
      undefined,
    ]);
    await count("near", 2);
    await eventually(async () => {
      expect(await feed.read(["near"], 60_000)).toMatchObject([{ source: "feed", stock: { available: 2 } }]);
    });
  });

  it("writes nothing for a SKU nobody knows, and nothing for readers", async () => {
    const feed = env.FEED.getByName("read:test:2");
    await feed.read(["nobody-knows"], 60_000);
    const tables = (stub: DurableObjectStub) =>
      runInDurableObject(stub, (_, state) =>
        state.storage.sql
          .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
          .toArray(),
      );
    expect(await tables(env.SKU.getByName("nobody-knows"))).toEqual([]);
    expect(await tables(feed)).toEqual([]);
  });

  it("tells a socket of every SKU it subscribed to, over evictions of the feed and of the SKU", async () => {
    await count("watched", 5);
    const name = "live:test:3";
    const socket = await open(name);
    socket.say({ type: "subscribe", skus: ["watched"] });
    await socket.sees("watched", 5);
    await socket.heard("subscribed");
    await evictDurableObject(env.SKU.getByName("watched"));
    await count("watched", 4);
    await socket.sees("watched", 4);
    await evictDurableObject(env.FEED.getByName(name));
    await count("watched", 3);
    await socket.sees("watched", 3);
    expect(socket.availableOf("watched")).toEqual([5, 4, 3]);
  });

  it("repairs a push that was lost with its next round, and says nothing twice", async () => {
    await count("lost-push", 5);
    const name = "live:test:4";
    const feed = env.FEED.getByName(name);
    const socket = await open(name);
    socket.say({ type: "subscribe", skus: ["lost-push"] });
    await socket.sees("lost-push", 5);
    await socket.heard("subscribed");
    // The SKU loses its followers, as it does when a feed could not be reached.
    await runInDurableObject(env.SKU.getByName("lost-push"), (_, state) => {
      state.storage.sql.exec("UPDATE head SET followers = '{}'");
    });
    await evictDurableObject(env.SKU.getByName("lost-push"));
    await count("lost-push", 4);
    expect(socket.availableOf("lost-push")).toEqual([5]);
    expect(await runDurableObjectAlarm(feed)).toBe(true);
    await socket.sees("lost-push", 4);
    // From now on it is told again; and what was told before a nap is not told after it.
    await count("lost-push", 3);
    await socket.sees("lost-push", 3);
    await runDurableObjectAlarm(feed);
    await evictDurableObject(feed);
    await runDurableObjectAlarm(feed);
    await count("lost-push", 2);
    await socket.sees("lost-push", 2);
    expect(socket.availableOf("lost-push")).toEqual([5, 4, 3, 2]);
  });

  it("tells of a SKU that did not exist when it was subscribed to", async () => {
    const name = "live:test:5";
    const socket = await open(name);
    socket.say({ type: "subscribe", skus: ["not-yet"] });
    await socket.heard("subscribed");
    await evictDurableObject(env.SKU.getByName("not-yet"));
    await count("not-yet", 1);
    await runDurableObjectAlarm(env.FEED.getByName(name));
    await socket.sees("not-yet", 1);
  });

  it("closes a socket whose SKU cannot be reached: the client would wait for an answer without end", async () => {
    await runInDurableObject(env.SKU.getByName("broken"), (_, state) => {
      state.storage.sql.exec("CREATE TABLE head (part INTEGER PRIMARY KEY)");
    });
    await evictDurableObject(env.SKU.getByName("broken"));
    const socket = await open("live:test:6");
    socket.say({ type: "subscribe", skus: ["broken"] });
    await socket.isClosed(1011);
  });
});
