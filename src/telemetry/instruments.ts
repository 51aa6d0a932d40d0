import { type Family, formatValue, type Sample } from "./exposition.ts";

type Labels<Label extends string> = Readonly<Record<Label, string>>;

const separator = "\u001f";

/** Values by their labels. Counting is a look-up and an addition: no await, no storage. */
class LabelledValues<Label extends string, Value> {
  readonly #names: readonly Label[];
  readonly #values = new Map<string, { readonly labels: Labels<Label>; readonly value: Value }>();

  constructor(names: readonly Label[]) {
    this.#names = names;
  }

  at(labels: Labels<Label>, make: () => Value): Value {
    const key = this.#names.map((name) => labels[name]).join(separator);
    const known = this.#values.get(key);
    if (known !== undefined) return known.value;
    const value = make();
    this.#values.set(key, { labels, value });
    return value;
  }

  /** Those whose labels are as asked for, in order of their first appearance. */
  matching(wanted: Partial<Labels<Label>>): { readonly labels: Labels<Label>; readonly value: Value }[] {
    const asked = Object.entries(wanted);
    return [...this.#values.values()].filter(({ labels }) =>
      asked.every(([name, text]) => labels[name as Label] === text),
    );
  }
}

/** A number that only grows, in the memory of this isolate. */
export class Counter<Label extends string> {
  readonly #name: string;
  readonly #help: string;
  readonly #values: LabelledValues<Label, { total: number }>;

  constructor(name: string, help: string, labels: readonly Label[]) {
    this.#name = name;
    this.#help = help;
    this.#values = new LabelledValues(labels);
  }

  add(labels: Labels<Label>, count = 1): void {
    this.#values.at(labels, () => ({ total: 0 })).total += count;
  }

  family(wanted: Partial<Labels<Label>> = {}): Family {
    const samples = this.#values
      .matching(wanted)
      .map(({ labels, value }) => ({ labels, value: value.total }));
    return { name: this.#name, help: this.#help, type: "counter", samples };
  }
}

interface Distribution {
  /** How many fell into each bucket and none below; the last is beyond all bounds. */
  readonly counts: number[];
  sum: number;
}

/** How durations are spread, in seconds, in the memory of this isolate. */
export class Histogram<Label extends string> {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #values: LabelledValues<Label, Distribution>;

  /** `bounds`: the upper ends of the buckets in seconds, rising. */
  constructor(name: string, help: string, labels: readonly Label[], bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
    this.#values = new LabelledValues(labels);
  }

  observe(labels: Labels<Label>, seconds: number): void {
    const distribution = this.#values.at(labels, () => ({
      counts: Array.from({ length: this.#bounds.length + 1 }, () => 0),
      sum: 0,
    }));
    const found = this.#bounds.findIndex((bound) => seconds <= bound);
    const bucket = found === -1 ? this.#bounds.length : found;
    distribution.counts[bucket] = (distribution.counts[bucket] ?? 0) + 1;
    distribution.sum += seconds;
  }

  family(wanted: Partial<Labels<Label>> = {}): Family {
    const samples = this.#values
      .matching(wanted)
      .flatMap(({ labels, value }) => this.#samplesOf(labels, value));
    return { name: this.#name, help: this.#help, type: "histogram", samples };
  }

  #samplesOf(labels: Labels<Label>, { counts, sum }: Distribution): Sample[] {
    const bounds = [...this.#bounds, Number.POSITIVE_INFINITY];
    let count = 0;
    const buckets = bounds.map((bound, index): Sample => {
      count += counts[index] ?? 0;
      return { suffix: "_bucket", labels: { ...labels, le: formatValue(bound) }, value: count };
    });
    return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: count }];
  }
}

/** A metric with one value for each of several labels, as read just now. */
export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "gauge", samples };
}
