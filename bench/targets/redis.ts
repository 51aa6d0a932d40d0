import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, Program, run } from "../../e2e/lib/programs.ts";
import { startPeer } from "./peer.ts";
import type { Target } from "./target.ts";

const server = "/usr/bin/redis-server";

/** Hono and Debian's Redis, which writes every command to the disk before it answers (`appendfsync always`). */
export async function startRedisPeer(): Promise<Target> {
  if (!existsSync(server)) {
    const options = { cwd: "/", env: { DEBIAN_FRONTEND: "noninteractive" } };
    await run("apt-get", ["update"], options);
    await run("apt-get", ["install", "--yes", "--no-install-recommends", "redis-server"], options);
  }
  const folder = await mkdtemp(join(tmpdir(), "stockwire-redis-"));
  const port = await freePort();
  let redis = await start(port, folder);
  return startPeer({
    name: "redis-always",
    about: "Hono + Redis, one Lua script, appendfsync always",
    server: "redis.ts",
    args: [String(port)],
    async stopStore() {
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
    async crashStore() {
      await redis.stop("SIGKILL");
      redis = await start(port, folder);
    },
  });
}

async function start(port: number, folder: string): Promise<Program> {
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const durable = ["--appendonly", "yes", "--appendfsync", "always"];
  const program = new Program(server, [...options, ...durable], { cwd: folder });
  await program.ready(async () => program.words.includes("Ready to accept connections"), 30_000);
  return program;
}
