import { createHash } from "node:crypto";
import { parse } from "csv-parse/sync";
import type { BulkItem } from "../../client/index.ts";
import { UsageError } from "../exit-codes.ts";
import { detectFormat, type Format, formats, type FormatOptions } from "./formats.ts";
import { type FileRecord, type ImportRow, toRow } from "./row.ts";

export interface PlanOptions extends FormatOptions {
  /** Name of the format; absent: known by its columns. */
  readonly format?: string | undefined;
  /** For rows that name none. */
  readonly location?: string | undefined;
  /** Another word makes another import of the same file: it is done again. */
  readonly again?: string | undefined;
}

/** Rows about which the same is to be said. */
export type Remarks = ReadonlyMap<string, readonly number[]>;

/** What a file would do. */
export interface Plan {
  readonly format: Format;
  readonly records: number;
  /** Columns of the file that are used, and those that are not. */
  readonly used: readonly string[];
  readonly unused: readonly string[];
  readonly rows: readonly ImportRow[];
  readonly ignored: Remarks;
  readonly wrong: Remarks;
  readonly notes: Remarks;
}

/** Reads a file's text and says what it would do. Throws UsageError if it cannot be read at all. */
export function planImport(text: string, options: PlanOptions): Plan {
  const { columns, records } = readCsv(text);
  const format = formatOf(columns, options);
  const read = format.reader(options);
  const remarks = {
    ignored: new Map<string, number[]>(),
    wrong: new Map<string, number[]>(),
    notes: new Map<string, number[]>(),
  };
  const rows: ImportRow[] = [];
  for (const record of records) {
    const reading = read(record);
    if (reading.kind !== "row") {
      remark(reading.kind === "wrong" ? remarks.wrong : remarks.ignored, reading.why, record.row);
      continue;
    }
    const row = toRow(record.row, reading.said, options.location);
    if (typeof row === "string") remark(remarks.wrong, row, record.row);
    else rows.push(row);
    for (const note of reading.notes ?? []) remark(remarks.notes, note, record.row);
  }
  const { once, repeated } = withoutRepeated(rows);
  for (const row of repeated)
    remark(
      remarks.wrong,
      `${row.sku} at ${row.location} stands in several rows: which one is right?`,
      row.row,
    );
  const used = columns.filter((column) => column in format.mapping);
  const unused = columns.filter((column) => !(column in format.mapping));
  return { format, records: records.length, used, unused, rows: once, ...remarks };
}

function formatOf(columns: readonly string[], { format }: PlanOptions): Format {
  const known = format === undefined ? detectFormat(columns) : formats.find(({ name }) => name === format);
  if (known === undefined) {
    const names = formats.map(({ name, needs }) => `${name} (${needs.join(", ")})`).join("; ");
    throw new UsageError(`this is no file that can be imported; a format is known by its columns: ${names}`);
  }
  const missing = known.needs.filter((column) => !columns.includes(column));
  if (missing.length > 0)
    throw new UsageError(`${known.title} has a column ${missing.join(", ")}; this file has not`);
  return known;
}

function readCsv(text: string): { columns: string[]; records: FileRecord[] } {
  let columns: string[] = [];
  try {
    const parsed: { record: Record<string, string>; info: { lines: number } }[] = parse(text, {
      bom: true,
      columns: (header: string[]) => (columns = header.map((name) => name.trim())),
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
    });
    return { columns, records: parsed.map(({ record, info }) => ({ row: info.lines, fields: record })) };
  } catch (error) {
    throw new UsageError(`not a CSV file: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Rows that stand alone, and those that speak of the same SKU and location as another one. */
function withoutRepeated(rows: readonly ImportRow[]): { once: ImportRow[]; repeated: ImportRow[] } {
  const byPlace = Map.groupBy(rows, ({ sku, location }) => JSON.stringify([sku, location]));
  const isAlone = ({ sku, location }: ImportRow) =>
    byPlace.get(JSON.stringify([sku, location]))?.length === 1;
  return { once: rows.filter(isAlone), repeated: rows.filter((row) => !isAlone(row)) };
}

function remark(remarks: Map<string, number[]>, what: string, row: number): void {
  const rows = remarks.get(what);
  if (rows === undefined) remarks.set(what, [row]);
  else rows.push(row);
}

/** The SHA-256 of a file: the same text is the same import. */
export function identityOf(text: string, again = ""): string {
  return createHash("sha256").update(text).update(again).digest("hex");
}

/**
 * The mutations that rows stand for, in order. Each key is made of the file, the row, and what is to be done: the same
 * file changes nothing the second time, and an import that broke off goes on where it was.
 */
export function mutationsOf(rows: readonly ImportRow[], identity: string): BulkItem[] {
  const titled = new Set<string>();
  return rows.flatMap((row) => {
    const { sku, title, safetyStock, backorderLimit, lowStockAt, onHand, location } = row;
    const settings = { title, safetyStock, backorderLimit, lowStockAt };
    // Of the rows of a SKU, one for each location, the first says what it is called.
    const isFirst = !titled.has(sku);
    titled.add(sku);
    const items: KeylessItem[] = [];
    if (isFirst) items.push({ type: "create", sku, ...settings });
    if (onHand !== undefined) items.push({ type: "count", sku, onHand, location, ifMatch: "*" });
    return items.map((item) => ({ ...item, key: keyOf(identity, row.row, item) }));
  });
}

type KeylessItem =
  | Omit<Extract<BulkItem, { type: "create" }>, "key">
  | Omit<Extract<BulkItem, { type: "count" }>, "key">;

function keyOf(identity: string, row: number, item: object): string {
  const content = JSON.stringify([identity, row, item]);
  return `import-${createHash("sha256").update(content).digest("base64url")}`;
}
