import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { useMedia } from "../use-media.ts";

export interface ChartLine {
  readonly label: string;
  /** Name of a colour in `tokens.css`, as `accent`. */
  readonly colour: string;
  readonly kind?: "line" | "steps" | "points";
  readonly isFilled?: boolean;
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
  const font = "12px system-ui, sans-serif";
  return {
    width: box.clientWidth,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: isTime },
      y: { range: (_, low, high) => props.range?.(low ?? 0, high ?? 0) ?? fromZero(low ?? 0, high ?? 0) },
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
      },
      { ...axis, font, size: 56, values: (_, at) => at.map((y) => yWords(y)) },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, colour))],
    hooks: {
      setCursor: [
        (chart) => {
          if (readout !== null) readout.textContent = readoutOf(chart, props, xWords);
        },
      ],
    },
  };
}

function seriesOf(line: ChartLine, colour: (name: string) => () => string): uPlot.Series {
  const { kind = "line" } = line;
  const paths = kind === "steps" ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  return {
    label: line.label,
    stroke: colour(line.colour),
    width: kind === "points" ? 0 : 1.5,
    ...(line.isFilled === true && { fill: colour(`${line.colour}-wash`) }),
    points: kind === "points" ? { show: true, size: 4, fill: colour(line.colour) } : { show: false },
    ...(kind === "points" && { paths: () => null }),
    ...(paths !== undefined && { paths }),
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
