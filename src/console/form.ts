import type { SettingValue } from "../protocol/channel.ts";

/** A field of a form that was made of a JSON Schema. */
export interface FormField {
  readonly name: string;
  readonly kind: "text" | "number" | "switch" | "choice" | "list";
  readonly label: string;
  readonly hint: string | undefined;
  readonly isRequired: boolean;
  readonly example: string | undefined;
  /** Of a choice. */
  readonly options: readonly string[];
}

/** What was typed, by the name of the field. */
export type Typed = Readonly<Record<string, string>>;

interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly example?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
}

/** The ways to fill in what a schema asks for: its fields, or those of each of its alternatives. */
export function formsOf(schema: object): FormField[][] {
  const { anyOf, ...rest }: Schema = schema;
  return (anyOf ?? [rest]).map(fieldsOf);
}

function fieldsOf({ properties = {}, required = [] }: Schema): FormField[] {
  return Object.entries(properties).map(([name, property]) => ({
    name,
    kind: kindOf(property),
    label: wordsOf(name),
    hint: property.description,
    isRequired: required.includes(name),
    example: typeof property.example === "string" ? property.example : undefined,
    options: property.enum ?? [],
  }));
}

function kindOf({ type, enum: options }: Schema): FormField["kind"] {
  if (options !== undefined) return "choice";
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "switch";
  return type === "array" ? "list" : "text";
}

/** "sellerId" as people read it: "Seller ID". */
export function wordsOf(name: string): string {
  const words = name
    .split(/(?=[A-Z])/)
    .map((word) => word.toLowerCase())
    .map((word) => ({ id: "ID", url: "URL", api: "API", aws: "AWS" })[word] ?? word);
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What was typed, as the API wants it. Empty fields are left out; a number that is none is sent as it was typed. */
export function valuesOf(fields: readonly FormField[], typed: Typed): Record<string, SettingValue> {
  const values = fields.flatMap((field): [string, SettingValue][] => {
    const text = (typed[field.name] ?? "").trim();
    return text === "" ? [] : [[field.name, valueOf(field, text)]];
  });
  return Object.fromEntries(values);
}

function valueOf({ kind }: FormField, text: string): SettingValue {
  switch (kind) {
    case "number":
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case "switch":
      return text === "true";
    case "list":
      return text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
    case "text":
    case "choice":
      return text;
    default:
      kind satisfies never;
      return text;
  }
}

/** The same the other way: what is set, as it would be typed. */
export function typedOf(values: Readonly<Record<string, SettingValue>>): Typed {
  const texts = Object.entries(values).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : String(value),
  ]);
  return Object.fromEntries(texts);
}

/** Names of required fields that are empty. */
export function missingIn(fields: readonly FormField[], typed: Typed): string[] {
  return fields
    .filter(({ name, isRequired }) => isRequired && (typed[name] ?? "").trim() === "")
    .map(({ name }) => name);
}
