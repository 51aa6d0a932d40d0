import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { z } from "zod";

type JsonSchema = Record<string, unknown>;

/** A schema whose JSON Schema is made once, not for every request: a server lives only as long as one. */
export function madeOnce<Input, Output>(
  schema: z.ZodType<Output, Input>,
): StandardSchemaWithJSON<Input, Output> {
  const standard = schema["~standard"];
  const made = new Map<string, JsonSchema>();
  const once = (io: "input" | "output") => (options: Parameters<typeof standard.jsonSchema.input>[0]) => {
    const key = `${io} ${options.target}`;
    const json = made.get(key) ?? standard.jsonSchema[io](options);
    made.set(key, json);
    return json;
  };
  return { "~standard": { ...standard, jsonSchema: { input: once("input"), output: once("output") } } };
}
