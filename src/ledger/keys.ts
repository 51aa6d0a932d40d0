import type { Scope } from "../protocol/requests.ts";
import type { Database } from "./database.ts";

export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: Scope[];
  /** Of a publishable key: the pages it may stand in. */
  readonly origins?: string[] | undefined;
  /** How often it may ask, if not as often as keys of its kind. */
  readonly rateLimit?: { readonly requests: number; readonly windowSeconds: number } | undefined;
  readonly createdAtMs: number;
  readonly revokedAtMs?: number;
}

type Row = {
  id: string;
  name: string;
  scopes: string;
  origins: string | null;
  rate_limit: string | null;
  created_at_ms: number;
  revoked_at_ms: number | null;
};

const columns = "id, name, scopes, origins, rate_limit, created_at_ms, revoked_at_ms";

/** The key of a hash, unless it was revoked. */
export async function findKey(db: Database, hash: string): Promise<StoredKey | undefined> {
  return findBy(db, "hash", hash);
}

/** The key of an id, unless it was revoked. */
export async function findKeyById(db: Database, id: string): Promise<StoredKey | undefined> {
  return findBy(db, "id", id);
}

async function findBy(db: Database, column: "hash" | "id", value: string): Promise<StoredKey | undefined> {
  const row = await db
    .prepare(`SELECT ${columns} FROM api_keys WHERE ${column} = ? AND revoked_at_ms IS NULL`)
    .bind(value)
    .first<Row>();
  return row === null ? undefined : toKey(row);
}

export async function insertKey(db: Database, key: StoredKey, hash: string): Promise<void> {
  await db
    .prepare(
      "INSERT INTO api_keys (id, hash, name, scopes, origins, rate_limit, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(
      key.id,
      hash,
      key.name,
      JSON.stringify(key.scopes),
      key.origins === undefined ? null : JSON.stringify(key.origins),
      key.rateLimit === undefined ? null : JSON.stringify(key.rateLimit),
      key.createdAtMs,
    )
    .run();
}

export async function listKeys(db: Database): Promise<StoredKey[]> {
  const { results } = await db
    .prepare(`SELECT ${columns} FROM api_keys ORDER BY created_at_ms, id`)
    .all<Row>();
  return results.map(toKey);
}

/** False if there is no such key; revoking twice is the same as once. */
export async function revokeKey(db: Database, id: string, nowMs: number): Promise<boolean> {
  const { meta } = await db
    .prepare("UPDATE api_keys SET revoked_at_ms = coalesce(revoked_at_ms, ?) WHERE id = ?")
    .bind(nowMs, id)
    .run();
  return meta.changes > 0;
}

function toKey(row: Row): StoredKey {
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as Scope[],
    ...(row.origins !== null && { origins: JSON.parse(row.origins) as string[] }),
    ...(row.rate_limit !== null && { rateLimit: JSON.parse(row.rate_limit) as StoredKey["rateLimit"] }),
    createdAtMs: row.created_at_ms,
    ...(row.revoked_at_ms !== null && { revokedAtMs: row.revoked_at_ms }),
  };
}
