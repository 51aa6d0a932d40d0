import { Location, NaturalQuantity, Sku, Text } from "../../protocol/primitives.ts";
import { defaultLocation } from "../../protocol/default-location.ts";

/** A record of the file by its column names, and where it stands: the line numbers people see in a spreadsheet. */
export interface FileRecord {
  readonly row: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** What a row says of a SKU; empty text says nothing. */
export interface Said {
  readonly sku: string;
  readonly title?: string | undefined;
  readonly location?: string | undefined;
  readonly onHand?: string | undefined;
  readonly safetyStock?: string | undefined;
  readonly backorderLimit?: string | undefined;
  readonly lowStockAt?: string | undefined;
}

/** What a format makes of a record: something to import, nothing of ours, or something to complain of. */
export type Reading =
  | { readonly kind: "row"; readonly said: Said; readonly notes?: readonly string[] }
  | { readonly kind: "ignored"; readonly why: string }
  | { readonly kind: "wrong"; readonly why: string };

export interface ImportRow {
  readonly row: number;
  readonly sku: string;
  readonly title?: string;
  readonly location: string;
  readonly onHand?: number;
  readonly safetyStock?: number;
  readonly backorderLimit?: number;
  readonly lowStockAt?: number;
}

/** A row as the service takes it; text if it does not, with what is wrong. */
export function toRow(row: number, said: Said, location: string = defaultLocation): ImportRow | string {
  const faults: string[] = [];
  const text = (name: string, schema: typeof Sku, value: string) => {
    const parsed = schema.safeParse(value.trim().normalize("NFC"));
    if (!parsed.success) faults.push(`${name}: ${parsed.error.issues[0]?.message ?? "not valid"}`);
    return parsed.data ?? "";
  };
  const units = (name: string, value = "") => {
    if (value.trim() === "") return undefined;
    const parsed = NaturalQuantity.safeParse(Number(value));
    if (!parsed.success)
      faults.push(`${name} must be a whole number from 0 on, not ${JSON.stringify(value)}`);
    return parsed.data;
  };
  const sku = text("sku", Sku, said.sku);
  const place = text("location", Location, said.location?.trim() || location);
  const title = Text.safeParse(said.title?.trim().slice(0, 500)).data;
  const numbers = {
    onHand: units("on hand", said.onHand),
    safetyStock: units("safety stock", said.safetyStock),
    backorderLimit: units("backorder limit", said.backorderLimit),
    lowStockAt: units("low stock at", said.lowStockAt),
  };
  if (faults.length > 0) return faults.join("; ");
  const known = Object.entries(numbers).filter(([, value]) => value !== undefined);
  return { row, sku, location: place, ...(title !== undefined && { title }), ...Object.fromEntries(known) };
}
