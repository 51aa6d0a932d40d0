import type { LedgerItem } from "../protocol/answers.ts";
import type { PublishedEvent } from "../protocol/event.ts";
import type { StockStatus, StockView } from "../protocol/stock.ts";
import type { Database } from "./database.ts";
import type { LedgerDatabases } from "./databases.ts";
import { ascendingBy, descendingBy } from "./merge.ts";
import { descending, type Page, placeOf, toPage, Where } from "./page.ts";

/** What `levels.status` says of a SKU that was retired; the status of a view knows no such word. */
export const retiredStatus = "retired";

export interface SkuFilter {
  /** A part of the SKU or its title, whatever the case. A scan: it reads every level there is. */
  readonly query?: string | undefined;
  readonly status?: StockStatus | undefined;
  /** The retired SKUs alone, whatever `status` says; without it, all that are not. */
  readonly retired?: boolean | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** SKUs in order of name, from the projection; `asOf` is when it was read. */
export async function listSkus(
  ledger: LedgerDatabases,
  filter: SkuFilter,
  nowMs: number,
): Promise<Page<StockView> & { asOf: string }> {
  const [after] = placeOf(filter.cursor, 1) ?? [""];
  const { query } = filter;
  const status = filter.retired === true ? retiredStatus : filter.status;
  const where = new Where()
    .and("sku > ?", after ?? "")
    .and("status = ?", status)
    .and("(instr(lower(sku), lower(?)) > 0 OR instr(lower(view ->> 'title'), lower(?)) > 0)", query, query);
  if (status === undefined) where.and("status <> ?", retiredStatus);
  const rows = await ledger.merged(
    async (db) => {
      const { results } = await db
        .prepare(`SELECT sku, view FROM levels ${where.clause} ORDER BY sku LIMIT ?`)
        .bind(...where.bindings, filter.limit + 1)
        .all<{ sku: string; view: string }>();
      return results;
    },
    ascendingBy(["sku"]),
  );
  const page = toPage(rows, filter.limit, (row) => [row.sku]);
  const items = page.items.map((row) => JSON.parse(row.view) as StockView);
  return { ...page, items, asOf: new Date(nowMs).toISOString() };
}

/** How many SKUs there are of each status, of those that `query` finds; retired ones aside. Reads every level. */
export async function countSkus(
  ledger: LedgerDatabases,
  query: string | undefined,
): Promise<Partial<Record<StockStatus, number>>> {
  const where = new Where()
    .and("status <> ?", retiredStatus)
    .and("(instr(lower(sku), lower(?)) > 0 OR instr(lower(view ->> 'title'), lower(?)) > 0)", query, query);
  const counted = await ledger.each(async (db) => {
    const { results } = await db
      .prepare(`SELECT status, count(*) AS count FROM levels ${where.clause} GROUP BY status`)
      .bind(...where.bindings)
      .all<{ status: StockStatus; count: number }>();
    return results;
  });
  const counts: Partial<Record<StockStatus, number>> = {};
  for (const { status, count } of counted.flat()) counts[status] = (counts[status] ?? 0) + count;
  return counts;
}

export interface LedgerFilter {
  readonly sku?: string | undefined;
  /**
   * Event type, short (`adjusted`). No index of its own: what is found by SKU, channel, reference or time is gone
   * through, so a rare type over all SKUs wants `fromMs` too.
   */
  readonly type?: string | undefined;
  readonly channel?: string | undefined;
  readonly reference?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

type LedgerRow = { sku: string; epoch: string; version: number; at_ms: number; event: string };

const orderOfSku = ["epoch", "version"] as const;
const orderOfAll = ["at_ms", "sku", "epoch", "version"] as const;

/** Events as published, newest first: of one SKU in order of version, of all in order of time. */
export async function listLedger(ledger: LedgerDatabases, filter: LedgerFilter): Promise<Page<LedgerItem>> {
  const { sku } = filter;
  const bySku = sku !== undefined;
  const order = bySku ? orderOfSku : orderOfAll;
  // A `+` keeps SQLite from the column's index: one SKU's events stand in order in the primary key, while a channel's
  // would all have to be gone through and sorted.
  const noIndex = bySku ? "+" : "";
  const where = new Where()
    .and("sku = ?", sku)
    .and("type = ?", filter.type)
    .and(`${noIndex}channel = ?`, filter.channel)
    .and(`${noIndex}reference = ?`, filter.reference)
    .and(`${noIndex}at_ms >= ?`, filter.fromMs)
    .and(`${noIndex}at_ms < ?`, filter.toMs)
    .before(order, filter.cursor);
  const ask = async (db: Database) => {
    const { results } = await db
      .prepare(
        `SELECT sku, epoch, version, at_ms, event FROM ledger ${where.clause} ORDER BY ${descending(order)} LIMIT ?`,
      )
      .bind(...where.bindings, filter.limit + 1)
      .all<LedgerRow>();
    return results;
  };
  const rows = bySku ? await ask(await ledger.of(sku)) : await ledger.merged(ask, descendingBy(orderOfAll));
  const page = toPage(rows, filter.limit, (row) =>
    bySku ? [row.epoch, row.version] : [row.at_ms, row.sku, row.epoch, row.version],
  );
  const items = page.items.map((row) => ({
    ...(JSON.parse(row.event) as PublishedEvent),
    version: row.version,
  }));
  return { ...page, items };
}

/** Views of SKUs after one, in order of name, without the retired ones: what a new channel is filled with. */
export async function viewsAfter(ledger: LedgerDatabases, sku: string, limit: number): Promise<StockView[]> {
  const rows = await ledger.merged(
    async (db) => {
      const { results } = await db
        .prepare("SELECT sku, view FROM levels WHERE sku > ? AND status <> ? ORDER BY sku LIMIT ?")
        .bind(sku, retiredStatus, limit)
        .all<{ sku: string; view: string }>();
      return results;
    },
    ascendingBy(["sku"]),
  );
  return rows.slice(0, limit).map((row) => JSON.parse(row.view) as StockView);
}

/** Which of these SKUs are known and not retired. */
export async function knownSkus(ledger: LedgerDatabases, skus: readonly string[]): Promise<Set<string>> {
  const found = await Promise.all(
    ledger
      .group(skus, (sku) => sku)
      .map(async ({ shard, items }) => {
        const db = await ledger.at(shard);
        return db
          .prepare("SELECT sku FROM levels WHERE sku IN (SELECT value FROM json_each(?)) AND status <> ?")
          .bind(JSON.stringify(items), retiredStatus)
          .all<{ sku: string }>();
      }),
  );
  return new Set(found.flatMap(({ results }) => results.map((row) => row.sku)));
}
