import type { Database } from "./database.ts";
import { LedgerDatabases } from "./databases.ts";
import { confirmPlace, ledgerBindings, LedgerPlaceError } from "./places.ts";

/** Databases that this isolate has found to be what they are taken for. They never become others. */
const confirmed = new Set<string>();

/** The one way to the ledger's databases: as many as `LEDGER_SHARDS` says. Throws `LedgerPlaceError`. */
export function ledgerOf(env: Pick<Env, "LEDGER" | "LEDGER_SHARDS">): LedgerDatabases {
  const [, ...others] = ledgerBindings(env.LEDGER_SHARDS);
  const databases = [env.LEDGER, ...others.map((name) => bound(env, name))];
  return new LedgerDatabases(databases, async (shard) => {
    const name = `${shard}/${databases.length}`;
    if (confirmed.has(name)) return;
    await confirmPlace(databases, shard);
    confirmed.add(name);
  });
}

function bound(env: object, name: string): Database {
  const database = (env as Readonly<Record<string, Database | undefined>>)[name];
  if (database !== undefined) return database;
  throw new LedgerPlaceError(`LEDGER_SHARDS asks for a database bound as ${name}, and there is none`);
}
