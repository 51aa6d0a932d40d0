import { parseArgs } from "node:util";
import { spreadOf } from "../src/cli/percentiles.ts";
import { withEmbeddedService } from "../src/cli/with-service.ts";

/**
 * What watching costs: sockets on one hot SKU while it changes at a given rate, the same SKU's throughput with and
 * without them, and how many reads with a bound reach the SKUs themselves. Run it alone on the machine.
 */
const { values } = parseArgs({
  options: {
    sockets: { type: "string", default: "1000" },
    rate: { type: "string", default: "100" },
    seconds: { type: "string", default: "10" },
  },
});
const sockets = Number(values.sockets);
const changesPerSecond = Number(values.rate);
const seconds = Number(values.seconds);
const hot = "BENCH-HOT";

await withEmbeddedService(async ({ url, key }) => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };

  async function change(sku: string, delta: number): Promise<number> {
    const response = await fetch(`${url}/v1/skus/${sku}/adjustments`, {
      method: "POST",
      headers: { ...headers, "idempotency-key": crypto.randomUUID() },
      body: JSON.stringify({ delta, reason: "correction" }),
    });
    const { stock } = (await response.json()) as { stock: { version: number } };
    return stock.version;
  }

  async function count(sku: string, onHand: number): Promise<void> {
    await fetch(`${url}/v1/skus/${sku}/levels/default`, {
      method: "PUT",
      headers: { ...headers, "idempotency-key": crypto.randomUUID(), "if-match": "*" },
      body: JSON.stringify({ onHand }),
    });
  }

  /** Mutations a second of the hot SKU over 32 connections. */
  async function throughput(): Promise<number> {
    const untilMs = performance.now() + seconds * 1000;
    let done = 0;
    const worker = async () => {
      for (; performance.now() < untilMs; done += 1) await change(hot, 1);
    };
    await Promise.all(Array.from({ length: 32 }, worker));
    return done / seconds;
  }

  await count(hot, 1_000);
  await throughput();
  const alone = await throughput();

  const newest = new Map<number, number>();
  const heardAtMs: { version: number; atMs: number }[] = [];
  const open = await Promise.all(
    Array.from({ length: sockets }, async (_, index) => {
      const socket = openSocket(`${url.replace("http", "ws")}/v1/live`, headers);
      socket.addEventListener("message", ({ data }) => {
        // Not parsed whole: this process shares two cores with what it measures.
        const version = Number(/"version":(\d+),"asOf"/.exec(String(data))?.[1] ?? 0);
        if (version === 0) return;
        newest.set(index, version);
        heardAtMs.push({ version, atMs: performance.now() });
      });
      await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
      socket.send(JSON.stringify({ type: "subscribe", skus: [hot] }));
      return socket;
    }),
  );
  while (newest.size < sockets) await sleep(50);

  heardAtMs.length = 0;
  const changedAtMs = new Map<number, number>();
  const pending: Promise<void>[] = [];
  const startMs = performance.now();
  for (let sent = 0; sent < changesPerSecond * seconds; sent += 1) {
    await sleep(startMs + (sent * 1000) / changesPerSecond - performance.now());
    const sentAtMs = performance.now();
    pending.push(change(hot, -1).then((version) => void changedAtMs.set(version, sentAtMs)));
  }
  await Promise.all(pending);
  const last = Math.max(...changedAtMs.keys());
  for (let waits = 0; waits < 100 && [...newest.values()].some((version) => version < last); waits += 1) {
    await sleep(50);
  }
  const behind = [...newest.values()].filter((version) => version < last).length;
  const delays = heardAtMs.flatMap(({ version, atMs }) => {
    const sentAtMs = changedAtMs.get(version);
    return sentAtMs === undefined ? [] : [atMs - sentAtMs];
  });
  const watched = await throughput();
  for (const socket of open) socket.close();

  const skus = Array.from({ length: 1_000 }, (_, index) => `BENCH-${index}`);
  for (let start = 0; start < skus.length; start += 32) {
    await Promise.all(skus.slice(start, start + 32).map((sku) => count(sku, 5)));
  }
  const sources = { feed: 0, object: 0 };
  const readsMs: number[] = [];
  const reads = 10_000;
  const readStartMs = performance.now();
  let next = 0;
  const reader = async () => {
    for (; next < reads;) {
      const sku = skus[next % skus.length] ?? hot;
      next += 1;
      const sentAtMs = performance.now();
      const response = await fetch(`${url}/v1/skus/${sku}`, {
        headers: { ...headers, "cache-control": "max-age=30" },
      });
      await response.arrayBuffer();
      readsMs.push(performance.now() - sentAtMs);
      sources[response.headers.get("stockwire-source") === "feed" ? "feed" : "object"] += 1;
    }
  };
  await Promise.all(Array.from({ length: 32 }, reader));
  const readSeconds = (performance.now() - readStartMs) / 1000;

  console.table({
    sockets,
    "changes a second": changesPerSecond,
    "messages a second": Math.round(heardAtMs.length / seconds),
    "sockets that did not end at the newest version": behind,
    ...labelled("delivery, ms from request", spreadOf(delays)),
    "mutations/s alone": Math.round(alone),
    "mutations/s with the sockets": Math.round(watched),
    ratio: (watched / alone).toFixed(2),
    "reads with max-age=30": reads,
    "reads/s": Math.round(reads / readSeconds),
    "reads that asked a SKU": sources.object,
    ...labelled("read, ms", spreadOf(readsMs)),
  });
});

function labelled(name: string, figures: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(figures).map(([key, figure]) => [`${name} ${key}`, figure]));
}

function openSocket(address: string, headers: Record<string, string>): WebSocket {
  return new (WebSocket as unknown as NodeWebSocket)(address, { headers });
}

/** Node's WebSocket takes headers, which the browser's does not. */
type NodeWebSocket = new (address: string, init: { headers: Record<string, string> }) => WebSocket;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
