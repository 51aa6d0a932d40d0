// What a program's types are when it uses the published package. Compiled, never run.
import { InsufficientStockError, type StockView, StockwireClient } from "stockwire/client";
import { checkHistory, type Finding } from "stockwire/verify";

const client = new StockwireClient({ url: "https://stock.example", key: "swk_1", WebSocket });

export async function sell(sku: string): Promise<StockView> {
  try {
    const { stock, event } = await client.stock.adjust(sku, { delta: -1, reason: "sold" });
    if (event?.type === "stockwire.stock.adjusted.v1") event.data.delta satisfies number;
    return stock;
  } catch (error) {
    if (error instanceof InsufficientStockError) error.lines[0]?.available satisfies number | undefined;
    throw error;
  }
}

export async function misuse(): Promise<void> {
  // @ts-expect-error -- a reason is one of a list
  await client.stock.adjust("A", { delta: 1, reason: "because" });
  // @ts-expect-error -- a stocktake says over what it may be written
  await client.stock.count("A", { onHand: 3 });
  // @ts-expect-error -- an order has lines
  await client.orders.record({ channel: "shop", orderId: "1" });
  const lines = [{ sku: "A", quantity: 1 }] as const;
  const held = await client.reservations.create({ lines, ttlSeconds: 60 });
  held.status satisfies "active" | "committed" | "released" | "expired";
  // @ts-expect-error -- there is no such field
  await client.stock.bulk([{ sku: "A", type: "count", onHand: 3, ifMatch: "*", colour: "red" }]);
  for await (const page of client.ledger.pages({ type: "counted" }))
    page.liveCursor satisfies string | undefined;
}

export function audit(): readonly Finding[] {
  return checkHistory({ calls: [] }, []).findings;
}
