import type { AuditAnswer, AuditDifference } from "../protocol/audit.ts";
import type { StockView } from "../protocol/stock.ts";
import { isDense, newReplay, type Replay } from "../stock/replay.ts";
import { stockView } from "../stock/view.ts";
import type { LedgerDatabases } from "./databases.ts";
import { addUp, newestEpoch } from "./history.ts";

/** The ledger lags the live object by milliseconds; after this long it is said to be behind. */
const patienceMs = 2_000;
const pollMs = 50;

export interface AuditEffects {
  readonly ledger: LedgerDatabases;
  /** The live object's view; undefined if the SKU is unknown to it or retired. */
  readLive(): Promise<StockView | undefined>;
  now(): number;
  sleep(ms: number): Promise<void>;
}

/**
 * Adds up a SKU's whole ledger and compares the sum with the live object, both at the version that the live object
 * had: changes meanwhile do no harm. Undefined if neither knows the SKU.
 */
export async function auditSku(sku: string, effects: AuditEffects): Promise<AuditAnswer | undefined> {
  const live = await effects.readLive();
  const readAtMs = effects.now();
  const epoch = live?.epoch ?? (await newestEpoch(await effects.ledger.of(sku), sku));
  if (epoch === undefined) return undefined;

  const replay = await caughtUp(newReplay(sku, epoch), live, effects, readAtMs + patienceMs);
  const { version } = replay.state;
  const ledger = version === 0 ? undefined : stockView(replay.state, replay.atMs);
  const behind = missing(replay, live);
  const differences = behind === 0 && ledger !== undefined && live !== undefined ? compare(ledger, live) : [];
  return {
    sku,
    epoch,
    ledgerVersion: version,
    ...(live !== undefined && { liveVersion: live.version }),
    entries: replay.entries,
    isDense: isDense(replay),
    matches: behind === 0 && isDense(replay) && differences.length === 0,
    differences,
    behind,
    ...(ledger !== undefined && { ledger }),
    ...(live !== undefined && { live }),
    asOf: live?.asOf ?? new Date(readAtMs).toISOString(),
  };
}

/**
 * The sum at the live object's version, or as far as the ledger comes before `untilMs`. Entries may come in out of order:
 * while it waits, what stands after a gap is left for the next look.
 */
async function caughtUp(
  from: Replay,
  live: StockView | undefined,
  effects: AuditEffects,
  untilMs: number,
): Promise<Replay> {
  const db = await effects.ledger.of(from.state.sku);
  const until = { version: live?.version };
  let dense = from;
  for (;;) {
    dense = await addUp(db, dense, { ...until, isToStopAtGap: true });
    if (missing(dense, live) === 0) return dense;
    if (effects.now() >= untilMs) return addUp(db, dense, until);
    await effects.sleep(pollMs);
  }
}

/** Versions that the ledger lacks. A SKU without a live view was retired: then that event at least. */
function missing(replay: Replay, live: StockView | undefined): number {
  if (live === undefined) return replay.state.isRetired ? 0 : 1;
  return Math.max(0, live.version - replay.state.version);
}

/** The fields of two views that differ, apart from when each was true. */
export function compare(ledger: StockView, live: StockView): AuditDifference[] {
  const { locations: ledgerLevels, asOf: _ledgerAsOf, ...ledgerFields } = ledger;
  const { locations: liveLevels, asOf: _liveAsOf, ...liveFields } = live;
  const [a, b] = [
    { ...ledgerFields, ...byLocation(ledgerLevels) },
    { ...liveFields, ...byLocation(liveLevels) },
  ].map((fields) => new Map<string, unknown>(Object.entries(fields)));
  return [...new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])]
    .map((field) => ({ field, ledger: a?.get(field) ?? null, live: b?.get(field) ?? null }))
    .filter((one) => JSON.stringify(one.ledger) !== JSON.stringify(one.live));
}

function byLocation(levels: StockView["locations"]): Record<string, unknown> {
  return Object.fromEntries(levels.map((level) => [`locations/${level.location}`, level]));
}
