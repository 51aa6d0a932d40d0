import { WpError } from "./wp-error.ts";

interface Row {
  readonly atMs: number;
  readonly json: Record<string, unknown>;
}

const parameters = new Set([
  "page",
  "per_page",
  "offset",
  "include",
  "order",
  "orderby",
  "modified_after",
  "dates_are_gmt",
  "_fields",
]);

/** What WooCommerce lists for a query. Refuses parameters it does not know, which the real one ignores in silence. */
export function collection(rows: readonly Row[], query: URLSearchParams): { page: unknown[]; total: number } {
  for (const name of query.keys()) if (!parameters.has(name)) throw new Error(`parameter ${name}`);
  const perPage = Number(query.get("per_page") ?? 10);
  if (!(perPage >= 1 && perPage <= 100)) {
    throw new WpError("rest_invalid_param", "Invalid parameter(s): per_page", 400);
  }
  const offset = query.get("offset") ?? String((Number(query.get("page") ?? 1) - 1) * perPage);
  const found = sorted(rows.filter(wanted(query)), query);
  const fields = query.get("_fields")?.split(",");
  const page = found.slice(Number(offset), Number(offset) + perPage).map(({ json }) => pick(json, fields));
  return { page, total: found.length };
}

function wanted(query: URLSearchParams): (row: Row) => boolean {
  const include = query.get("include")?.split(",").map(Number);
  const after = query.get("modified_after");
  if (after !== null && query.get("dates_are_gmt") !== "true")
    throw new Error("times are in the shop's zone");
  // With a zone WordPress would turn it into the shop's time before it compares.
  if (after !== null && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(after))
    throw new Error(`modified_after ${after}`);
  const afterMs = after === null ? Number.NEGATIVE_INFINITY : Date.parse(`${after}Z`);
  return ({ atMs, json }) =>
    (include === undefined || include.includes(Number(json["id"]))) &&
    Math.floor(atMs / 1000) * 1000 > afterMs;
}

function sorted(rows: Row[], query: URLSearchParams): Row[] {
  const orderBy = query.get("orderby") ?? "date";
  const direction = (query.get("order") ?? "desc") === "asc" ? 1 : -1;
  const byId = (a: Row, b: Row) => direction * (Number(a.json["id"]) - Number(b.json["id"]));
  if (orderBy !== "modified") return [...rows].sort(byId);
  const second = ({ atMs }: Row) => Math.floor(atMs / 1000);
  return [...rows].sort((a, b) => direction * (second(a) - second(b)) || byId(a, b));
}

function pick(json: Record<string, unknown>, fields: readonly string[] | undefined): unknown {
  if (fields === undefined) return json;
  return Object.fromEntries(Object.entries(json).filter(([name]) => name === "id" || fields.includes(name)));
}
