import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  CursorExpiredError,
  type LiveState,
  StockwireClient,
  type StockView,
  UnauthorizedError,
} from "../../../src/client/index.ts";
import { type FakeSocket, fakeSockets } from "./fake-socket.ts";
import { problem, ScriptedFetch, type Step } from "./scripted-fetch.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const ticket: Step = { status: 201, body: { ticket: "t1", expiresAt: "2026-11-23T09:01:00.000Z" } };

function world(...script: readonly Step[]) {
  const service = new ScriptedFetch(...(script.length === 0 ? [ticket] : script));
  const { opened, WebSocket } = fakeSockets();
  const options = { url: "https://stock.example", key: "swk_1", fetch: service.fetch, WebSocket };
  return { service, opened, client: new StockwireClient(options) };
}

function view(sku: string, version: number, epoch = "k3v9"): StockView {
  return { sku, version, epoch, available: version } as StockView;
}

function stock(sku: string, version: number) {
  return { type: "stock", stock: view(sku, version) };
}

/** The socket that is opened next, open. */
async function nextSocket(opened: readonly FakeSocket[], count: number): Promise<FakeSocket> {
  for (let turn = 0; opened.length < count && turn < 100; turn += 1) await vi.advanceTimersByTimeAsync(1_000);
  const socket = opened[count - 1];
  if (socket === undefined) throw new Error(`socket ${count} was not opened`);
  socket.open();
  await vi.advanceTimersByTimeAsync(0);
  return socket;
}

test("it takes a ticket, subscribes, and yields the present views and then the changes", async () => {
  const { client, opened, service } = world();
  const live = client.live(["A", "B", "A"]);
  const socket = await nextSocket(opened, 1);
  expect(socket.url).toBe("wss://stock.example/v1/live?ticket=t1");
  expect(service.sent[0]).toMatchObject({ method: "POST", url: "https://stock.example/v1/tickets" });
  expect(socket.said).toEqual([{ type: "subscribe", skus: ["A", "B"], positions: {} }]);
  expect(live.state).toBe("connecting");
  socket.hear(stock("A", 1));
  socket.hear({ type: "subscribed", skus: ["A", "B"], missing: ["B"] });
  expect(live.state).toBe("live");
  expect(live.missing).toEqual(["B"]);
  socket.hear(stock("B", 1));
  expect((await live.next()).value).toEqual(view("A", 1));
  expect((await live.next()).value).toEqual(view("B", 1));
  live.close();
  expect(await live.next()).toEqual({ done: true, value: undefined });
  expect(socket.isClosed).toBe(true);
  expect(live.state).toBe("closed");
});

test("after a break it says what it has, and that it may be old until it is told the rest", async () => {
  const { client, opened } = world();
  const states: LiveState[] = [];
  const live = client.live(["A", "B"], { onState: (state) => states.push(state) });
  const first = await nextSocket(opened, 1);
  first.hear(stock("A", 7));
  first.hear({ type: "subscribed", skus: ["A", "B"], missing: [] });
  first.close();
  await vi.advanceTimersByTimeAsync(0);
  expect(live.state).toBe("interrupted");
  const second = await nextSocket(opened, 2);
  expect(second.said).toEqual([{ type: "subscribe", skus: ["A", "B"], positions: { A: "k3v9.7" } }]);
  second.hear(stock("A", 6));
  second.hear(stock("A", 9));
  second.hear({ type: "subscribed", skus: ["A", "B"], missing: [] });
  expect(states).toEqual(["live", "interrupted", "live"]);
  expect((await live.next()).value).toEqual(view("A", 9));
  live.close();
});

test("a slow consumer gets the newest view of each SKU, the one that waited longest first", async () => {
  const { client, opened } = world();
  const live = client.live(["A", "B"]);
  const socket = await nextSocket(opened, 1);
  for (let version = 1; version <= 500; version += 1) {
    socket.hear(stock("A", version));
    socket.hear(stock("B", version));
  }
  socket.hear(stock("A", 400));
  live.close();
  const seen: StockView[] = [];
  for await (const one of live) seen.push(one);
  expect(seen).toEqual([view("A", 500), view("B", 500)]);
});

test("it tells the service how many views were taken in, once it knows all", async () => {
  const { client, opened } = world();
  const skus = Array.from({ length: 120 }, (_, index) => `S${index}`);
  const live = client.live(skus);
  const socket = await nextSocket(opened, 1);
  for (const sku of skus) socket.hear(stock(sku, 1));
  for (let taken = 0; taken < 60; taken += 1) await live.next();
  expect(socket.said).toHaveLength(1);
  socket.hear({ type: "subscribed", skus, missing: [] });
  for (let taken = 60; taken < 120; taken += 1) await live.next();
  expect(socket.said.slice(1)).toEqual([
    { type: "received", count: 61 },
    { type: "received", count: 111 },
  ]);
  live.close();
});

test("a line that falls silent is dropped and opened again; one that answers stays", async () => {
  const { client, opened } = world();
  const live = client.live(["A"]);
  const first = await nextSocket(opened, 1);
  first.hear({ type: "subscribed", skus: ["A"], missing: [] });
  for (let beat = 0; beat < 10; beat += 1) {
    await vi.advanceTimersByTimeAsync(15_000);
    expect(first.said.at(-1)).toBe("ping");
    first.hear("pong");
  }
  expect(opened).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(46_000);
  expect(first.isClosed).toBe(true);
  await nextSocket(opened, 2);
  live.close();
});

test("a socket that never opens is given up, and another one is opened", async () => {
  const { client, opened } = world();
  const live = client.live(["A"]);
  await vi.advanceTimersByTimeAsync(50_000);
  expect(opened[0]?.isClosed).toBe(true);
  await nextSocket(opened, 2);
  expect(live.state).toBe("connecting");
  live.close();
});

test("a service that is away is tried until it is back", async () => {
  const { client, opened } = world(...Array.from({ length: 40 }, () => "lost" as const), ticket);
  const live = client.live(["A"]);
  const socket = await nextSocket(opened, 1);
  socket.hear(stock("A", 1));
  expect((await live.next()).value).toEqual(view("A", 1));
  live.close();
});

test("a key that is refused ends it, with the reason, after what has come", async () => {
  const { client, opened } = world(ticket, problem("unauthorized", 401));
  const live = client.live(["A"]);
  const socket = await nextSocket(opened, 1);
  socket.hear(stock("A", 1));
  socket.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await live.next()).value).toEqual(view("A", 1));
  await expect(live.next()).rejects.toThrow(UnauthorizedError);
  expect(await live.next()).toMatchObject({ done: true });
});

test("what the service says it cannot do ends it", async () => {
  const { client, opened } = world();
  const live = client.live(["A"]);
  const socket = await nextSocket(opened, 1);
  socket.hear({ type: "error", problem: problem("unknown-message", 400).body });
  await expect(live.next()).rejects.toMatchObject({ slug: "unknown-message" });
  expect(opened).toHaveLength(1);
});

test("a signal ends the loop with its reason", async () => {
  const { client, opened } = world();
  const controller = new AbortController();
  const live = client.live(["A"], { signal: controller.signal });
  const socket = await nextSocket(opened, 1);
  const waiting = live.next();
  controller.abort(new Error("closing time"));
  await expect(waiting).rejects.toThrow("closing time");
  await vi.advanceTimersByTimeAsync(0);
  expect(socket.isClosed).toBe(true);
});

test("more SKUs than a socket bears are refused at once", () => {
  const { client } = world();
  expect(() => client.live([])).toThrow(RangeError);
  expect(() => client.live(Array.from({ length: 1_001 }, (_, index) => `S${index}`))).toThrow(RangeError);
});

const page: Step = { status: 200, body: { items: [], liveCursor: "c0" } };
const events = (cursor: string) => ({ type: "events", cursor, events: [{ id: cursor }] });

test("the ledger is followed from now on, and after a break from the last batch", async () => {
  const { client, opened } = world(page);
  const following = client.ledger.follow();
  const first = await nextSocket(opened, 1);
  expect(first.options).toEqual({ headers: { authorization: "Bearer swk_1" } });
  expect(first.said).toEqual([{ type: "subscribe", skus: ["*"], cursor: "c0" }]);
  first.hear({ type: "subscribed", skus: ["*"], missing: [], cursor: "c0" });
  first.hear(events("c1"));
  first.close();
  const second = await nextSocket(opened, 2);
  expect(second.said).toEqual([{ type: "subscribe", skus: ["*"], cursor: "c1" }]);
  second.hear(events("c2"));
  expect((await following.next()).value).toMatchObject({ cursor: "c1" });
  expect((await following.next()).value).toMatchObject({ cursor: "c2" });
  following.close();
  expect(await following.next()).toMatchObject({ done: true });
});

test("a follower that is too slow loses nothing: the line is closed until it has caught up", async () => {
  const { client, opened } = world(page);
  const following = client.ledger.follow({ cursor: "c9" });
  const first = await nextSocket(opened, 1);
  for (let batch = 10; batch < 200; batch += 1) first.hear(events(`c${batch}`));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(first.isClosed).toBe(true);
  expect(opened).toHaveLength(1);
  const seen: string[] = [];
  for (let batch = 0; batch < 64; batch += 1) seen.push(String((await following.next()).value?.cursor));
  expect(seen.at(0)).toBe("c10");
  expect(seen.at(-1)).toBe("c73");
  const waiting = following.next();
  const second = await nextSocket(opened, 2);
  expect(second.said).toEqual([{ type: "subscribe", skus: ["*"], cursor: "c73" }]);
  second.hear(events("c74"));
  expect((await waiting).value).toMatchObject({ cursor: "c74" });
  following.close();
});

test("a cursor whose sequel is gone is said, not skipped", async () => {
  const { client, opened } = world(page);
  const following = client.ledger.follow({ cursor: "old" });
  const socket = await nextSocket(opened, 1);
  socket.hear({ type: "error", problem: problem("cursor-expired", 410).body });
  await expect(following.next()).rejects.toThrow(CursorExpiredError);
});
