import { columns } from "../views.ts";
import type { Plan, Remarks } from "./plan.ts";

const rowsNamedMax = 5;

/** What a file is taken for, and what would come of it. */
export function planText(plan: Plan): string {
  const { format, records, rows, used, unused } = plan;
  const skus = new Set(rows.map(({ sku }) => sku)).size;
  const mapping = columns(used.map((column) => [`  ${column}`, `-> ${format.mapping[column] ?? ""}`]));
  const parts = [
    `${format.title}, ${records} rows`,
    mapping,
    unused.length === 0 ? "" : `not used: ${unused.length} other columns`,
    `${rows.length} rows of ${skus} SKUs can be imported`,
    remarksText("left out", plan.ignored),
    remarksText("look at", plan.notes),
    remarksText("WRONG", plan.wrong),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function remarksText(heading: string, remarks: Remarks): string {
  const lines = [...remarks].map(([what, rows]) => {
    const named = rows.slice(0, rowsNamedMax).join(", ");
    const others = rows.length > rowsNamedMax ? ` and ${rows.length - rowsNamedMax} more` : "";
    return `${heading}: ${rows.length} rows: ${what} (line ${named}${others})`;
  });
  return lines.join("\n");
}

/** The plan as JSON: remarks with the lines they are about. */
export function planJson(plan: Plan): object {
  const { format, records, used, unused, rows } = plan;
  const lists = (remarks: Remarks) => [...remarks].map(([what, lines]) => ({ what, lines }));
  const importable = { rows: rows.length, skus: new Set(rows.map(({ sku }) => sku)).size };
  const remarks = { ignored: lists(plan.ignored), notes: lists(plan.notes), wrong: lists(plan.wrong) };
  return { format: format.name, records, used, unused, importable, ...remarks };
}
