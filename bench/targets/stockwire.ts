import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, Program } from "../../e2e/lib/programs.ts";
import { ask, type Call, load } from "../load.ts";
import { Agent } from "node:http";
import { memoryOf } from "./process-tree.ts";
import type { Target } from "./target.ts";

export const stockwireKey = "bench-admin-key";
const authorization = { authorization: `Bearer ${stockwireKey}` };
const main = join(import.meta.dirname, "../../src/cli/main.ts");

function post(path: string, body: object, idempotencyKey?: string): Call {
  const headers = {
    ...authorization,
    ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
  };
  return { method: "POST", path, headers, body: JSON.stringify(body) };
}

const pathOf = (sku: string) => `/v1/skus/${encodeURIComponent(sku)}`;

/** What Stockwire's API is asked. */
export const stockwireCalls = {
  buy: (sku: string, idempotencyKey: string) =>
    post(`${pathOf(sku)}/adjustments`, { delta: -1, reason: "sold" }, idempotencyKey),
  read: (sku: string): Call => ({ method: "GET", path: pathOf(sku), headers: authorization }),
  bulk: (skus: readonly string[], idempotencyKey: string) =>
    post("/v1/mutations", {
      items: skus.map((sku, index) => ({
        key: `${idempotencyKey}-${index}`,
        sku,
        type: "adjust",
        delta: -1,
        reason: "sold",
      })),
    }),
  reserve: (sku: string, idempotencyKey: string) =>
    post("/v1/reservations", { lines: [{ sku, quantity: 1 }], ttlSeconds: 60 }, idempotencyKey),
  holdBriefly: (sku: string, idempotencyKey: string) =>
    post("/v1/reservations", { lines: [{ sku, quantity: 1 }], ttlSeconds: 1 }, idempotencyKey),
  reserveCart: (skus: readonly string[], idempotencyKey: string) =>
    post(
      "/v1/reservations",
      { lines: skus.map((sku) => ({ sku, quantity: 1 })), ttlSeconds: 60 },
      idempotencyKey,
    ),
};

/** Headers that every request of a program carries. */
export const stockwireHeaders = authorization;

/** Starts the embedded service on data of its own, which are gone after `stop`. */
export async function startStockwire(
  name = "stockwire",
  options: readonly string[] = ["--keep-awake"],
): Promise<Target & { readonly dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), "stockwire-bench-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let program = await start(port, dataDir, options);
  const agent = new Agent({ keepAlive: true });
  return {
    name,
    about: `Stockwire, embedded${options.length > 0 ? `, with ${options.join(" ")}` : ""}`,
    url,
    dataDir,
    ...stockwireCalls,
    async stock(skus, units) {
      const count = (index: number): Call => ({
        method: "PUT",
        path: `${pathOf(skus[index] ?? "")}/levels/default`,
        headers: { ...authorization, "idempotency-key": crypto.randomUUID(), "if-match": "*" },
        body: JSON.stringify({ onHand: units }),
      });
      const { statuses } = await load(url, count, { connections: 16, calls: skus.length });
      if (statuses[200] !== skus.length) throw new Error(`counting failed: ${JSON.stringify(statuses)}`);
    },
    async giveShards(sku, shards) {
      const headers = { ...authorization, "idempotency-key": crypto.randomUUID() };
      const call = { method: "PUT", path: pathOf(sku), headers, body: JSON.stringify({ shards }) } as const;
      const { status } = await ask(agent, url, call);
      if (status !== 200) throw new Error(`no shards for ${sku}: ${status}`);
    },
    async left(sku) {
      const { body } = await ask(agent, url, stockwireCalls.read(sku));
      return (JSON.parse(body) as { available: number }).available;
    },
    memoryBytes: () => memoryOf(program.pid),
    async crash() {
      await program.stop("SIGKILL");
      program = await start(port, dataDir, options);
    },
    async stop() {
      agent.destroy();
      await program.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Starts the service on a directory; resolves once it says that it is ready. */
export async function start(
  port: number,
  dataDir: string,
  options: readonly string[] = ["--keep-awake"],
): Promise<Program> {
  const all = ["--port", String(port), "--data", dataDir, "--allow-private-channels", ...options];
  const program = new Program(process.execPath, [main, "serve", ...all], {
    cwd: dataDir,
    env: { STOCKWIRE_ADMIN_KEY: stockwireKey },
  });
  await program.ready(async () => program.words.includes("ready http"), 60_000);
  return program;
}
