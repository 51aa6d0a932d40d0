import { existsSync, readFileSync } from "node:fs";

/** A JSON Schema as Amazon's models use it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
}

interface Model extends Schema {
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** Amazon's own model, if it is on this machine; the repository carries no copy of it. */
export function loadModel(path: string): Model | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Model) : undefined;
}

/** Where a value is not as a definition of the model has it, as paths; a property that the model does not know counts too. */
export function deviations(model: Model, schema: Schema, value: unknown, path = "$"): string[] {
  if (schema.$ref !== undefined) {
    const target = model.definitions?.[schema.$ref.replace("#/definitions/", "")];
    return target === undefined
      ? [`${path}: ${schema.$ref} is unknown`]
      : deviations(model, target, value, path);
  }
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.includes(typeOf(value)))
    return [`${path} is ${typeOf(value)}, not ${types.join("|")}`];
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return [`${path} is ${JSON.stringify(value)}`];
  if (Array.isArray(value)) {
    const few = value.length < (schema.minItems ?? 0) ? [`${path} has too few items`] : [];
    return [
      ...few,
      ...value.flatMap((item, index) => deviations(model, schema.items ?? {}, item, `${path}[${index}]`)),
    ];
  }
  if (typeof value !== "object" || value === null || schema.properties === undefined) return [];
  const given = value as Record<string, unknown>;
  const missing = (schema.required ?? [])
    .filter((name) => !(name in given))
    .map((name) => `${path}.${name} is missing`);
  const wrong = Object.entries(given).flatMap(([name, part]) => {
    const property = schema.properties?.[name];
    return property === undefined
      ? [`${path}.${name} is not in the model`]
      : deviations(model, property, part, `${path}.${name}`);
  });
  return [...missing, ...wrong];
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}
