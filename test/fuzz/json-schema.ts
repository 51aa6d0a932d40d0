import fc from "fast-check";

/** The part of JSON Schema that the OpenAPI document uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly example?: unknown;
}

/** Values that a field of a name should often have, so that requests meet and touch the same things. */
export type Pools = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const itemsMax = 4;
const depthMax = 6;

/** Values that fit a schema as far as the schema says: most are taken, some break a rule that only the service knows. */
export function fitting(
  schema: JsonSchema,
  defs: Readonly<Record<string, JsonSchema>>,
  pools: Pools,
  name = "",
  depth = 0,
): fc.Arbitrary<unknown> {
  const inner = (part: JsonSchema, field = name) => fitting(part, defs, pools, field, depth + 1);
  const pool = pools[name];
  if (pool !== undefined && schema.type !== "array" && schema.type !== "object") return pool;
  if (depth > depthMax) return fc.constant(null);
  if (schema.$ref !== undefined) return inner(defs[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined && variants.length > 0) return fc.oneof(...variants.map((part) => inner(part)));
  if (schema.allOf !== undefined) {
    return fc
      .tuple(...schema.allOf.map((part) => inner(part)))
      .map((parts) => Object.assign({}, ...parts.filter((part) => typeof part === "object")));
  }
  switch (typeof schema.type === "string" ? schema.type : schema.type?.[0]) {
    case "object":
      return objects(schema, inner);
    case "array":
      return fc.array(inner(schema.items ?? {}, singular(name)), {
        minLength: Math.min(schema.minItems ?? 0, itemsMax),
        maxLength: itemsMax,
      });
    case "integer":
    case "number":
      return numbers(schema);
    case "boolean":
      return fc.boolean();
    case "string":
      return strings(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objects(
  schema: JsonSchema,
  inner: (part: JsonSchema, field?: string) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {}).map(
    ([field, part]) => [field, inner(part, field)] as const,
  );
  if (fields.length === 0)
    return fc.dictionary(fc.string({ maxLength: 12 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...(schema.required ?? [])] });
}

function numbers({ minimum = -1_000_000_000, maximum = 1_000_000_000 }: JsonSchema): fc.Arbitrary<unknown> {
  const min = Math.ceil(Math.max(minimum, -1e9));
  const max = Math.floor(Math.min(maximum, 1e9));
  if (min > max) return fc.constant(minimum);
  const small = fc.integer({ min: Math.max(min, Math.min(max, 1)), max: Math.min(max, Math.max(min, 5)) });
  return fc.oneof({ weight: 4, arbitrary: small }, { weight: 1, arbitrary: fc.integer({ min, max }) });
}

function strings({ minLength = 0, maxLength = 40, example }: JsonSchema): fc.Arbitrary<unknown> {
  const any = fc.string({
    unit: "grapheme",
    minLength: Math.min(minLength, 40),
    maxLength: Math.min(maxLength, 40),
  });
  return example === undefined ? any : fc.oneof(fc.constant(example), any);
}

function singular(name: string): string {
  return name.replace(/s$/, "");
}
