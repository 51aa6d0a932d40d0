import type { ServerEvent } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import { StockBus } from "../../src/agents/mcp/stock-bus.ts";
import { stockUri } from "../../src/agents/mcp/uri.ts";

const view = (sku: string, version: number) => ({
  sku,
  status: "in_stock",
  available: version,
  onHand: version,
  committed: 0,
  reserved: 0,
  unavailable: 0,
  incoming: 0,
  safetyStock: 0,
  locations: [],
  epoch: "k3v9",
  version,
  asOf: "2026-11-23T09:00:00.123Z",
});

/** The feed's end of a socket: says how things are, then that it follows, then what it is told to say. */
function feed() {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  const say = (message: object) => server.send(JSON.stringify(message));
  server.addEventListener("message", ({ data }) => {
    const { skus } = JSON.parse(String(data)) as { skus: string[] };
    for (const sku of skus) say({ type: "stock", stock: view(sku, 1) });
    say({ type: "subscribed", skus, missing: [] });
  });
  return {
    client,
    server,
    changed: (sku: string, version: number) => say({ type: "stock", stock: view(sku, version) }),
  };
}

const urisOf = (...skus: string[]) => new Map(skus.map((sku) => [sku, stockUri(sku)]));

describe("a subscription of an agent", () => {
  it("is told what changes, not how things were when it began", async () => {
    const { client, changed } = feed();
    const bus = await StockBus.open(client, urisOf("A", "B"));
    const told: ServerEvent[] = [];
    bus.subscribe((event) => told.push(event));
    changed("B", 2);
    await eventually(() => expect(told).toEqual([{ kind: "resource_updated", uri: "stock://B" }]));
    bus.close();
  });

  it("is told once of each SKU while its reader is behind, however often that changed", async () => {
    const { client, changed } = feed();
    const bus = await StockBus.open(client, urisOf("A", "B"));
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const told: string[] = [];
    bus.subscribe((event) => {
      told.push(event.kind === "resource_updated" ? event.uri : event.kind);
      void writer.write(new TextEncoder().encode("x"));
    });
    const reader = bus.paced(readable).getReader();
    changed("A", 2);
    await eventually(() => expect(told).toHaveLength(1));
    // Nobody reads: what is under way may be told, the rest waits as one for each SKU.
    for (let version = 3; version < 103; version += 1) {
      changed("A", version);
      changed("B", version);
    }
    await scheduler.wait(200);
    const before = told.length;
    expect(before).toBeLessThan(10);
    void (async () => {
      while (!(await reader.read()).done);
    })();
    await eventually(() => expect(told.slice(1)).toEqual(expect.arrayContaining(["stock://A", "stock://B"])));
    await scheduler.wait(100);
    expect(told.length).toBeLessThan(before + 4);
    bus.close();
    await writer.close();
  });

  it("ends when the feed does, and does not begin if the feed will not follow", async () => {
    const { client, server } = feed();
    const bus = await StockBus.open(client, urisOf("A"));
    server.close(1012);
    await bus.closed;

    const { 0: refused, 1: refusing } = new WebSocketPair();
    refusing.accept();
    refusing.addEventListener("message", () => refusing.close(1011));
    await expect(StockBus.open(refused, urisOf("A"))).rejects.toThrow("the feed closed the socket");
  });
});
