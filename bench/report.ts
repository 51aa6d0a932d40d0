import type { Load } from "./load.ts";

/** One measurement of one target under one scenario. */
export interface Measured {
  readonly scenario: string;
  readonly title: string;
  readonly target: string;
  readonly round: number;
  readonly unitsPerSecond: number;
  /** Units of calls that were answered well and yet not done. */
  readonly undone: number;
  readonly load: Load;
}

/** A target's figures under a scenario, over all rounds. */
export interface Row {
  readonly target: string;
  readonly unitsPerSecond: Range;
  readonly p50Ms: Range;
  readonly p99Ms: Range;
  /** Its rate over that of another target, round by round. */
  readonly ratios: Readonly<Record<string, Range>>;
  readonly failed: number;
}

export interface Range {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function rangeOf(values: readonly number[]): Range {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = sorted.length % 2 === 1 ? [middle, middle] : [middle - 1, middle];
  const median = ((sorted[low] ?? 0) + (sorted[high] ?? 0)) / 2;
  return { median, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}

/** The rows of one scenario, each with its ratio to the targets named. */
export function rowsOf(measured: readonly Measured[], against: readonly string[]): Row[] {
  const byTarget = Map.groupBy(measured, ({ target }) => target);
  return [...byTarget].map(([target, own]) => ({
    target,
    unitsPerSecond: rangeOf(own.map((one) => one.unitsPerSecond)),
    p50Ms: rangeOf(own.map(({ load }) => load.latency.p50Ms)),
    p99Ms: rangeOf(own.map(({ load }) => load.latency.p99Ms)),
    ratios: Object.fromEntries(
      against
        .filter((other) => other !== target && byTarget.has(other))
        .map((other) => [other, rangeOf(ratiosTo(own, byTarget.get(other) ?? []))]),
    ),
    failed: own.reduce((sum, { load, undone }) => sum + failuresIn(load) + undone, 0),
  }));
}

/** Rates are compared within a round only: the machine's own speed drifts. */
function ratiosTo(own: readonly Measured[], others: readonly Measured[]): number[] {
  return own.flatMap((one) => {
    const other = others.find(({ round }) => round === one.round);
    return other === undefined ? [] : [one.unitsPerSecond / other.unitsPerSecond];
  });
}

function failuresIn({ statuses }: Load): number {
  return Object.entries(statuses).reduce(
    (sum, [status, count]) => sum + (status.startsWith("2") ? 0 : count),
    0,
  );
}

/** A table in Markdown. */
export function table(title: string, rows: readonly Row[], against: readonly string[]): string {
  const shown = against.filter((other) => rows.some((row) => other in row.ratios));
  const head = ["target", "per second", "p50 ms", "p99 ms", ...shown.map((name) => `of ${name}`), "failed"];
  const lines = rows.map((row) => [
    row.target,
    range(row.unitsPerSecond, 0),
    range(row.p50Ms, 1),
    range(row.p99Ms, 1),
    ...shown.map((name) => (row.ratios[name] === undefined ? "" : range(row.ratios[name], 2))),
    String(row.failed),
  ]);
  return [`### ${title}`, "", ...markdown([head, ...lines]), ""].join("\n");
}

/** Rows of cells as a Markdown table; the first is its head. */
export function markdown([head = [], ...lines]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...lines.map(line)];
}

export function range({ median, least, most }: Range, digits: number): string {
  const text = (value: number) => value.toLocaleString("en", { maximumFractionDigits: digits });
  return `${text(median)} (${text(least)}–${text(most)})`;
}
