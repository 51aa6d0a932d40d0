import { z } from "zod";
import { type ApiAnswer, readable } from "../../kit/api-failure.ts";
import type { Polled } from "../../kit/inbound.ts";
import type { PolledOrder } from "../../kit/order-cursor.ts";
import { pollOrders } from "../../kit/order-poll.ts";
import { ask, type Document, type VendureContext } from "./client.ts";
import { orderFields, toPolledOrder, VendureOrder } from "./orders.ts";

const pageSize = 50;
const latestMax = 100;

const Orders = z.object({
  orders: z.object({ items: z.array(VendureOrder) }),
  globalSettings: z.looseObject({ trackInventory: z.boolean() }),
});
type Orders = z.infer<typeof Orders>;

const changedDocument: Document<Orders> = {
  query: `query($after:DateTime!,$skip:Int!,$take:Int!){orders(options:{filter:{updatedAt:{after:$after},orderPlacedAt:{isNull:false}},sort:{updatedAt:ASC},skip:$skip,take:$take}){items{${orderFields}}} globalSettings{trackInventory}}`,
  data: Orders,
};
const latestDocument: Document<Orders> = {
  query: `query($take:Int!){orders(options:{filter:{orderPlacedAt:{isNull:false}},sort:{updatedAt:DESC},take:$take}){items{${orderFields}}} globalSettings{trackInventory}}`,
  data: Orders,
};

/** Asks for placed orders that changed. Throws `ChannelUnreadableError`. */
export async function poll(context: VendureContext, cursor: string | undefined): Promise<Polled> {
  const source = {
    pageSize,
    latest: async () => ordersOf(await ask(context, latestDocument, { take: latestMax })),
    changedSince: async (fromMs: number, skip: number) => {
      // `after` is exclusive.
      const after = new Date(fromMs - 1).toISOString();
      return ordersOf(await ask(context, changedDocument, { after, skip, take: pageSize }));
    },
  };
  return pollOrders(source, cursor);
}

function ordersOf(answer: ApiAnswer<Orders>): PolledOrder[] {
  const { orders, globalSettings } = readable(answer);
  return orders.items.map((order) => toPolledOrder(order, globalSettings.trackInventory));
}
