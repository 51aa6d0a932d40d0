import type { ChannelFact } from "../../kit/inbound.ts";
import { ask } from "./client.ts";
import type { Document } from "./document.ts";
import { gidOf, numberOf } from "./ids.ts";
import {
  type OrderLines,
  type Service,
  partsInFirst,
  readFulfilment,
  readOrder,
  readOrderLines,
  readOrderParts,
  readRefund,
} from "./order-query.ts";
import { type RestockType, type ShopLine, type ShopOrder, toReport } from "./orders.ts";
import { dataOf } from "./read.ts";
import type { ShopifyContext } from "./settings.ts";
import { learnItem } from "./variants.ts";

/** Whole orders. Those that the shop does not show (deleted, or too old for the app's scopes) are left out. */
export async function lookUp(context: ShopifyContext, orderIds: readonly string[]): Promise<ChannelFact[]> {
  const facts: ChannelFact[] = [];
  for (const orderId of new Set(orderIds)) {
    const order = await fetchOrder(context, orderId);
    if (order !== undefined) facts.push(toReport(order));
  }
  return facts;
}

async function fetchOrder(context: ShopifyContext, orderId: string): Promise<ShopOrder | undefined> {
  const id = gidOf("Order", orderId);
  const { order } = dataOf(await ask(context, readOrder, { id }));
  if (order === undefined) return undefined;
  const lines = await collect(context, order.lineItems, readOrderLines, id, (data) => data.order?.lineItems);
  const parts =
    Math.max(order.fulfillments.length, order.refunds.length) < partsInFirst
      ? order
      : (dataOf(await ask(context, readOrderParts, { id })).order ?? order);

  const fulfilments: ShopOrder["fulfilments"][number][] = [];
  for (const { id: partId, status } of parts.fulfillments) {
    // The others are not sent yet, or never will be.
    if (status !== "SUCCESS") continue;
    const known = order.fulfillments.find((part) => part.id === partId)?.fulfillmentLineItems;
    const units = await collect(
      context,
      known,
      readFulfilment,
      partId,
      (data) => data.fulfillment?.fulfillmentLineItems,
    );
    for (const { quantity, lineItem } of units) {
      fulfilments.push({ lineId: numberOf(lineItem.id), quantity: quantity ?? 0 });
    }
  }
  const refunds: ShopOrder["refunds"][number][] = [];
  for (const { id: partId } of parts.refunds) {
    const known = order.refunds.find((part) => part.id === partId)?.refundLineItems;
    const units = await collect(context, known, readRefund, partId, (data) => data.refund?.refundLineItems);
    for (const { quantity, restockType, lineItem } of units) {
      const type = restockTypes[restockType];
      refunds.push({ lineId: numberOf(lineItem.id), quantity, restockType: type });
    }
  }
  return {
    orderId: numberOf(order.id),
    placedAt: order.createdAt,
    isCancelled: order.cancelledAt !== undefined,
    lines: lines.map((line) => toLine(context, line)),
    fulfilments,
    refunds,
  };
}

const restockTypes: Record<"CANCEL" | "RETURN" | "NO_RESTOCK" | "LEGACY_RESTOCK", RestockType> = {
  CANCEL: "cancel",
  RETURN: "return",
  NO_RESTOCK: "no_restock",
  LEGACY_RESTOCK: "legacy_restock",
};

interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | undefined };
}

/** All nodes of a connection whose first page may be known. */
async function collect<Node, Answer>(
  context: ShopifyContext,
  first: Connection<Node> | undefined,
  document: Document<{ readonly id: string; readonly after: string | null }, Answer>,
  id: string,
  connectionIn: (data: Answer) => Connection<Node> | undefined,
): Promise<Node[]> {
  const nodes = [...(first?.nodes ?? [])];
  let after = first === undefined ? null : nextOf(first);
  while (after !== undefined) {
    const page = connectionIn(dataOf(await ask(context, document, { id, after })));
    if (page === undefined) break;
    nodes.push(...page.nodes);
    after = nextOf(page);
  }
  return nodes;
}

function nextOf({ pageInfo }: Connection<unknown>): string | undefined {
  return pageInfo.hasNextPage ? pageInfo.endCursor : undefined;
}

function toLine(context: ShopifyContext, line: OrderLines["nodes"][number]): ShopLine {
  const { variant, sku, name, quantity, currentQuantity, unfulfilledQuantity, fulfillmentService } = line;
  const item = variant?.inventoryItem;
  if (variant !== undefined) learnItem(context, variant.id, variant.inventoryItem.id);
  const isService = !line.requiresShipping && item?.tracked !== true;
  return {
    lineId: numberOf(line.id),
    itemId: item && numberOf(item.id),
    variantId: variant && numberOf(variant.id),
    sku: sku === "" ? undefined : sku,
    title: name,
    quantity,
    currentQuantity,
    openQuantity: unfulfilledQuantity,
    isStock: !line.isGiftCard && !isService && isOurs(context, fulfillmentService),
  };
}

/** Whether units leave the channel's location, or another one of the seller's own. */
function isOurs({ settings }: ShopifyContext, service: Service | undefined): boolean {
  if (service?.type !== "THIRD_PARTY") return true;
  return service.location !== undefined && numberOf(service.location.id) === numberOf(settings.locationId);
}
