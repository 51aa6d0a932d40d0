/** What one deployment is called on Cloudflare; several live side by side in one account. */
export interface Names {
  readonly worker: string;
  /** The databases of the ledger, in order. */
  readonly databases: readonly string[];
  readonly queue: string;
  /** Ends with `-dead`: by that the Worker knows its dead letters. */
  readonly deadLetterQueue: string;
}

/** Names of an environment; `production` has the plain ones of `wrangler.toml`. Throws for what cannot be in a name. */
export function namesOf(environment: string, ledgerShards = 1): Names {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(environment)) {
    throw new Error(
      `--env must be 1 to 20 lower-case letters, digits and hyphens, as in "staging"; not "${environment}"`,
    );
  }
  const suffix = environment === "production" ? "" : `-${environment}`;
  return {
    worker: `stockwire${suffix}`,
    // The number stands before the environment, which cannot begin with one: no two names meet.
    databases: Array.from(
      { length: ledgerShards },
      (_, shard) => `stockwire-ledger${shard === 0 ? "" : `-${shard}`}${suffix}`,
    ),
    queue: `stock-events${suffix}`,
    deadLetterQueue: `stock-events${suffix}-dead`,
  };
}
