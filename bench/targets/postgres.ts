import { startPostgres } from "../../e2e/lib/postgres.ts";
import { startPeer } from "./peer.ts";
import type { Target } from "./target.ts";

/** Hono and Debian's PostgreSQL with its defaults, which are durable. */
export async function startPostgresPeer(way: "transaction" | "function", poolSize: number): Promise<Target> {
  const postgres = await startPostgres();
  const database = await postgres.create("peer");
  return startPeer({
    name: `postgres-${way}-${poolSize}`,
    about: `Hono + PostgreSQL, one ${way === "function" ? "SQL function" : "transaction"}, pool of ${poolSize}`,
    server: "postgres.ts",
    args: [way, String(poolSize), database],
    stopStore: () => postgres.stop(),
    crashStore: () => postgres.crash(),
  });
}
