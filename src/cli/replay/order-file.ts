import { parse } from "csv-parse/sync";
import { z } from "zod";

/** One row of an order file, as it stands there. */
export interface OrderRow {
  /** Line of the file, counted from 1 with the header. */
  readonly fileLine: number;
  readonly invoice: string;
  readonly code: string;
  readonly description: string;
  /** Units; negative where they come back or are gone. */
  readonly quantity: number;
  /** The file tells local time without a zone; it is read as UTC. */
  readonly invoicedAtMs: number;
  readonly unitPrice: number;
  /** Empty where the file names no customer. */
  readonly customer: string;
}

const number = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, "not a number")
  .transform(Number);

const Row = z.object({
  InvoiceNo: z.string().min(1),
  StockCode: z.string().min(1),
  Description: z.string(),
  Quantity: number.pipe(z.int()),
  InvoiceDate: z
    .string()
    .transform((text) => Date.parse(`${text.replace(" ", "T").replace(/Z$/, "")}Z`))
    .pipe(z.number()),
  UnitPrice: number,
  CustomerID: z.string(),
});

/** Reads an order file. Throws with the line that cannot be read. */
export function parseOrderFile(text: string): OrderRow[] {
  return records(text, Row).map(({ fileLine, record }) => ({
    fileLine,
    invoice: record.InvoiceNo,
    code: record.StockCode,
    description: record.Description,
    quantity: record.Quantity,
    invoicedAtMs: record.InvoiceDate,
    unitPrice: record.UnitPrice,
    customer: record.CustomerID,
  }));
}

const Opening = z.object({ sku: z.string().min(1), quantity: number.pipe(z.int().min(0)) });

/** Reads a file of opening stock with the columns `sku,quantity`. Throws with the line that cannot be read. */
export function parseOpeningFile(text: string): Map<string, number> {
  return new Map(records(text, Opening).map(({ record }) => [record.sku, record.quantity]));
}

function records<Record>(text: string, schema: z.ZodType<Record>): { fileLine: number; record: Record }[] {
  const parsed: { info: { lines: number }; record: unknown }[] = parse(text, {
    bom: true,
    columns: true,
    info: true,
    skip_empty_lines: true,
    trim: true,
  });
  return parsed.map(({ info, record }) => {
    const checked = schema.safeParse(record);
    if (!checked.success) throw new Error(`line ${info.lines}: ${z.prettifyError(checked.error)}`);
    return { fileLine: info.lines, record: checked.data };
  });
}
