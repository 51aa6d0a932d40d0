import type { z } from "zod";

/** What may be absent or null in an answer, as one of these only. */
export function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}
