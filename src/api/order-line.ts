import type { z } from "@hono/zod-openapi";
import type { OrderLineResult } from "../order/contract.ts";
import type { OrderLineView } from "../protocol/answers.ts";

/** A line of an order as answers show it. */
export function toLine({ components, ...line }: OrderLineResult): z.infer<typeof OrderLineView> {
  return { ...line, taken: [...line.taken], ...(components && { components: components.map(toLine) }) };
}
