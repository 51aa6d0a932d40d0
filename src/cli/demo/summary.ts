import type { Consistency } from "../consistency.ts";
import { formatMs, table } from "../terminal.ts";
import type { Market } from "./market.ts";
import type { SalesBook } from "./sales.ts";
import { marketRows } from "./view.ts";

/** The service's promise, in milliseconds. */
const propagationPromisedMs = 500;
/** What fails the demo. Between the two it only says so: other work on the same machine can cost as much. */
const propagationToleratedMs = 2_000;

export interface Promised {
  readonly promise: string;
  readonly found: string;
  readonly kept: "kept" | "SLOW" | "BROKEN";
}

/** What was promised, and what was found. */
export function promisesOf(
  markets: readonly Market[],
  sales: SalesBook,
  consistency: Consistency,
): Promised[] {
  const { mismatches, oversoldRequests, ledgerEvents, skus } = consistency;
  const { duplicates } = sales.stock.acknowledgements;
  const versions = mismatches.filter(({ side }) => side === "ledger entries" || side === "acknowledged");
  const receivers = markets.map((market) => market.receiver);
  const older = receivers.reduce((total, { shown }) => total + shown.counts.older, 0);
  const untrusted = receivers.reduce((total, { counts }) => total + counts.unverified + counts.unreadable, 0);
  const p99Ms = Math.max(...receivers.map(({ propagation }) => propagation.fromSend().p99Ms));
  const counted = (promise: string, count: number, unit: string) => ({
    promise,
    found: `${count} ${unit}`,
    kept: count === 0 ? ("kept" as const) : ("BROKEN" as const),
  });
  return [
    counted("no request takes more than is available", oversoldRequests, "oversold"),
    counted("no version lost or given twice", versions.length + duplicates.length, `of ${ledgerEvents}`),
    counted("stock = ledger = every channel", mismatches.length, `mismatches in ${skus} SKUs`),
    counted("no older number after a newer one", older, "older"),
    counted("every delivery is signed and readable", untrusted, "not"),
    {
      promise: `sale to channel, p99 under ${propagationPromisedMs} ms`,
      found: `${formatMs(p99Ms)} ms`,
      kept: p99Ms < propagationPromisedMs ? "kept" : p99Ms <= propagationToleratedMs ? "SLOW" : "BROKEN",
    },
  ];
}

/** The demo's last words. */
export function renderSummary(
  markets: readonly Market[],
  sales: SalesBook,
  consistency: Consistency,
  promises: readonly Promised[],
): string {
  const { counts } = sales;
  const caughtUp = markets.flatMap(({ id, caughtUpAfterMs }) =>
    caughtUpAfterMs === undefined
      ? []
      : [[`${id} caught up after its outage in`, `${formatMs(caughtUpAfterMs)} ms`]],
  );
  const parts = [
    table([
      ["sales", String(counts.sales), `${counts.unitsSold} units`],
      ["refused, not enough left", String(counts.refused)],
      ["put back", String(counts.givenBack)],
      ["walked away, hold expired", String(counts.walkedAway)],
      ["received", "", `${counts.unitsReceived} units`],
      ["sold on a channel but gone by then", String(counts.oversoldLines), `${counts.oversoldUnits} units`],
      ...caughtUp,
    ]),
    table(marketRows(markets)),
    table(promises.map(({ promise, found, kept }) => [`${kept.padEnd(6)}  ${promise}`, found])),
  ];
  if (consistency.mismatches.length > 0) {
    const rows = consistency.mismatches.slice(0, 20);
    parts.push(table(rows.map(({ sku, side, expected, found }) => [sku, side, expected, found])));
  }
  return parts.join("\n\n");
}
