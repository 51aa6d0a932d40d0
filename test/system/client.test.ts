import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  InsufficientStockError,
  ReservationEndedError,
  StockwireClient,
  UnauthorizedError,
  VersionMismatchError,
} from "../../src/client/index.ts";
import { bundled, programsOf } from "../docs/program.ts";
import { adminKey, eventually, Service } from "./service.ts";

let service: Service;
let client: StockwireClient;

beforeAll(async () => {
  service = await Service.start();
  client = new StockwireClient({ url: service.url, key: adminKey });
});

afterAll(async () => {
  await service.remove();
});

test("a program that sells and watches neither loses nor doubles a sale when the service is killed", async () => {
  const units = 200;
  const env = { ...process.env, STOCKWIRE_URL: service.url, STOCKWIRE_KEY: adminKey, UNITS: String(units) };
  const program = spawn(process.execPath, ["examples/sell-and-watch.ts"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const seen = watchOutput(program);
  const exit = new Promise<number | null>((resolve) => program.once("exit", resolve));

  await eventually(async () => (seen.at(-1) ?? units) <= units - 20 || undefined);
  await service.kill();
  const atKill = seen.at(-1);
  await service.start(Number(new URL(service.url).port));
  expect(await exit).toBe(0);

  expect(atKill).toBeGreaterThan(0);
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
  expect(seen.at(-1)).toBe(0);
  const sales = await eventually(async () => {
    const events = await client.ledger.list({ sku: "EXAMPLE-TEE", type: "adjusted", limit: 500 }).all();
    return events.length >= units ? events : undefined;
  });
  const references = sales.map(({ data }) => data.reference);
  expect(new Set(references).size).toBe(units);
  expect(sales).toHaveLength(units);
  expect(await client.stock.get("EXAMPLE-TEE")).toMatchObject({ available: 0, version: units + 1 });
});

test("the programs of its documentation do what they show", async () => {
  await client.stock.count("MUG", { onHand: 4, ifMatch: "*" });
  const dir = await mkdtemp(join(tmpdir(), "stockwire-programs-"));
  try {
    const shown = (await programsOf("docs/client.md")).map(({ text }) => text).join("\n");
    const file = await bundled(shown.replace("http://127.0.0.1:8787", service.url), process.cwd(), dir);
    const program = spawn(process.execPath, [fileURLToPath(file)], {
      env: { ...process.env, STOCKWIRE_KEY: adminKey },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines: string[] = [];
    createInterface({ input: program.stdout }).on("line", (line) => lines.push(line));
    // The last of them watches for ever.
    await eventually(async () => (lines.includes("TEE-BLK-M 19") && lines.includes("MUG 4")) || undefined);
    program.kill();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test("refusals of the real service have their classes, and say what is needed to go on", async () => {
  const { stock } = await client.stock.count("REF", { onHand: 3, ifMatch: "*" });
  const short = await client.reservations
    .create({ lines: [{ sku: "REF", quantity: 5 }], ttlSeconds: 60 })
    .catch((error: unknown) => error);
  expect(short).toBeInstanceOf(InsufficientStockError);
  expect(short).toMatchObject({ lines: [{ sku: "REF", requested: 5, available: 3 }] });

  await client.stock.adjust("REF", { delta: 1, reason: "found" }, { ifMatch: stock });
  const stale = await client.stock
    .adjust("REF", { delta: 1, reason: "found" }, { ifMatch: stock })
    .catch((error: unknown) => error);
  expect(stale).toBeInstanceOf(VersionMismatchError);
  expect(stale).toMatchObject({ version: stock.version + 1 });

  const held = await client.reservations.create({ lines: [{ sku: "REF", quantity: 1 }], ttlSeconds: 60 });
  await client.reservations.commit(held.id, { orderId: "1" });
  await expect(client.reservations.release(held.id)).rejects.toMatchObject({ end: "committed" });
  await expect(client.reservations.release(held.id)).rejects.toThrow(ReservationEndedError);

  const stranger = new StockwireClient({ url: service.url, key: "swk_wrong" });
  await expect(stranger.stock.get("REF")).rejects.toThrow(UnauthorizedError);
  await expect(stranger.live(["REF"]).next()).rejects.toThrow(UnauthorizedError);
});

test("without a WebSocket, as on Node 20, live watches by server-sent events", async () => {
  const plain = new StockwireClient({ url: service.url, key: adminKey });
  await plain.stock.count("SSE", { onHand: 3, ifMatch: "*" });
  const { WebSocket } = globalThis;
  Reflect.deleteProperty(globalThis, "WebSocket");
  try {
    const live = new StockwireClient({ url: service.url, key: adminKey }).live(["SSE", "LATER"]);
    expect((await live.next()).value).toMatchObject({ sku: "SSE", available: 3 });
    await eventually(async () => live.state === "live" || undefined);
    expect(live.missing).toEqual(["LATER"]);
    await plain.stock.adjust("SSE", { delta: -1, reason: "sold" });
    expect((await live.next()).value).toMatchObject({ sku: "SSE", available: 2 });
    live.close();
    expect(await live.next()).toMatchObject({ done: true });
  } finally {
    globalThis.WebSocket = WebSocket;
  }
});

test("the ledger is followed, every event once and in order", async () => {
  const { liveCursor } = await client.ledger.list({ limit: 1 }).first();
  await client.stock.count("TAIL", { onHand: 1, ifMatch: "*" });
  for (let change = 0; change < 3; change += 1) {
    await client.stock.adjust("TAIL", { delta: 1, reason: "found" });
  }
  const seen: number[] = [];
  for await (const { events } of client.ledger.follow({ cursor: liveCursor })) {
    for (const { subject, version } of events) if (subject === "TAIL") seen.push(version);
    if (seen.length >= 4) break;
  }
  expect(seen).toEqual([1, 2, 3, 4]);
});

/** What the program says is left, line by line. */
function watchOutput(program: ChildProcess): number[] {
  const seen: number[] = [];
  if (program.stdout === null) throw new Error("the program has no output");
  createInterface({ input: program.stdout }).on("line", (line) => {
    const left = /^(\d+) left$/.exec(line)?.[1];
    if (left !== undefined) seen.push(Number(left));
  });
  return seen;
}
