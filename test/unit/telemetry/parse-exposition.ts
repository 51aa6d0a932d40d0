/** A metric as a scraper reads it: the values by their name and labels, in the format's own words. */
export interface ParsedFamily {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ParsedSample[];
}

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Reads the Prometheus text format 0.0.4 and is strict about it: throws at the first line that a scraper would trip over, at a metric
 * that is there twice, at a value that is, and at a histogram that does not add up.
 */
export function parseExposition(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, { help: string; type: string; samples: ParsedSample[] }>();
  const seen = new Set<string>();
  let current: string | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment !== null) {
      const [, kind, name = "", rest = ""] = comment;
      if (!metricName.test(name)) throw new Error(`not a name: ${line}`);
      if (kind === "HELP") {
        if (families.has(name)) throw new Error(`${name} is there twice`);
        families.set(name, { help: rest, type: "", samples: [] });
        current = name;
      } else {
        const family = families.get(name);
        if (family === undefined || current !== name || family.samples.length > 0)
          throw new Error(`TYPE at the wrong place: ${line}`);
        if (!["counter", "gauge", "histogram"].includes(rest)) throw new Error(`not a type: ${line}`);
        family.type = rest;
      }
      continue;
    }
    const sample = parseSample(line);
    const family = families.get(current ?? "");
    if (family === undefined || current === undefined || familyOf(sample.name, family.type) !== current)
      throw new Error(`does not belong to ${current}: ${line}`);
    const identity = `${sample.name} ${identityOf(sample.labels)}`;
    if (seen.has(identity)) throw new Error(`there twice: ${line}`);
    seen.add(identity);
    family.samples.push(sample);
  }
  for (const [name, family] of families)
    if (family.type === "histogram") checkHistogram(name, family.samples);
  return families;
}

function familyOf(name: string, type: string): string {
  return type === "histogram" ? name.replace(/_(?:bucket|sum|count)$/, "") : name;
}

function parseSample(line: string): ParsedSample {
  const match = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/s.exec(line);
  if (match === null) throw new Error(`not a sample: ${line}`);
  const [, name = "", inner, number = ""] = match;
  if (!metricName.test(name)) throw new Error(`not a name: ${line}`);
  const value = number === "+Inf" ? Number.POSITIVE_INFINITY : Number(number);
  if (Number.isNaN(value)) throw new Error(`not a number: ${line}`);
  return { name, labels: inner === undefined ? {} : parseLabels(inner, line), value };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== "") {
    const match = /^([^=]+)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/.exec(rest);
    const [whole = "", name = "", escaped = ""] = match ?? [];
    if (match === null || !labelName.test(name) || name in labels) throw new Error(`bad labels: ${line}`);
    labels[name] = escaped.replaceAll(/\\(.)/gs, (_, character: string) =>
      character === "n" ? "\n" : character,
    );
    rest = rest.slice(whole.length);
  }
  return labels;
}

/** The same for the same labels, in whatever order. */
function identityOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Buckets grow, the last one is `+Inf` and equals the count, and there is one sum. */
function checkHistogram(name: string, samples: readonly ParsedSample[]): void {
  const bySeries = Map.groupBy(samples, ({ labels }) => identityOf({ ...labels, le: "" }));
  for (const series of bySeries.values()) {
    const buckets = series.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => (labels["le"] === "+Inf" ? Infinity : Number(labels["le"])));
    const counts = buckets.map(({ value }) => value);
    const count = series.find((sample) => sample.name === `${name}_count`)?.value;
    const isRising = (values: readonly number[]) =>
      values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
    const sums = series.filter((sample) => sample.name === `${name}_sum`).length;
    if (!isRising(bounds) || !isRising(counts) || bounds.at(-1) !== Infinity)
      throw new Error(`${name}: buckets do not rise to +Inf`);
    if (count === undefined || counts.at(-1) !== count || sums !== 1)
      throw new Error(`${name} does not add up`);
  }
}

/** The sum of a metric's values whose labels are as asked for. */
export function valueOf(
  families: ReadonlyMap<string, ParsedFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const family = families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, ""));
  if (family === undefined) throw new Error(`no metric ${name}`);
  return family.samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, text]) => sample.labels[label] === text))
    .reduce((total, { value }) => total + value, 0);
}
