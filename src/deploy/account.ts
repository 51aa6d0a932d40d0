import { type LedgerPlace, LedgerPlaceError, mustBe } from "../ledger/places.ts";
import type { Names } from "./names.ts";
import type { Ran, Wrangler } from "./wrangler.ts";

/** Something that must be put right by a person before it can go on; the message says how. */
export class DeployError extends Error {
  override readonly name = "DeployError";
}

/** Throws unless wrangler may act for an account. */
export async function requireLogin(wrangler: Wrangler): Promise<void> {
  const { code } = await wrangler(["whoami", "--json"]);
  if (code === 0) return;
  throw new DeployError(
    "wrangler is not logged in: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID",
  );
}

/** The id of the database of this name, made if there is none. */
export async function databaseId(
  wrangler: Wrangler,
  name: string,
  say: (line: string) => void,
): Promise<string> {
  const known = await findDatabase(wrangler, name);
  if (known !== undefined) {
    say(`database ${name}: there`);
    return known;
  }
  must(await wrangler(["d1", "create", name]), `the database ${name} could not be made`);
  const made = await findDatabase(wrangler, name);
  if (made === undefined) throw new DeployError(`the database ${name} was made and cannot be found`);
  say(`database ${name}: made`);
  return made;
}

async function findDatabase(wrangler: Wrangler, name: string): Promise<string | undefined> {
  const { stdout } = must(await wrangler(["d1", "list", "--json"]), "the databases could not be listed");
  const list = JSON.parse(stdout) as { name: string; uuid: string }[];
  return list.find((database) => database.name === name)?.uuid;
}

/** Throws if the ledger was begun with another number of databases: its rows would not be found. */
export async function requireLedgerOf(
  shards: number,
  firstDatabase: string,
  wrangler: Wrangler,
  config: string,
): Promise<void> {
  const question = "SELECT shard, shards FROM ledger_place";
  const { stdout } = must(
    await wrangler([
      "d1",
      "execute",
      firstDatabase,
      "--remote",
      "--json",
      "--config",
      config,
      "--command",
      question,
    ]),
    `the database ${firstDatabase} could not be read`,
  );
  const [answer] = JSON.parse(stdout) as { results: LedgerPlace[] }[];
  const [known] = answer?.results ?? [];
  if (known === undefined) return;
  try {
    mustBe({ shard: 0, shards }, known);
  } catch (error) {
    if (error instanceof LedgerPlaceError) throw new DeployError(error.message);
    throw error;
  }
}

/** Makes the queues that are not there. */
export async function makeQueues(
  wrangler: Wrangler,
  { queue, deadLetterQueue }: Names,
  say: (line: string) => void,
): Promise<void> {
  // The queue of dead letters first: the other one names it.
  for (const name of [deadLetterQueue, queue]) {
    const { code } = await wrangler(["queues", "info", name]);
    if (code === 0) {
      say(`queue ${name}: there`);
      continue;
    }
    must(await wrangler(["queues", "create", name]), `the queue ${name} could not be made`);
    say(`queue ${name}: made`);
  }
}

/** The names of the secrets that a Worker has; none if it was never deployed. */
export async function secretsOf(wrangler: Wrangler, worker: string): Promise<ReadonlySet<string>> {
  const { code, stdout } = await wrangler(["secret", "list", "--name", worker, "--format", "json"]);
  if (code !== 0) return new Set();
  return new Set((JSON.parse(stdout) as { name: string }[]).map(({ name }) => name));
}

/** What a command printed; throws with wrangler's own words if it failed. */
export function must(ran: Ran, failure: string): Ran {
  if (ran.code === 0) return ran;
  const words = (ran.stderr.trim() || ran.stdout.trim()).split("\n").slice(-12).join("\n");
  throw new DeployError(`${failure}; wrangler says:\n${words}`);
}
