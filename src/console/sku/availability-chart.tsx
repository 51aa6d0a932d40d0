import { useMemo } from "preact/hooks";
import type { StockView } from "../../protocol/stock.ts";
import { useCell } from "../cell.ts";
import { clock } from "../clock.ts";
import { count } from "../format.ts";
import type { LedgerState } from "../live-ledger.ts";
import { Chart, type ChartLine } from "../parts/chart.tsx";
import { availableSeries } from "../series.ts";

const lines: readonly ChartLine[] = [{ label: "available", colour: "accent", kind: "steps", isFilled: true }];

/** Available over the time that the loaded part of the ledger covers, up to now. */
export function AvailabilityChart({ stock, ledger }: { stock: StockView; ledger: LedgerState }) {
  const { entries, isWhole } = ledger;
  const [newest] = entries;
  // The ledger is a moment behind the stock; a chart of both would show what never was.
  const isLevel = newest?.data.epoch === stock.epoch && newest.version === stock.version;
  const points = useMemo(
    () => (isLevel ? availableSeries(stock, lifeOf(entries, stock.epoch), isWhole) : undefined),
    [isLevel, stock.version, entries],
  );
  const nowMs = useCell(clock);
  const last = useMemo(() => points ?? [], [points?.at(-1)?.version]);
  const data = useMemo(() => {
    const times = last.map(({ atMs }) => atMs / 1000);
    const values = last.map(({ available }) => available);
    return [
      [...times, Math.max(nowMs / 1000, times.at(-1) ?? 0)],
      [...values, values.at(-1) ?? stock.available],
    ] as [number[], number[]];
  }, [last, nowMs]);
  const lowest = Math.min(...data[1]);
  const highest = Math.max(...data[1]);
  const label = `Available over the last ${entries.length} entries: between ${count(lowest)} and ${count(highest)}, now ${count(stock.available)}`;
  return <Chart label={label} lines={lines} data={data} height={180} yWords={count} />;
}

/** Entries of one life of the SKU: those before it say nothing about it. */
function lifeOf(entries: LedgerState["entries"], epoch: string): LedgerState["entries"] {
  const end = entries.findIndex(({ data }) => data.epoch !== epoch);
  return end === -1 ? entries : entries.slice(0, end);
}
