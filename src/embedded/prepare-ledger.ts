import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { confirmPlace } from "../ledger/places.ts";
import { applyMigrations } from "./migrations.ts";
import type { LogLine } from "./worker-log.ts";

const migrations = join(import.meta.dirname, "../../migrations");

/** The code of a Worker that is there only for what it is bound to. */
export const nothing = { type: "ESModule" as const, path: "nothing.js", contents: "export default {}" };

/**
 * Brings the ledger's databases up to date, before the Worker is there: it must never meet an older schema, and after a crash it
 * has so much to do that nothing else gets its turn. Throws if they are not those that the settings ask for.
 */
export async function prepareLedger(
  dataDir: string,
  databases: Readonly<Record<string, { readonly id: string }>>,
  tell: (line: LogLine) => void,
): Promise<void> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      resourcePersistencePath: dataDir,
      handleStructuredLogs: tell,
      workers: [{ name: "ledger", modules: [nothing], d1Databases: databases }],
    }),
  );
  try {
    const ledger = await Promise.all(Object.keys(databases).map((name) => miniflare.getD1Database(name)));
    for (const database of ledger) await applyMigrations(database, migrations);
    for (const shard of ledger.keys()) await confirmPlace(ledger, shard);
  } finally {
    await miniflare.dispose();
  }
}
