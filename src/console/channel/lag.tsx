import { useMemo } from "preact/hooks";
import type { LagSample } from "../../protocol/channel.ts";
import { ask, path } from "../api.ts";
import { count, duration } from "../format.ts";
import { lagBands } from "../lag-bands.ts";
import { Chart, type ChartLine } from "../parts/chart.tsx";
import { Failure } from "../parts/states.tsx";
import { useResource } from "../resource.ts";

const everyMs = 5_000;
const bandsMax = 60;
const height = 160;

const lines: readonly ChartLine[] = [
  { label: "p99", colour: "danger" },
  { label: "p95", colour: "warning" },
  { label: "p50", colour: "accent" },
];

/** How long recent publications took, over time. */
export function LagPanel({ id }: { id: string }) {
  const { value, error, reload } = useResource(
    id,
    (signal) => ask<{ items: LagSample[] }>(path`/v1/channels/${id}/lag`, { signal }),
    everyMs,
  );
  const newest = value?.items.at(-1)?.at;
  const data = useMemo(() => {
    const bands = lagBands(value?.items ?? [], bandsMax);
    return [
      bands.map(({ atMs }) => atMs / 1000),
      bands.map(({ p99Ms }) => p99Ms),
      bands.map(({ p95Ms }) => p95Ms),
      bands.map(({ p50Ms }) => p50Ms),
    ] as [number[], number[], number[], number[]];
  }, [newest, value?.items.length]);
  const samples = value?.items.length ?? 0;
  const highest = Math.max(0, ...data[1]);
  return (
    <div class="panel">
      <h2>
        Lag <span class="muted legend">from the change of stock to the channel’s answer</span>
      </h2>
      {value === undefined && error !== undefined ? (
        <Failure error={error} retry={reload} />
      ) : samples === 0 ? (
        <p class="chart-empty hint" style={{ height: `${height}px` }}>
          {value === undefined ? "" : "Nothing was published lately. The next change of stock appears here."}
        </p>
      ) : (
        <Chart
          label={`Lag of the last ${count(samples)} publications: p99 at most ${duration(highest)}`}
          lines={lines}
          data={data}
          height={height}
          yWords={duration}
        />
      )}
    </div>
  );
}
