import { z } from "zod";
import type { ChannelFact } from "../../kit/inbound.ts";
import { read, type WooContext } from "./client.ts";
import { orderReport } from "./orders.ts";
import { Order, orderFields, Refund } from "./shapes.ts";

const pageSize = 100;

/** Orders with all their refunds. Those the shop does not know any more are left out. */
export async function lookUp(context: WooContext, orderIds: readonly string[]): Promise<ChannelFact[]> {
  const facts: ChannelFact[] = [];
  for (let at = 0; at < orderIds.length; at += pageSize) {
    const include = orderIds.slice(at, at + pageSize).join(",");
    const query = { include, per_page: String(pageSize), _fields: orderFields };
    for (const order of await read(context, "orders", query, z.array(Order))) {
      const refunds = order.refunds.length === 0 ? [] : await refundsOf(context, order.id);
      const report = orderReport(order, refunds, context.settings);
      if (report !== undefined) facts.push(report);
    }
  }
  return facts;
}

export async function refundsOf(context: WooContext, orderId: number): Promise<Refund[]> {
  const refunds: Refund[] = [];
  for (let page = 1; ; page += 1) {
    const query = { page: String(page), per_page: String(pageSize), _fields: "id,line_items" };
    const found = await read(context, `orders/${orderId}/refunds`, query, z.array(Refund));
    refunds.push(...found);
    if (found.length < pageSize) return refunds;
  }
}
