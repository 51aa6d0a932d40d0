import { Agent } from "node:http";
import { join } from "node:path";
import { freePort, Program } from "../../e2e/lib/programs.ts";
import { ask } from "../load.ts";
import { memoryOf } from "./process-tree.ts";
import type { Target } from "./target.ts";

export interface PeerOptions {
  readonly name: string;
  readonly about: string;
  /** The server's file in `bench/peers/`, and what it is started with after its port. */
  readonly server: string;
  readonly args: readonly string[];
  /** Ends what it stands on, for good. */
  readonly stopStore: () => Promise<void>;
  /** Ends its store as a power cut would and starts it again; without it, the peer is not crashed. */
  readonly crashStore?: () => Promise<void>;
}

/** A small service over somebody else's store; all of them speak the same. */
export async function startPeer(options: PeerOptions): Promise<Target> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const agent = new Agent({ keepAlive: true });
  let program = await startServer(options, port);
  return {
    name: options.name,
    about: options.about,
    url,
    buy: (sku, key) => ({
      method: "POST",
      path: `/buy/${sku}`,
      headers: { "idempotency-key": key },
      body: JSON.stringify({ delta: -1, reason: "sold" }),
    }),
    read: (sku) => ({ method: "GET", path: `/stock/${sku}` }),
    async stock(skus, units) {
      const body = JSON.stringify({ skus, units });
      const { status } = await ask(agent, url, { method: "POST", path: "/stock", body });
      if (status !== 200) throw new Error(`${options.name} answered ${status} to its stock`);
    },
    async left(sku) {
      const { body } = await ask(agent, url, { method: "GET", path: `/stock/${sku}` });
      return (JSON.parse(body) as { available: number }).available;
    },
    memoryBytes: () => memoryOf(program.pid),
    ...(options.crashStore !== undefined && {
      crash: async () => {
        await program.stop("SIGKILL");
        await options.crashStore?.();
        program = await startServer(options, port);
      },
    }),
    async stop() {
      agent.destroy();
      await program.stop();
      await options.stopStore();
    },
  };
}

async function startServer({ server, args }: PeerOptions, port: number): Promise<Program> {
  const file = join(import.meta.dirname, "../peers", server);
  const program = new Program(process.execPath, [file, String(port), ...args], { cwd: import.meta.dirname });
  await program.ready(async () => program.words.includes("ready http"), 30_000);
  return program;
}
