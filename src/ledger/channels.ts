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

/** Ids of all channels, in order of name. */
export async function listChannels(db: Database): Promise<string[]> {
  const { results } = await db.prepare("SELECT id FROM channels ORDER BY id").all<{ id: string }>();
  return results.map((row) => row.id);
}
