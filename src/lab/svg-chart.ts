/** A line of a chart, or single points if `style` says so. Values that a logarithmic axis cannot show are left out. */
export interface ChartSeries {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly style?: "line" | "dashed" | "steps" | "points";
}

export interface ChartAxis {
  readonly label: string;
  readonly scale: "linear" | "log";
  readonly min: number;
  readonly max: number;
  /** Where lines and labels are; chosen if absent. */
  readonly ticks?: readonly number[];
  readonly format: (value: number) => string;
}

export interface Chart {
  readonly title: string;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly series: readonly ChartSeries[];
  /** A vertical line with a word to it. */
  readonly mark?: { readonly x: number; readonly label: string };
}

const size = { width: 640, height: 340 } as const;
const plot = { left: 78, right: 16, top: 44, bottom: 74 } as const;
/** Told apart without colour vision too (Okabe and Ito). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;
const legendColumnWidth = 180;

/** Charts below each other as one SVG document. It follows the reader's light or dark setting. */
export function renderCharts(charts: readonly Chart[]): string {
  const height = size.height * charts.length;
  const panels = charts.map(
    (chart, index) => `<g transform="translate(0 ${index * size.height})">${renderChart(chart)}</g>`,
  );
  const label = escapeXml(charts.map((chart) => chart.title).join("; "));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="img" aria-label="${label}">
<style>
  svg { color-scheme: light dark; background: #fff; }
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 14px; font-weight: 600; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .mark { stroke: #59636e; stroke-dasharray: 2 3; }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
  .dashed { stroke-dasharray: 6 4; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; }
    text { fill: #f0f6fc; }
    .grid { stroke: #3d444d; }
    .mark { stroke: #9198a1; }
  }
</style>
${panels.join("\n")}
</svg>
`;
}

function renderChart({ title, x, y, series, mark }: Chart): string {
  const toX = placing(x, plot.left, size.width - plot.right);
  const toY = placing(y, size.height - plot.bottom, plot.top);
  const xTicks = axisTicks(x).map((value) => {
    const at = round(toX(value));
    return `<line class="grid" x1="${at}" x2="${at}" y1="${plot.top}" y2="${size.height - plot.bottom}"/><text x="${at}" y="${size.height - plot.bottom + 16}" text-anchor="middle">${escapeXml(x.format(value))}</text>`;
  });
  const yTicks = axisTicks(y).map((value) => {
    const at = round(toY(value));
    return `<line class="grid" x1="${plot.left}" x2="${size.width - plot.right}" y1="${at}" y2="${at}"/><text x="${plot.left - 8}" y="${at + 4}" text-anchor="end">${escapeXml(y.format(value))}</text>`;
  });
  const middleX = (plot.left + size.width - plot.right) / 2;
  const middleY = (plot.top + size.height - plot.bottom) / 2;
  const marked =
    mark === undefined
      ? ""
      : `<line class="mark" x1="${round(toX(mark.x))}" x2="${round(toX(mark.x))}" y1="${plot.top}" y2="${size.height - plot.bottom}"/><text x="${round(toX(mark.x)) + 5}" y="${plot.top + 12}">${escapeXml(mark.label)}</text>`;
  return [
    `<text class="title" x="${plot.left}" y="22">${escapeXml(title)}</text>`,
    ...xTicks,
    ...yTicks,
    `<text x="${middleX}" y="${size.height - plot.bottom + 34}" text-anchor="middle">${escapeXml(x.label)}</text>`,
    `<text transform="translate(16 ${middleY}) rotate(-90)" text-anchor="middle">${escapeXml(y.label)}</text>`,
    marked,
    ...series.map((one, index) => renderSeries(one, colourOf(index), x, y, toX, toY)),
    ...series.map((one, index) => renderKey(one, index)),
  ].join("\n");
}

function renderSeries(
  { name, points, style = "line" }: ChartSeries,
  colour: string,
  x: ChartAxis,
  y: ChartAxis,
  toX: (value: number) => number,
  toY: (value: number) => number,
): string {
  const placed = points
    .filter(([px, py]) => isShown(x, px) && isShown(y, py))
    .map(([px, py]) => [round(toX(px)), round(toY(py))] as const);
  const tooltip = `<title>${escapeXml(name)}</title>`;
  const dots = placed.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3.5" fill="${colour}"/>`).join("");
  if (style === "points") return `<g>${tooltip}${dots}</g>`;
  const path = placed
    .map(([px, py], index) => {
      if (index === 0) return `M${px} ${py}`;
      return style === "steps" ? `H${px}V${py}` : `L${px} ${py}`;
    })
    .join("");
  const line = `<path class="line${style === "dashed" ? " dashed" : ""}" stroke="${colour}" d="${path}"/>`;
  return `<g>${tooltip}${line}${placed.length <= 20 ? dots : ""}</g>`;
}

function renderKey({ name, style }: ChartSeries, index: number): string {
  const columns = Math.floor((size.width - plot.left) / legendColumnWidth);
  const x = plot.left + (index % columns) * legendColumnWidth;
  const y = size.height - 24 + Math.floor(index / columns) * 16;
  const dash = style === "dashed" ? ' stroke-dasharray="6 4"' : "";
  return `<line x1="${x}" x2="${x + 18}" y1="${y - 4}" y2="${y - 4}" stroke="${colourOf(index)}" stroke-width="3"${dash}/><text x="${x + 24}" y="${y}">${escapeXml(name)}</text>`;
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? colours[0];
}

/** Where a value of an axis is between two places; values beyond its ends lie at the ends. */
function placing({ scale, min, max }: ChartAxis, from: number, to: number): (value: number) => number {
  const measure = scale === "log" ? Math.log10 : (value: number) => value;
  const [low, high] = [measure(min), measure(max)];
  return (value) => {
    const share = (measure(Math.min(max, Math.max(min, value))) - low) / (high - low || 1);
    return from + share * (to - from);
  };
}

function isShown({ scale }: ChartAxis, value: number): boolean {
  return Number.isFinite(value) && (scale === "linear" || value > 0);
}

/** Where an axis has lines and labels. */
export function axisTicks(axis: ChartAxis): readonly number[] {
  if (axis.ticks !== undefined) return axis.ticks;
  return axis.scale === "log" ? powersOfTen(axis.min, axis.max) : evenTicks(axis.min, axis.max);
}

function powersOfTen(min: number, max: number): number[] {
  const first = Math.ceil(Math.log10(min) - 1e-9);
  const last = Math.floor(Math.log10(max) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => 10 ** (first + index));
}

/** Four to eight steps of 1, 2 or 5 times a power of ten. */
function evenTicks(min: number, max: number): number[] {
  const rough = (max - min || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? 10 * power;
  const first = Math.ceil(min / step - 1e-9);
  const count = Math.floor(max / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
