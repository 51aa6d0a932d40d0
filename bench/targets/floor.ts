import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, Program } from "../../e2e/lib/programs.ts";
import type { Target } from "./target.ts";

const main = join(import.meta.dirname, "../floor/main.ts");

/** The least that any object can cost on this stack: a call that does nothing, one that writes one row, one that records a sale. */
export async function startFloor(options: readonly string[] = ["--keep-awake"]): Promise<Target[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "stockwire-floor-"));
  const port = await freePort();
  const program = new Program(process.execPath, [main, String(port), dataDir, ...options], { cwd: dataDir });
  await program.ready(async () => program.words.includes("ready http"), 60_000);
  const common = { url: `http://127.0.0.1:${port}`, stock: async () => undefined };
  const body = JSON.stringify({ delta: -1, reason: "sold" });
  const stop = async () => {
    await program.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return [
    {
      ...common,
      name: "floor-noop",
      about: "floor: an object that does nothing",
      buy: (sku) => ({ method: "POST", path: `/noop/${sku}`, body }),
      read: (sku) => ({ method: "GET", path: `/noop/${sku}` }),
      stop,
    },
    {
      ...common,
      name: "floor-row",
      about: "floor: an object that writes one row",
      buy: (sku) => ({ method: "POST", path: `/row/${sku}`, body }),
      stop: async () => undefined,
    },
    {
      ...common,
      name: "floor-record",
      about: "floor: an object that records a sale under its key, and nothing else",
      buy: (sku, key) => ({
        method: "POST",
        path: `/record/${sku}`,
        headers: { "idempotency-key": key },
        body,
      }),
      stop: async () => undefined,
    },
  ];
}
