import type { z } from "@hono/zod-openapi";
import type { OrderChangeLine, OrderLineResult } from "../order/contract.ts";
import type { OrderChangeAnswer, OrderLineView } from "../protocol/answers.ts";

/** A line of an order as answers show it. */
export function toLine({ components, ...line }: OrderLineResult): z.infer<typeof OrderLineView> {
  return { ...line, taken: [...line.taken], ...(components && { components: components.map(toLine) }) };
}

/** What a change of an order did to a SKU, as answers show it. */
export function toChangeLine({
  sku,
  status,
  lines,
  detail,
  epoch,
  version,
}: OrderChangeLine): z.infer<typeof OrderChangeAnswer>["skus"][number] {
  return { sku, status, lines: [...lines], detail, epoch, version };
}
