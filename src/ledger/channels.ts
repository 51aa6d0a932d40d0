import type { Database } from "./database.ts";

/** Makes a channel known to the consumer: from its next batch on, changes are submitted to it. */
export async function registerChannel(db: Database, id: string, kind: string, nowMs: number): Promise<void> {
  await db
    .prepare("INSERT INTO channels (id, kind, created_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    .bind(id, kind, nowMs)
    .run();
}

export async function forgetChannel(db: Database, id: string): Promise<void> {
  await db.prepare("DELETE FROM channels WHERE id = ?").bind(id).run();
}

/** A channel since it was registered: one that is removed and connected again is another one. */
export interface Registration {
  readonly id: string;
  readonly sinceMs: number;
}

export const selectRegistrations = "SELECT id, created_at_ms AS sinceMs FROM channels";

/** All channels there are, to be told of changes. */
export async function listRegistrations(db: Database): Promise<readonly Registration[]> {
  const { results } = await db.prepare(selectRegistrations).all<Registration>();
  return results;
}

/** Ids of all channels, in order of name. */
export async function listChannels(db: Database): Promise<string[]> {
  const { results } = await db.prepare("SELECT id FROM channels ORDER BY id").all<{ id: string }>();
  return results.map((row) => row.id);
}
