import { sleep } from "./programs.ts";
import type { Shop } from "./shop.ts";
import type { Stockwire } from "./stockwire.ts";

/** What was there in the beginning, and what was sold on our side. */
export interface Sales {
  readonly stocked: ReadonlyMap<string, number>;
  readonly here: ReadonlyMap<string, number>;
}

/** What both sides say of one SKU. */
interface Row {
  readonly sku: string;
  readonly stocked: number;
  readonly soldHere: number;
  readonly soldThere: number;
  /** Of those: units the shop did keep for its orders. */
  readonly keptThere: number;
  readonly available: number;
  readonly shown: number;
}

/** Numbers must stay equal for so long to count as settled. */
const calmMs = 3_000;

/** Waits until both sides agree, prints what they say, and answers with the exit code. */
export async function verify(
  stockwire: Stockwire,
  shop: Shop,
  sales: Sales,
  untilMs: number,
): Promise<number> {
  const startMs = Date.now();
  let equalSinceMs: number | undefined;
  let rows = await readRows(stockwire, shop, sales);
  while (Date.now() < untilMs) {
    equalSinceMs = rows.every(isEqual) ? (equalSinceMs ?? Date.now()) : undefined;
    if (equalSinceMs !== undefined && Date.now() - equalSinceMs > calmMs) break;
    await sleep(100);
    rows = await readRows(stockwire, shop, sales);
  }
  console.table(rows);
  const problems = rows.filter((row) => !isEqual(row)).map(({ sku }) => `${sku}: the two sides do not agree`);
  if (equalSinceMs !== undefined && problems.length === 0) {
    console.log(`equal ${((equalSinceMs - startMs) / 1000).toFixed(1)} s after the last order`);
  }
  for (const { sku } of rows) problems.push(...(await ledgerProblems(stockwire, sku)));
  problems.push(...(await reportOversells(stockwire, rows)));
  problems.push(...(await comparisonProblems(stockwire)));
  for (const problem of problems) console.log(`NOT EQUAL ${problem}`);
  if (problems.length > 0) {
    console.log(JSON.stringify(await stockwire.status()));
    console.log(JSON.stringify(await stockwire.listings()));
    console.log(JSON.stringify(await stockwire.unfinished()));
  }
  console.log(problems.length === 0 ? "both sides agree" : "both sides do NOT agree");
  return problems.length === 0 ? 0 : 1;
}

/** The service's own comparison; what was told within the last 2 minutes counts as in flight there. */
async function comparisonProblems(stockwire: Stockwire): Promise<string[]> {
  const { in_sync: inSync = 0, in_flight: inFlight = 0, ...others } = await stockwire.reconcile();
  const drifted = Object.entries(others).filter(([, count]) => count > 0);
  console.log(
    `compared by the service: ${inSync} in sync, ${inFlight} told just now, ${drifted.length} otherwise`,
  );
  return drifted.map(([name, count]) => `the service finds drift: ${count} ${name}`);
}

async function readRows(stockwire: Stockwire, shop: Shop, { stocked, here }: Sales): Promise<Row[]> {
  const [shown, there, kept] = await Promise.all([shop.available(), shop.sold(), shop.allocated()]);
  return Promise.all(
    [...stocked].map(async ([sku, units]) => ({
      sku,
      stocked: units,
      soldHere: here.get(sku) ?? 0,
      soldThere: there.get(sku) ?? 0,
      keptThere: kept.get(sku) ?? 0,
      available: await stockwire.available(sku),
      shown: shown.get(sku) ?? Number.NaN,
    })),
  );
}

/** Every unit is accounted for, and the shop offers what is left; a shop cannot offer less than nothing. */
function isEqual({ stocked, soldHere, soldThere, available, shown }: Row): boolean {
  return available === stocked - soldHere - soldThere && Math.max(0, shown) === Math.max(0, available);
}

/** The ledger in D1 adds up to what the live object has, and no reservation took what was not there. */
async function ledgerProblems(stockwire: Stockwire, sku: string): Promise<string[]> {
  const problems: string[] = [];
  const audit = await stockwire.audit(sku);
  if (!audit.matches || !audit.isDense || audit.behind !== 0) {
    problems.push(`${sku}: the ledger differs from the live object: ${JSON.stringify(audit)}`);
  }
  for (const { type, version } of await stockwire.ledger(sku)) {
    if (type !== "stockwire.stock.reserved.v1") continue;
    const left = await stockwire.availableAfter(sku, version);
    if (left < 0) problems.push(`${sku}: the reservation of version ${version} took ${-left} too many`);
  }
  return problems;
}

/** Oversells are facts of channels that sold what was gone: recorded, never hidden, and never caused by a request. */
async function reportOversells(stockwire: Stockwire, rows: readonly Row[]): Promise<string[]> {
  const oversells = await stockwire.oversells();
  const byChannel = new Map<string, number>();
  for (const { channel = "nobody", units } of oversells) {
    byChannel.set(channel, (byChannel.get(channel) ?? 0) + units);
  }
  const missing = rows.reduce((units, { available }) => units + Math.max(0, -available), 0);
  const recorded = oversells.reduce((units, oversell) => units + oversell.units, 0);
  const own = rows.reduce((units, { soldThere, keptThere }) => units + Math.max(0, soldThere - keptThere), 0);
  const causes = [...byChannel].map(([channel, units]) => `${units} by ${channel}`).join(", ");
  console.log(`oversold: ${missing} units${causes === "" ? "" : ` (recorded: ${causes})`}`);
  console.log(`of what the shop sold, ${own} units were gone by its own count, too (its own race)`);
  const problems: string[] = [];
  if (recorded < missing) problems.push(`only ${recorded} of ${missing} oversold units are recorded`);
  if (byChannel.has("counter")) problems.push("a reservation oversold");
  return problems;
}
