import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import { axisTicks, type Chart as LabChartValue, type ChartAxis } from "../../lab/svg-chart.ts";
import { Chart, type ChartLine, type ChartScale } from "./chart.tsx";

const height = 260;
/** Names of colours of `tokens.css`, in the order of the series. */
const colours = ["accent", "warning", "good", "danger", "text", "muted"] as const;

/** A chart of the lab, the same that its commands write as SVG, with its heading. */
export function LabChart({ chart, says }: { chart: LabChartValue; says?: string }) {
  const { title, x, y, series, mark } = chart;
  const lines = series.map(({ name, style = "line" }, index): ChartLine => ({
    label: name,
    colour: colours[index % colours.length] ?? colours[0],
    kind: style,
  }));
  const data = useMemo(() => joined(chart), [chart]);
  return (
    <div class="panel">
      <h2>
        {title} <span class="muted legend">{y.label}</span>
      </h2>
      <Chart
        // Axes are fixed when a chart is made.
        key={JSON.stringify([scaleOf(x), scaleOf(y), mark])}
        label={says === undefined ? title : `${title}: ${says}`}
        lines={lines}
        data={data}
        height={height}
        isTime={false}
        xWords={x.format}
        yWords={y.format}
        xScale={{ ...scaleOf(x), label: x.label }}
        yScale={scaleOf(y)}
        mark={mark}
      />
    </div>
  );
}

function scaleOf(axis: ChartAxis): ChartScale {
  return { isLog: axis.scale === "log", ends: [axis.min, axis.max], ticks: axisTicks(axis) };
}

/** All points over one abscissa, as uPlot wants them; what a logarithmic axis cannot show is left out. */
function joined({ x, y, series }: LabChartValue): uPlot.AlignedData {
  const isShown = (value: number, { scale }: ChartAxis) =>
    Number.isFinite(value) && (scale === "linear" || value > 0);
  const tables = series.map(({ points }): uPlot.AlignedData => {
    const shown = points.filter(([px, py]) => isShown(px, x) && isShown(py, y)).toSorted(([a], [b]) => a - b);
    return [shown.map(([px]) => px), shown.map(([, py]) => py)];
  });
  return uPlot.join(tables);
}
