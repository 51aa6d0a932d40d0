import { orderObjectName } from "../order/address.ts";
import type { OrderLineResult } from "../order/contract.ts";
import type { MutationResult } from "../sku/contract.ts";
import type { Run } from "../storage/limiter.ts";

interface Adopted {
  readonly channel: string;
  readonly orderId: string;
  readonly line: OrderLineResult;
}

/** Lets orders know of the lines that commits made at a SKU, so that they can be changed by their number; one call each. */
export async function adoptCommitted(
  env: Env,
  sku: string,
  results: readonly (MutationResult | { readonly outcome: "held" })[],
  actor: string,
  run: Run,
): Promise<void> {
  const adopted = results.flatMap((result) => adoptedBy(sku, result));
  const orders = Map.groupBy(adopted, ({ channel, orderId }) => `${channel}/${orderId}`);
  await Promise.all(
    [...orders.values()].map(async (parts) => {
      const [first] = parts;
      if (first === undefined) return;
      const { channel, orderId } = first;
      const accepted = parts.map(({ line }) => line);
      const lines = accepted.map(({ lineId, quantity }) => ({ lineId, sku, quantity }));
      const order = env.ORDER.getByName(orderObjectName(channel, orderId));
      await run(async () => order.adopt({ channel, orderId, lines, actor }, accepted));
    }),
  );
}

function adoptedBy(sku: string, result: MutationResult | { readonly outcome: "held" }): Adopted[] {
  if (result.outcome !== "done" || result.event?.type !== "committed") return [];
  const { channel, orderId, lineId, quantity, taken } = result.event;
  const line = { lineId, sku, quantity, status: "accepted" as const, oversold: 0, taken, ...result.position };
  return [{ channel, orderId, line }];
}
