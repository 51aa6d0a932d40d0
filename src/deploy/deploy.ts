import {
  databaseId,
  DeployError,
  requireLedgerOf,
  makeQueues,
  must,
  requireLogin,
  secretsOf,
} from "./account.ts";
import { shardsIn } from "../ledger/places.ts";
import { configFor, databaseIdIn, ledgerShardsIn } from "./config.ts";
import { namesOf } from "./names.ts";
import { newSecrets } from "./secrets.ts";
import { type SmokeEffects, smokeTest } from "./smoke.ts";
import type { Wrangler } from "./wrangler.ts";

export interface DeployOptions {
  readonly environment: string;
  readonly domain?: string | undefined;
  /** Makes nothing and uploads nothing: only builds, and checks what would be uploaded. */
  readonly isDryRun: boolean;
}

export interface DeployEffects extends SmokeEffects {
  readonly wrangler: Wrangler;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The project's `wrangler.toml`. */
  readConfig(): Promise<string>;
  /** Writes a file beside it that is not for git; answers its path. */
  writeConfig(name: string, text: string): Promise<string>;
  /** Writes a file that only its owner may read, for as long as `use` takes. */
  withSecretFile<Result>(text: string, use: (path: string) => Promise<Result>): Promise<Result>;
  readonly say: (line: string) => void;
}

const dryRunId = "00000000-0000-0000-0000-000000000001";

/**
 * Deploys an environment: what is missing in the account is made, the database's migrations come before the code, and what
 * was deployed is tried. Each step may be repeated. Throws a `DeployError` that says what to do.
 */
export async function deploy(options: DeployOptions, effects: DeployEffects): Promise<void> {
  const { wrangler, say } = effects;
  const toml = await effects.readConfig();
  const shards = shardsIn(ledgerShardsIn(toml));
  const names = namesOf(options.environment, shards);
  const write = (databaseIds: readonly string[]) =>
    effects.writeConfig(
      `wrangler.${options.environment}.toml`,
      configFor(toml, { names, databaseIds, domain: options.domain }),
    );
  if (options.isDryRun) {
    const config = await write(names.databases.map(() => dryRunId));
    must(
      await wrangler(["deploy", "--dry-run", "--config", config, "--outdir", "dist/worker"]),
      "the Worker could not be built",
    );
    const parts = [...names.databases, names.queue, names.deadLetterQueue].join(", ");
    say(`would deploy ${names.worker} with ${parts}`);
    return;
  }

  await requireLogin(wrangler);
  const given = options.environment === "production" ? databaseIdIn(toml) : undefined;
  const ids: string[] = [];
  for (const [shard, name] of names.databases.entries()) {
    ids.push((shard === 0 ? given : undefined) ?? (await databaseId(wrangler, name, say)));
  }
  const config = await write(ids);
  await makeQueues(wrangler, names, say);
  for (const name of names.databases) {
    must(
      await wrangler(["d1", "migrations", "apply", name, "--remote", "--config", config]),
      `the migrations of ${name} could not be applied`,
    );
  }
  say("migrations: applied");
  await requireLedgerOf(shards, names.databases[0] ?? "", wrangler, config);

  const { values, made } = newSecrets(await secretsOf(wrangler, names.worker), effects.environment);
  const uploaded = await effects.withSecretFile(JSON.stringify(values), (path) =>
    wrangler(["deploy", "--config", config, "--secrets-file", path]),
  );
  must(uploaded, "the Worker could not be deployed");
  for (const name of made) say(`${name} (shown this once; keep it safe): ${values[name]}`);

  const url = urlOf(options.domain, uploaded.stdout);
  if (url === undefined) {
    throw new DeployError(
      "deployed, but wrangler named no address: give one with --domain, and try it by hand",
    );
  }
  const key = values["STOCKWIRE_ADMIN_KEY"];
  await smokeTest(url, key, effects);
  say(
    key === undefined
      ? `${url} answers; set STOCKWIRE_ADMIN_KEY to have a mutation tried too`
      : `${url} answers, and a mutation came through object, queue and ledger`,
  );
}

function urlOf(domain: string | undefined, output: string): string | undefined {
  return domain === undefined ? /https:\/\/\S+\.workers\.dev/.exec(output)?.[0] : `https://${domain}`;
}
