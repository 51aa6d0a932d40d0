import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { useMedia } from "../use-media.ts";

export interface ChartLine {
  readonly label: string;
  /** Name of a colour in `tokens.css`, as `accent`. */
  readonly colour: string;
  readonly kind?: "line" | "dashed" | "steps" | "points";
  readonly isFilled?: boolean;
}

/** An axis that is not left to the data. */
export interface ChartScale {
  readonly isLog: boolean;
  readonly ends: readonly [low: number, high: number];
  /** Where labels may stand; those that would touch are left out. */
  readonly ticks?: readonly number[] | undefined;
  readonly label?: string;
}

interface Props {
  /** What the chart says, for those who cannot see it. */
  readonly label: string;
  readonly lines: readonly ChartLine[];
  /** Abscissa in seconds since 1970, or a number of `unit`; then one list for each line. */
  readonly data: uPlot.AlignedData;
  readonly height: number;
  readonly isTime?: boolean;
  readonly xWords?: (x: number) => string;
  readonly yWords: (y: number) => string;
  /** Both ends of the ordinate; by default from 0 to a little above the highest. */
  readonly range?: (low: number, high: number) => [number, number];
  readonly xScale?: ChartScale;
  readonly yScale?: ChartScale;
  /** A vertical line with a word to it. */
  readonly mark?: { readonly x: number; readonly label: string } | undefined;
}

/** Seconds between two ticks of a time axis: never less than is written at them. */
const axisSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, 604800,
] as const;

/** What stands below the axis, by how many seconds it covers. */
const axisTimes: readonly (readonly [underSeconds: number, format: Intl.DateTimeFormat])[] = [
  [600, new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" })],
  [36 * 3_600, new Intl.DateTimeFormat("en-GB", { timeStyle: "short" })],
  [Number.POSITIVE_INFINITY, new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" })],
];
const font = "12px system-ui, sans-serif";
/** Room for what stands beside the ordinate, in pixels. */
const axisWidthMin = 56;
const digitWidth = 7;
const exactTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "short", timeStyle: "medium" });

/** A chart with a readout of what the pointer is at. It is drawn again when its colours change. */
export function Chart(props: Props) {
  const { label, height, data } = props;
  const box = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLSpanElement>(null);
  const plot = useRef<uPlot>(null);
  const isDark = useMedia("(prefers-color-scheme: dark)");
  const lineKey = JSON.stringify(props.lines);

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const made = new uPlot(optionsOf(props, element, readout.current), data, element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const themed = new MutationObserver(() => made.redraw(false));
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      resized.disconnect();
      themed.disconnect();
      made.destroy();
    };
  }, [isDark, lineKey, height]);
  useEffect(() => plot.current?.setData(data), [data]);

  return (
    <figure class="chart">
      <figcaption class="chart-caption">
        {props.lines.length > 1 &&
          props.lines.map(({ label: name, colour }) => (
            <span key={name} class="chart-key" style={{ color: `var(--${colour})` }}>
              {name}
            </span>
          ))}
        <span ref={readout} class="chart-readout" aria-hidden="true" />
      </figcaption>
      <div ref={box} role="img" aria-label={label} style={{ height: `${height}px` }} />
    </figure>
  );
}

function optionsOf(props: Props, box: HTMLElement, readout: HTMLElement | null): uPlot.Options {
  const { lines, height, isTime = true, yWords, xWords = exactTimeOf } = props;
  const colour = (name: string) => () => resolved(box, name);
  const axis = {
    stroke: colour("muted"),
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
  };
  const { xScale, yScale, mark } = props;
  return {
    width: box.clientWidth,
    height,
    // The last label of a given scale stands at its very end.
    padding: [8, xScale === undefined ? 8 : 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: isTime, ...scaleOf(xScale) },
      y: {
        range: (_, low, high) => props.range?.(low ?? 0, high ?? 0) ?? fromZero(low ?? 0, high ?? 0),
        ...scaleOf(yScale),
      },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        font,
        size: 28,
        space: 80,
        ...(isTime && { incrs: [...axisSteps] }),
        values: (_, at) => at.map(isTime ? axisTimeIn(at) : xWords),
        ...(xScale !== undefined && {
          ...ticksOf(xScale, (chart) => chart.width - axisWidthMin, 52),
          label: xScale.label ?? "",
          labelFont: font,
          labelSize: 20,
        }),
      },
      {
        ...axis,
        font,
        size: (_, labels) => widthOf(labels),
        values: (_, at) => at.map((y) => yWords(y)),
        ...(yScale !== undefined && ticksOf(yScale, (chart) => chart.height, 24)),
      },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, colour))],
    hooks: {
      setCursor: [
        (chart) => {
          if (readout !== null) readout.textContent = readoutOf(chart, props, xWords);
        },
      ],
      draw: [
        (chart) => {
          if (mark !== undefined) drawMark(chart, mark, resolved(box, "muted"));
        },
      ],
    },
  };
}

/** Room for labels beside the ordinate; there are none while it is being laid out. */
function widthOf(labels: readonly string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((text) => text.length));
  return Math.max(axisWidthMin, longest * digitWidth + 14);
}

/** `distr: 3` is uPlot's word for logarithmic. */
function scaleOf(scale: ChartScale | undefined): uPlot.Scale {
  if (scale === undefined) return {};
  const [low, high] = scale.ends;
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- an ambient const enum: there is nothing to import
  return { distr: scale.isLog ? 3 : 1, range: () => [low, high] };
}

/** The ticks of a scale, as far as there is room between them. */
function ticksOf(
  { isLog, ends: [low, high], ticks }: ChartScale,
  lengthOf: (chart: uPlot) => number,
  apart: number,
): Partial<uPlot.Axis> {
  if (ticks === undefined) return {};
  const measure = isLog ? Math.log10 : (value: number) => value;
  const placed = ticks
    .filter((tick) => tick >= low && tick <= high)
    .map((tick) => ({ tick, share: (measure(tick) - measure(low)) / (measure(high) - measure(low) || 1) }));
  return {
    splits: (chart) => {
      const kept: number[] = [];
      let free = Number.NEGATIVE_INFINITY;
      for (const { tick, share } of placed) {
        const at = share * lengthOf(chart);
        if (at < free) continue;
        kept.push(tick);
        free = at + apart;
      }
      return kept;
    },
    filter: (_, splits) => splits,
  };
}

function drawMark(chart: uPlot, mark: { x: number; label: string }, colour: string): void {
  const { ctx, bbox } = chart;
  const x = Math.round(chart.valToPos(mark.x, "x", true));
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.fillText(mark.label, x + 5 * devicePixelRatio, bbox.top + 12 * devicePixelRatio);
  ctx.restore();
}

function seriesOf(line: ChartLine, colour: (name: string) => () => string): uPlot.Series {
  const { kind = "line" } = line;
  const paths = kind === "steps" ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  return {
    label: line.label,
    stroke: colour(line.colour),
    width: kind === "points" ? 0 : 1.5,
    ...(line.isFilled === true && { fill: colour(`${line.colour}-wash`) }),
    points: kind === "points" ? { show: true, size: 8, fill: colour(line.colour) } : { show: false },
    ...(kind === "points" && { paths: () => null }),
    ...(paths !== undefined && { paths }),
    ...(kind === "dashed" && { dash: [6, 4] }),
    // Lines of other series have values where this one has none.
    spanGaps: true,
  };
}

function readoutOf(chart: uPlot, { lines, yWords }: Props, xWords: (x: number) => string): string {
  const { idx } = chart.cursor;
  const x = idx === null || idx === undefined ? undefined : chart.data[0][idx];
  if (idx === null || idx === undefined || x === undefined) return "";
  const values = lines.flatMap(({ label }, at) => {
    const y = chart.data[at + 1]?.[idx];
    return y === null || y === undefined ? [] : [`${label} ${yWords(y)}`];
  });
  return `${xWords(x)}: ${values.join(", ")}`;
}

function fromZero(low: number, high: number): [number, number] {
  const bottom = Math.min(0, low);
  return [bottom, Math.max(high, bottom + 1) * 1.08];
}

/** How a moment is written on an axis with these ticks: as exactly as the stretch of time needs. */
function axisTimeIn(ticks: readonly number[]): (seconds: number) => string {
  const covered = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0);
  const format = axisTimes.find(([underSeconds]) => covered < underSeconds)?.[1];
  return (seconds) => format?.format(seconds * 1000) ?? "";
}

function exactTimeOf(seconds: number): string {
  return exactTime.format(seconds * 1000);
}

/** A colour of the theme as the canvas wants it: pairs of light and dark are the style engine's to choose from. */
function resolved(box: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
