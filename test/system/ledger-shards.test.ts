import { execFile } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EventsMessage, ServerMessage } from "../../src/protocol/live.ts";
import { adminKey, type Answer, eventually, pool, Service } from "./service.ts";

/** Node's WebSocket takes headers, which the browser's does not. */
type NodeWebSocket = new (url: string, init: { headers: Record<string, string> }) => WebSocket;

const key = () => ({ "idempotency-key": crypto.randomUUID() });
// By their hash they are spread over the databases, and the order of their bytes is not that of UTF-16.
const skus = ["A", "B/2", "E", "I", "L", "b", "c", "靴", "\u{ff0d}wide", "😀"];
const inOrder = skus.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

describe.each([1, 4])("a ledger of %i", (databases) => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start(0, { env: { LEDGER_SHARDS: String(databases) } });
    // Each is counted, sold, and every other one oversold.
    await pool(skus.length, 4, async (index) => {
      const sku = skus[index] ?? "";
      await service.count(sku, 3);
      for (const quantity of [1, index % 2 === 0 ? 9 : 1]) await order(sku, quantity);
    });
    await whole("/v1/ledger", skus.length * 3);
  });
  afterAll(() => service.remove());

  function order(sku: string, quantity: number): Promise<Answer> {
    const lines = [{ lineId: "1", sku, quantity }];
    return service.call("POST", "/v1/orders", { channel: "web", orderId: crypto.randomUUID(), lines }, key());
  }

  /** A list in one page, once it has so many items. */
  function whole(path: string, count: number): Promise<Answer["body"]> {
    return eventually(async () => {
      const { body } = await service.call("GET", `${path}?limit=200`);
      return body.items.length >= count ? body : undefined;
    });
  }

  async function paged(path: string, limit: number): Promise<Answer["body"][]> {
    const items: Answer["body"][] = [];
    let cursor = "";
    do {
      const { body } = await service.call("GET", `${path}?limit=${limit}${cursor && `&cursor=${cursor}`}`);
      expect(body.items.length).toBeLessThanOrEqual(limit);
      items.push(...body.items);
      cursor = body.nextCursor ?? "";
    } while (cursor !== "");
    return items;
  }

  it("lists each event, SKU and oversell once, in order, page by page", async () => {
    const { items } = await whole("/v1/ledger", skus.length * 3);
    expect(items).toHaveLength(skus.length * 3);
    const times = items.map(({ time }: Answer["body"]) => time);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(await paged("/v1/ledger", 4)).toEqual(items);

    const listed = await paged("/v1/skus", 3);
    expect(listed.map(({ sku }) => sku)).toEqual(inOrder);
    const { counts } = (await service.call("GET", "/v1/skus?counts=true")).body;
    expect(counts).toEqual({ in_stock: 5, out_of_stock: 5 });

    const oversells = await paged("/v1/oversells", 2);
    expect(oversells.map(({ sku }) => String(sku)).toSorted()).toEqual(
      skus.filter((_, i) => i % 2 === 0).toSorted(),
    );
    const open = async () => {
      const { openCount, openUnits } = (await service.call("GET", "/v1/oversells?limit=1")).body;
      return [openCount, openUnits];
    };
    expect(await open()).toEqual([5, 35]);
    for (const { id } of oversells.slice(0, 2)) {
      const body = { resolution: "restocked" };
      expect((await service.call("POST", `/v1/oversells/${id}/resolution`, body)).status).toBe(200);
      expect((await service.call("GET", `/v1/oversells/${id}`)).body.state).toBe("resolved");
    }
    expect(await open()).toEqual([3, 21]);
    const { body: metrics } = await service.call("GET", "/metrics");
    expect(metrics).toMatch(/^stockwire_oversells_open 3$/m);
  });

  it("adds up to the live stock, and knows the past, of each SKU", async () => {
    for (const sku of skus) {
      const path = `/v1/skus/${encodeURIComponent(sku)}`;
      expect((await service.call("GET", `${path}/audit`)).body).toMatchObject({ matches: true, entries: 3 });
      const past = (await service.call("GET", `${path}/history?version=1`)).body;
      expect(past).toMatchObject({ sku, onHand: 3, committed: 0, version: 1 });
      expect((await service.call("GET", `${path}/ledger`)).body.items).toHaveLength(3);
    }
  });

  it("tells a listener of everything each event once, from a cursor on, over a break", async () => {
    let cursor: string = (await service.call("GET", "/v1/ledger?limit=1")).body.liveCursor;
    const heard: EventsMessage["events"][number][] = [];
    for (const round of [1, 2]) {
      await Promise.all(skus.map((sku) => service.count(sku, 100 + round)));
      const url = `${service.url.replace("http", "ws")}/v1/live`;
      const socket = new (WebSocket as unknown as NodeWebSocket)(url, {
        headers: { authorization: `Bearer ${adminKey}` },
      });
      socket.addEventListener("open", () =>
        socket.send(JSON.stringify({ type: "subscribe", skus: ["*"], cursor })),
      );
      socket.addEventListener("message", ({ data }) => {
        const message = JSON.parse(String(data)) as ServerMessage;
        if (message.type !== "events") return;
        cursor = message.cursor;
        heard.push(...message.events);
      });
      await eventually(async () => (heard.length >= skus.length * round ? true : undefined));
      socket.close();
    }
    expect(heard).toHaveLength(skus.length * 2);
    for (const sku of skus) {
      const own = heard.filter(({ subject }) => subject === sku);
      expect(own.map(({ version }) => version)).toEqual([4, 5]);
    }
  });

  // Each start takes seconds; that a ledger of one is not read as one of several, test/unit/ledger/places.test.ts shows.
  it.runIf(databases > 1)("is there again after a crash, and is not read as a ledger of one", async () => {
    const before = await paged("/v1/ledger", 200);
    await service.kill();
    const refused = await startWith(service.dataDir, "1");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("LEDGER_SHARDS is 1, but the ledger was begun with 4: set it to 4");
    await service.start();
    expect(await paged("/v1/ledger", 7)).toEqual(before);
  });
});

/** Starts a service that is expected to end by itself; answers how. */
function startWith(dataDir: string, shards: string): Promise<{ code: unknown; stderr: string }> {
  const args = ["start", "--silent", "--", "--port", "0", "--data", dataDir];
  const env = { ...process.env, STOCKWIRE_ADMIN_KEY: adminKey, LEDGER_SHARDS: shards };
  return new Promise((resolve) => {
    execFile("npm", args, { env, timeout: 60_000 }, (error, _, stderr) =>
      resolve({ code: error?.code, stderr }),
    );
  });
}
