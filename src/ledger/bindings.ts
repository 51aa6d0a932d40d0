import { LedgerDatabases } from "./databases.ts";

/** The one way to the ledger's databases. */
export function ledgerOf(env: Pick<Env, "LEDGER">): LedgerDatabases {
  return new LedgerDatabases(env.LEDGER);
}
