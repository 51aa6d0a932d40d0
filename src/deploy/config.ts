import { ledgerBinding } from "../ledger/places.ts";
import type { Names } from "./names.ts";

export interface Placement {
  readonly names: Names;
  /** Ids of the ledger's databases, in order. */
  readonly databaseIds: readonly string[];
  /** A host name of a zone of the account, at which the Worker answers; absent: at its workers.dev address. */
  readonly domain?: string | undefined;
}

const plain = { database: "stockwire-ledger", queue: "stock-events", deadLetterQueue: "stock-events-dead" };
const noId = "00000000-0000-0000-0000-000000000000";

/** The database that `wrangler.toml` names: somebody has put it there, as the "Deploy to Cloudflare" button does. */
export function databaseIdIn(toml: string): string | undefined {
  const id = /^database_id = "([^"]+)"$/m.exec(toml)?.[1];
  return id === noId ? undefined : id;
}

/** What `wrangler.toml` sets `LEDGER_SHARDS` to. */
export function ledgerShardsIn(toml: string): string {
  return /^LEDGER_SHARDS = "([^"]*)"$/m.exec(toml)?.[1] ?? "1";
}

/** The project's `wrangler.toml` for one deployment. Throws if the file no longer says what is to be replaced. */
export function configFor(toml: string, { names, databaseIds, domain }: Placement): string {
  const lines = toml.split("\n").filter((line) => !line.startsWith("#:schema"));
  const set = (key: string, from: string, to: string, times: number) => {
    const wanted = `${key} = "${from}"`;
    let found = 0;
    for (const [index, line] of lines.entries()) {
      if (line.trim() !== wanted) continue;
      lines[index] = `${key} = "${to}"`;
      found += 1;
    }
    if (found !== times) throw new Error(`wrangler.toml has \`${wanted}\` ${found} times, not ${times}`);
  };
  set("name", "stockwire", names.worker, 1);
  const [database = "", ...otherDatabases] = names.databases;
  const [databaseId = "", ...otherIds] = databaseIds;
  set("database_name", plain.database, database, 1);
  set("database_id", databaseIdIn(toml) ?? noId, databaseId, 1);
  set("queue", plain.deadLetterQueue, names.deadLetterQueue, 1);
  set("dead_letter_queue", plain.deadLetterQueue, names.deadLetterQueue, 1);
  set("queue", plain.queue, names.queue, 2);
  if (domain !== undefined) {
    set("PUBLIC_URL", "", `https://${domain}`, 1);
    const main = lines.findIndex((line) => line.startsWith("main = "));
    lines.splice(main + 1, 0, `routes = [{ pattern = "${domain}", custom_domain = true }]`);
  }
  for (const [index, name] of otherDatabases.entries()) {
    lines.push(
      "[[d1_databases]]",
      `binding = "${ledgerBinding(index + 1)}"`,
      `database_name = "${name}"`,
      `database_id = "${otherIds[index] ?? ""}"`,
      'migrations_dir = "migrations"',
      "",
    );
  }
  return lines.join("\n");
}
