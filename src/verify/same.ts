import type { StockView } from "../protocol/stock.ts";

/** Whether two values are the same as JSON, whatever the order of their fields. */
export function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** The fields in which two views differ, apart from when each was true: `available 3 instead of 4`. */
export function viewDifferences(expected: StockView, found: StockView): string[] {
  const [a, b] = [expected, found].map(({ asOf: _asOf, ...fields }) => new Map(Object.entries(fields)));
  const names = new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])]);
  return [...names]
    .filter((name) => !isSame(a?.get(name), b?.get(name)))
    .map((name) => `${name} ${text(b?.get(name))} instead of ${text(a?.get(name))}`);
}

function text(value: unknown): string {
  return value === undefined ? "nothing" : canonical(value);
}

/** Absent and undefined fields are the same. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`);
  return `{${fields.join(",")}}`;
}
