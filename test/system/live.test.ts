import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ServerMessage } from "../../src/protocol/live.ts";
import { adminKey, eventually, pool, Service } from "./service.ts";

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service.remove());

/** Node's WebSocket takes headers, which the browser's does not. */
type NodeWebSocket = new (url: string, init: { headers: Record<string, string> }) => WebSocket;

/** A socket on `/v1/live` and what it heard. */
class LiveSocket {
  readonly messages: ServerMessage[] = [];
  /** The newest position it was told of each SKU. */
  readonly positions = new Map<string, string>();
  readonly #socket: WebSocket;
  readonly #opened: Promise<unknown>;

  constructor() {
    const url = `${service.url.replace("http", "ws")}/v1/live`;
    this.#socket = new (WebSocket as unknown as NodeWebSocket)(url, {
      headers: { authorization: `Bearer ${adminKey}` },
    });
    this.#opened = new Promise((resolve) => this.#socket.addEventListener("open", resolve, { once: true }));
    this.#socket.addEventListener("message", ({ data }) => this.#take(String(data)));
  }

  async say(message: object): Promise<void> {
    await this.#opened;
    this.#socket.send(JSON.stringify(message));
  }

  async subscribe(skus: readonly string[], positions?: Record<string, string>): Promise<void> {
    await this.say({ type: "subscribe", skus, positions });
    await eventually(async () => this.messages.find(({ type }) => type === "subscribed"));
  }

  get views(): { sku: string; available: number; version: number }[] {
    return this.messages.flatMap((message) => (message.type === "stock" ? [message.stock] : []));
  }

  close(): void {
    this.#socket.close();
  }

  #take(text: string): void {
    const message = JSON.parse(text) as ServerMessage;
    this.messages.push(message);
    if (message.type !== "stock") return;
    const { sku, epoch, version } = message.stock;
    this.positions.set(sku, `${epoch}.${version}`);
  }
}

async function read(sku: string, headers: Record<string, string> = {}) {
  return service.call("GET", `/v1/skus/${sku}`, undefined, headers);
}

describe("reads with a bound", () => {
  it("come from the object without one, and from near by within it, never older", async () => {
    await service.count("BOUND", 10);
    expect((await read("BOUND")).headers.get("stockwire-source")).toBe("object");
    await read("BOUND", { "cache-control": "max-age=60" });
    const near = await read("BOUND", { "cache-control": "max-age=60" });
    expect(near.headers.get("stockwire-source")).toBe("feed");
    expect(Number(near.headers.get("age"))).toBeLessThanOrEqual(60);
    await service.count("BOUND", 9);
    expect((await read("BOUND", { "cache-control": "no-cache, max-age=60" })).body.available).toBe(9);
    // The feed is told of the change; no reader waits longer for it than this.
    await eventually(async () => {
      const answer = await read("BOUND", { "cache-control": "max-age=60" });
      return answer.body.available === 9 || undefined;
    }, 5_000);
    const etag = String((await read("BOUND")).headers.get("etag"));
    const unchanged = await read("BOUND", { "cache-control": "max-age=60", "if-none-match": etag });
    expect(unchanged.status).toBe(304);
    expect(unchanged.headers.get("age")).not.toBeNull();
  });

  it("take 200 SKUs in one call, and name the unknown ones", async () => {
    await pool(199, 20, async (index) => {
      await service.count(`MANY-${index}`, index + 1);
    });
    const skus = [...Array.from({ length: 199 }, (_, index) => `MANY-${index}`), "UNHEARD-OF"];
    const ask = () => service.call("POST", "/v1/availability", { skus, maxAge: 30 });
    expect((await ask()).headers.get("stockwire-source")).toBe("object");
    const again = await ask();
    expect(again.headers.get("stockwire-source")).toBe("feed");
    expect(again.body.missing).toEqual(["UNHEARD-OF"]);
    expect(again.body.items.map((item: { available: number }) => item.available)).toEqual(
      Array.from({ length: 199 }, (_, index) => index + 1),
    );
  });
});

describe("one socket on many SKUs", () => {
  it("is told of every change, and after a break only of what changed meanwhile", async () => {
    const skus = Array.from({ length: 500 }, (_, index) => `LIVE-${index}`);
    await pool(500, 20, async (index) => {
      await service.count(`LIVE-${index}`, 5);
    });
    const first = new LiveSocket();
    await first.subscribe(skus);
    expect(first.views).toHaveLength(500);
    await service.count("LIVE-3", 4);
    await eventually(async () =>
      first.views.find(({ sku, available }) => sku === "LIVE-3" && available === 4),
    );
    first.close();

    await service.count("LIVE-7", 1);
    await service.count("LIVE-8", 0);
    const second = new LiveSocket();
    await second.subscribe(skus, Object.fromEntries(first.positions));
    expect(second.views.map(({ sku }) => sku).toSorted()).toEqual(["LIVE-7", "LIVE-8"]);
    second.close();
  });

  it("ends with the newest version on each of 100 sockets, whatever came in between", async () => {
    await service.count("CROWD", 1_000);
    const sockets = Array.from({ length: 100 }, () => new LiveSocket());
    await Promise.all(sockets.map((socket) => socket.subscribe(["CROWD"])));
    await pool(200, 16, async () => {
      const sale = { delta: -1, reason: "sold" };
      await service.call("POST", "/v1/skus/CROWD/adjustments", sale, {
        "idempotency-key": crypto.randomUUID(),
      });
    });
    const { version } = (await read("CROWD")).body;
    for (const socket of sockets) {
      await eventually(async () => (socket.views.at(-1)?.version === version ? true : undefined));
      const versions = socket.views.map((stock) => stock.version);
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(new Set(versions).size).toBe(versions.length);
      socket.close();
    }
  });

  it("says what it does not understand, and refuses callers without a key", async () => {
    const socket = new LiveSocket();
    await socket.say({ type: "subscribe", skus: ["LIVE-1"], positions: { "LIVE-1": 7 } });
    await socket.say({ type: "buy" });
    await eventually(async () => (socket.messages.length === 2 ? true : undefined));
    expect(socket.messages.map(({ type }) => type)).toEqual(["error", "error"]);
    socket.close();
    expect((await service.call("GET", "/v1/live", undefined, { authorization: "" })).status).toBe(401);
    expect((await service.call("GET", "/v1/live")).status).toBe(426);
  });
});

describe("the whole ledger on one socket", () => {
  it("comes from a cursor on, each event once and in order, over any number of breaks", async () => {
    const { body } = await service.call("GET", "/v1/ledger?limit=1");
    const skus = ["FIRE-A", "FIRE-B", "FIRE-C"];
    await Promise.all(skus.map((sku) => service.count(sku, 1_000)));
    const sales = pool(150, 8, async (index) => {
      const headers = { "idempotency-key": crypto.randomUUID() };
      const sale = { delta: -1, reason: "sold" };
      await service.call("POST", `/v1/skus/${skus[index % 3]}/adjustments`, sale, headers);
    });
    const versions = new Map<string, number[]>(skus.map((sku) => [sku, []]));
    const heard = () => [...versions.values()].reduce((sum, list) => sum + list.length, 0);
    for (let cursor: string | undefined = body.liveCursor, round = 0; heard() < 153; round += 1) {
      const socket = new LiveSocket();
      await socket.say({ type: "subscribe", skus: ["*"], cursor });
      // The first connections break soon, the last one stays until everything is there.
      const enough = round < 4 ? heard() + 1 : 153;
      const take = () => {
        const batches = socket.messages.flatMap((message) => (message.type === "events" ? [message] : []));
        cursor = batches.at(-1)?.cursor ?? cursor;
        return batches.flatMap((batch) => batch.events);
      };
      await eventually(async () => (heard() + take().length >= enough ? true : undefined));
      socket.close();
      for (const event of take()) versions.get(event.subject)?.push(event.version);
    }
    await sales;
    for (const sku of skus) {
      expect(versions.get(sku)).toEqual(Array.from({ length: 51 }, (_, index) => index + 1));
    }
  });

  it("is refused with a cursor that is not one", async () => {
    const socket = new LiveSocket();
    await socket.say({ type: "subscribe", skus: ["*"], cursor: "nonsense" });
    await eventually(async () => (socket.messages.length === 1 ? true : undefined));
    expect(socket.messages[0]).toMatchObject({
      problem: { type: expect.stringMatching(/\/problems\/invalid-cursor$/) },
    });
    socket.close();
  });
});

describe("server-sent events", () => {
  /** Reads events until `enough` says so; answers them with their ids. */
  async function stream(
    query: string,
    headers: Record<string, string>,
    enough: (events: string[]) => boolean,
  ) {
    const stop = new AbortController();
    const response = await fetch(`${service.url}/v1/live?${query}`, {
      headers: { authorization: `Bearer ${adminKey}`, accept: "text/event-stream", ...headers },
      signal: stop.signal,
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events: string[] = [];
    let rest = "";
    for await (const chunk of response.body ?? []) {
      const parts = (rest + new TextDecoder().decode(chunk)).split("\n\n");
      rest = parts.pop() ?? "";
      events.push(...parts);
      if (enough(events)) break;
    }
    stop.abort();
    return events;
  }

  it("say the same as the socket, and resume where a browser left off", async () => {
    await service.count("SSE-A", 1);
    await service.count("SSE-B", 2);
    const isSubscribed = (events: string[]) => events.at(-1)?.startsWith("event: subscribed") === true;
    const first = await stream("sku=SSE-A&sku=SSE-B", {}, isSubscribed);
    expect(first.filter((event) => event.startsWith("event: stock"))).toHaveLength(2);
    const id = /^id: (.+)$/m.exec(first.at(-1) ?? "")?.[1] ?? "";
    await service.count("SSE-B", 1);
    const second = await stream("sku=SSE-A&sku=SSE-B", { "last-event-id": id }, isSubscribed);
    const stocks = second.filter((event) => event.startsWith("event: stock"));
    expect(stocks).toHaveLength(1);
    expect(stocks[0]).toContain('"sku":"SSE-B"');
    const other = await stream("sku=SSE-A", { "last-event-id": id }, isSubscribed);
    expect(other.filter((event) => event.startsWith("event: stock"))).toHaveLength(1);
  });

  it("need to know what to watch", async () => {
    const answer = await service.call("GET", "/v1/live", undefined, { accept: "text/event-stream" });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: "/query/sku" }] } });
  });
});
