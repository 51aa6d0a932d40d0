import type { Database } from "./database.ts";

/** A list asks every database; beyond that it would take more than one would like. */
const shardsMax = 64;

/** What is bound, or what it holds, is not what the setting `LEDGER_SHARDS` says. */
export class LedgerPlaceError extends Error {
  override readonly name = "LedgerPlaceError";
}

/** A database's place in the ledger: its number, from 0 on, and how many there are. */
export interface LedgerPlace {
  readonly shard: number;
  readonly shards: number;
}

/** How many databases the setting asks for. Throws `LedgerPlaceError`. */
export function shardsIn(setting: string): number {
  const shards = /^[1-9]\d?$/.test(setting) ? Number(setting) : 0;
  if (shards >= 1 && shards <= shardsMax) return shards;
  throw new LedgerPlaceError(`LEDGER_SHARDS must be a number from 1 to ${shardsMax}; not "${setting}"`);
}

/** What a database of the ledger is bound as. */
export function ledgerBinding(shard: number): string {
  return shard === 0 ? "LEDGER" : `LEDGER_${shard}`;
}

/** The names of all bindings of the ledger. Throws `LedgerPlaceError`. */
export function ledgerBindings(setting: string): string[] {
  return Array.from({ length: shardsIn(setting) }, (_, shard) => ledgerBinding(shard));
}

/**
 * Makes sure that a database is the one it is taken for. Each has its place written down since it was first used: by another
 * number of databases a SKU would be looked for, and written, where it is not. Throws `LedgerPlaceError`.
 */
export async function confirmPlace(databases: readonly Database[], shard: number): Promise<void> {
  const [first] = databases;
  const db = databases[shard];
  if (first === undefined || db === undefined) throw new RangeError(`there is no database ${shard}`);
  const wanted = { shard, shards: databases.length };
  const known = await placeOf(db);
  if (known !== undefined) return mustBe(wanted, known);
  const begun = shard === 0 ? undefined : await placeOf(first);
  if (begun === undefined) return begin(databases);
  mustBe({ ...wanted, shard: 0 }, begun);
  // Somebody else may have begun the ledger between the two questions.
  const since = await placeOf(db);
  if (since !== undefined) return mustBe(wanted, since);
  throw new LedgerPlaceError(
    `${ledgerBinding(shard)} is an empty database, but this ledger is in use: bind the one that belongs there, or restore it`,
  );
}

/** Writes down every place of a ledger that is new. The first one last: by it the others know that they must have theirs. */
async function begin(databases: readonly Database[]): Promise<void> {
  const shards = databases.length;
  for (const shard of [...databases.keys()].toReversed()) {
    const db = databases[shard];
    if (db === undefined) continue;
    await db
      .prepare("INSERT INTO ledger_place (only_row, shard, shards) VALUES (1, ?, ?) ON CONFLICT DO NOTHING")
      .bind(shard, shards)
      .run();
    const known = await placeOf(db);
    if (known !== undefined) mustBe({ shard, shards }, known);
  }
}

async function placeOf(db: Database): Promise<LedgerPlace | undefined> {
  return (await db.prepare("SELECT shard, shards FROM ledger_place").first<LedgerPlace>()) ?? undefined;
}

/** Throws `LedgerPlaceError` if a database was begun as another one than it is now. */
export function mustBe(wanted: LedgerPlace, known: LedgerPlace): void {
  if (known.shards !== wanted.shards) {
    throw new LedgerPlaceError(
      `LEDGER_SHARDS is ${wanted.shards}, but the ledger was begun with ${known.shards}: set it to ${known.shards}. ` +
        "It cannot be changed once there is a ledger (docs/deploy.md)",
    );
  }
  if (known.shard !== wanted.shard) {
    throw new LedgerPlaceError(
      `what is bound as ${ledgerBinding(wanted.shard)} is the database of ${ledgerBinding(known.shard)}: put the bindings right`,
    );
  }
}
