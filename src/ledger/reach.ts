import type { Run } from "../protocol/queue.ts";
import type { Database } from "./database.ts";

/**
 * Up to which version the ledger has a run's entries without a gap; one before the first if it lacks that. What is in the
 * ledger, every channel was told (`consumer.ts`).
 */
export async function reachedIn(db: Database, sku: string, { epoch, first, last }: Run): Promise<number> {
  const row = await db
    .prepare(
      `SELECT max(version) AS reached FROM (
         SELECT version, row_number() OVER (ORDER BY version) AS place FROM ledger
         WHERE sku = ?1 AND epoch = ?2 AND version BETWEEN ?3 AND ?4
       ) WHERE version - place = ?3 - 1`,
    )
    .bind(sku, epoch, first, last)
    .first<{ reached: number | null }>();
  return row?.reached ?? first - 1;
}
