/** A value of a metric, with what tells it from the metric's other values. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** What follows on the metric's name: `_bucket`, `_sum` and `_count` of a histogram; absent otherwise. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
}

/** All values of one metric. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

/** The media type of the Prometheus text format. */
export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Writes metrics in the Prometheus text format 0.0.4. Families of one name are written as one, since the format wants all of a
 * metric's values together.
 */
export function exposition(families: readonly Family[]): string {
  const byName = Map.groupBy(families, ({ name }) => name);
  const texts = [...byName.values()].flatMap((parts) => {
    const [first] = parts;
    if (first === undefined) return [];
    const head = `# HELP ${first.name} ${escapeHelp(first.help)}\n# TYPE ${first.name} ${first.type}\n`;
    return [
      head +
        parts
          .flatMap(({ samples }) => samples)
          .map((sample) => line(first.name, sample))
          .join(""),
    ];
  });
  return texts.join("");
}

/** The same families, each value with more labels. */
export function labelled(families: readonly Family[], labels: Sample["labels"]): Family[] {
  return families.map((family) => ({
    ...family,
    samples: family.samples.map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } })),
  }));
}

function line(name: string, { labels, value, suffix }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${suffix ?? ""}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${formatValue(value)}\n`;
}

export function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
