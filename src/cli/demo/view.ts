import { formatMs, table } from "../terminal.ts";
import type { Market } from "./market.ts";
import type { SalesBook } from "./sales.ts";

/** What the demo shows while it runs. */
export interface Scene {
  readonly url: string;
  readonly seconds: number;
  readonly markets: readonly Market[];
  readonly sales: SalesBook;
}

/** The live view, line by line. */
export function renderScene(scene: Scene): string[] {
  const { url, seconds, markets, sales } = scene;
  const { counts } = sales;
  const { units, soldOut } = stockOf(markets);
  return [
    `Stockwire demo   ${url}   ${seconds.toFixed(0)} s   Enter: stop and take stock`,
    "",
    ...table([
      ["sales", String(counts.sales), "units", String(counts.unitsSold)],
      ["refused", String(counts.refused), "oversold", String(counts.oversoldUnits)],
      ["stock", String(units), "sold out", String(soldOut)],
      ["received", String(counts.unitsReceived), "put back", String(counts.givenBack + counts.walkedAway)],
    ]).split("\n"),
    "",
    ...table(marketRows(markets)).split("\n"),
    "",
    ...sales.ticker,
  ];
}

/** The same in one line, for where nothing can be drawn over. */
export function renderLine(scene: Scene): string {
  const { seconds, markets, sales } = scene;
  const { counts } = sales;
  const { units, soldOut } = stockOf(markets);
  const channels = markets.map(({ id, state, receiver }) => {
    const { p50Ms, p95Ms, p99Ms } = receiver.propagation.fromSend();
    return `${id} ${state} p50/p95/p99 ${[p50Ms, p95Ms, p99Ms].map(formatMs).join("/")} ms`;
  });
  const sold = `${counts.sales} sales, ${counts.refused} refused, ${counts.oversoldUnits} oversold`;
  return [`${seconds.toFixed(0)} s`, sold, `stock ${units} (${soldOut} sold out)`, ...channels].join(" | ");
}

/** One row per channel: how it is, and how fast sales reach it. */
export function marketRows(markets: readonly Market[]): string[][] {
  const header = [
    "channel",
    "state",
    "sales",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "max ms",
    "requests",
    "changes",
    "failed",
  ];
  return [
    header,
    ...markets.map(({ id, state, receiver }) => {
      const { count, p50Ms, p95Ms, p99Ms, maxMs } = receiver.propagation.fromSend();
      const { requests, changes, refusedOnPurpose } = receiver.counts;
      const spread = [p50Ms, p95Ms, p99Ms, maxMs].map(formatMs);
      return [id, state, String(count), ...spread, ...[requests, changes, refusedOnPurpose].map(String)];
    }),
  ];
}

/** What the first market shows of everything: the shop's shelves, in units. */
function stockOf(markets: readonly Market[]): { units: number; soldOut: number } {
  const shown = markets[0]?.receiver.shown.all() ?? [];
  return {
    units: shown.reduce((total, { quantity }) => total + quantity, 0),
    soldOut: shown.filter(({ quantity }) => quantity === 0).length,
  };
}
