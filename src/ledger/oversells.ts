import type { OversellPage, OversellState, OversellView, ResolutionBody } from "../protocol/oversell.ts";
import type { Database } from "./database.ts";
import type { LedgerDatabases } from "./databases.ts";
import { descendingBy, merged } from "./merge.ts";
import { skuOfOversell } from "./oversell-rows.ts";
import { descending, toPage, Where } from "./page.ts";

export interface OversellFilter {
  readonly state?: OversellState | undefined;
  readonly sku?: string | undefined;
  readonly channel?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

type Row = {
  id: string;
  sku: string;
  epoch: string;
  version: number;
  cause: OversellView["cause"];
  channel: string | null;
  order_id: string | null;
  line_id: string | null;
  units: number;
  at_ms: number;
  resolution: ResolutionBody["resolution"] | null;
  resolution_note: string | null;
  resolved_by: string | null;
  resolved_at_ms: number | null;
};

const order = ["at_ms", "id"] as const;

/** Oversells, newest first, and how much of the SKU and channel asked for is open, whatever the state asked for. */
export async function listOversells(ledger: LedgerDatabases, filter: OversellFilter): Promise<OversellPage> {
  const { state, sku, channel, cursor, limit } = filter;
  const listed = new Where().and("sku = ?", sku).and("channel = ?", channel);
  if (state !== undefined) listed.and(state === "open" ? "resolution IS NULL" : "resolution IS NOT NULL");
  listed.before(order, cursor);
  const open = new Where().and("resolution IS NULL").and("sku = ?", sku).and("channel = ?", channel);
  const ask = async (db: Database) => {
    const [rows, totals] = await db.batch<Row | { count: number; units: number }>([
      db
        .prepare(`SELECT * FROM oversells ${listed.clause} ORDER BY ${descending(order)} LIMIT ?`)
        .bind(...listed.bindings, limit + 1),
      db
        .prepare(`SELECT count(*) AS count, coalesce(sum(units), 0) AS units FROM oversells ${open.clause}`)
        .bind(...open.bindings),
    ]);
    const [total] = (totals?.results ?? []) as { count: number; units: number }[];
    return { rows: (rows?.results ?? []) as Row[], count: total?.count ?? 0, units: total?.units ?? 0 };
  };
  const found = sku === undefined ? await ledger.each(ask) : [await ask(await ledger.of(sku))];
  const rows = merged(
    found.map((one) => one.rows),
    descendingBy(order),
  );
  const page = toPage(rows, limit, (row) => [row.at_ms, row.id]);
  return {
    ...page,
    items: page.items.map(toView),
    openCount: found.reduce((total, { count }) => total + count, 0),
    openUnits: found.reduce((total, { units }) => total + units, 0),
  };
}

export async function findOversell(ledger: LedgerDatabases, id: string): Promise<OversellView | undefined> {
  const sku = skuOfOversell(id);
  if (sku === undefined) return undefined;
  const db = await ledger.of(sku);
  const row = await db.prepare("SELECT * FROM oversells WHERE id = ?").bind(id).first<Row>();
  return row === null ? undefined : toView(row);
}

/**
 * Records how an oversell was settled, unless that is recorded already: the first word stands. Answers the oversell
 * as it is then; undefined if there is none.
 */
export async function resolveOversell(
  ledger: LedgerDatabases,
  id: string,
  { resolution, note }: ResolutionBody,
  by: { readonly actor: string; readonly nowMs: number },
): Promise<OversellView | undefined> {
  const sku = skuOfOversell(id);
  if (sku === undefined) return undefined;
  const db = await ledger.of(sku);
  await db
    .prepare(
      `UPDATE oversells SET resolution = ?, resolution_note = ?, resolved_by = ?, resolved_at_ms = ?
       WHERE id = ? AND resolution IS NULL`,
    )
    .bind(resolution, note ?? null, by.actor, by.nowMs, id)
    .run();
  return findOversell(ledger, id);
}

function toView(row: Row): OversellView {
  const { id, sku, units, cause, epoch, version, resolution } = row;
  return {
    id,
    sku,
    units,
    cause,
    ...(row.channel !== null && { channel: row.channel }),
    ...(row.order_id !== null && { orderId: row.order_id }),
    ...(row.line_id !== null && { lineId: row.line_id }),
    epoch,
    version,
    at: new Date(row.at_ms).toISOString(),
    state: resolution === null ? "open" : "resolved",
    ...(resolution !== null && { resolution }),
    ...(row.resolution_note !== null && { note: row.resolution_note }),
    ...(row.resolved_by !== null && { resolvedBy: row.resolved_by }),
    ...(row.resolved_at_ms !== null && { resolvedAt: new Date(row.resolved_at_ms).toISOString() }),
  };
}
