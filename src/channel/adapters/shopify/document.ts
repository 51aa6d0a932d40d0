import type { z } from "zod";

/** A GraphQL operation, its variables, and what of the answer is relied on. */
export interface Document<Variables, Answer> {
  /** Name of the operation. */
  readonly name: string;
  readonly text: string;
  /** Schema of the answer's `data`. */
  readonly answer: z.ZodType<Answer>;
  /** Only for the compiler. */
  readonly variables?: Variables;
}

/** An operation that takes these variables. */
export function document<Variables>() {
  return <Answer>(name: string, text: string, answer: z.ZodType<Answer>): Document<Variables, Answer> => ({
    name,
    text,
    answer,
  });
}
