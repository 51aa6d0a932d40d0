import { z } from "zod";
import type { OrderReport, ReportedLine } from "../../kit/inbound.ts";
import type { PolledOrder } from "../../kit/order-cursor.ts";
import {
  addUnits,
  cancelUnits,
  type LineCount,
  newCount,
  returnUnits,
  sendUnits,
  settleUnits,
  unsendUnits,
} from "../../kit/order-history.ts";

/** An order that is not paid yet may be taken back without a trace for so long: a checkout is locked no longer. */
const unsettledMs = 120_000;

/** What Medusa calls a payment that is not on its way any more, separated by spaces. */
const settledPayments = new Set(
  "authorized partially_authorized captured partially_captured canceled refunded partially_refunded".split(
    " ",
  ),
);

const Units = z.coerce.number();

const Item = z.looseObject({
  id: z.string(),
  title: z.string().nullish(),
  variant_sku: z.string().nullish(),
  quantity: Units,
  detail: z.looseObject({ fulfilled_quantity: Units }).nullish(),
  variant: z
    .looseObject({
      manage_inventory: z.boolean(),
      inventory_items: z
        .array(z.looseObject({ inventory_item_id: z.string(), required_quantity: Units }))
        .nullish(),
    })
    .nullish(),
});
type Item = z.infer<typeof Item>;

/** An order as `orderFields` asks for it. */
export const MedusaOrder = z.looseObject({
  id: z.string(),
  status: z.string(),
  version: z.int(),
  created_at: z.string(),
  updated_at: z.string(),
  payment_status: z.string().nullish(),
  items: z.array(Item).nullish(),
  returns: z.array(z.looseObject({ id: z.string(), location_id: z.string().nullish() }).nullable()).nullish(),
});
export type MedusaOrder = z.infer<typeof MedusaOrder>;

export const orderFields = [
  "id,status,version,created_at,updated_at",
  "items.id,items.title,items.variant_sku,items.quantity,items.detail.fulfilled_quantity",
  "items.variant.manage_inventory",
  "items.variant.inventory_items.inventory_item_id,items.variant.inventory_items.required_quantity",
  "returns.id,returns.location_id",
].join(",");

/** One step in the life of an order, as `changeFields` asks for it. */
export const MedusaChange = z.looseObject({
  status: z.string(),
  version: z.int(),
  return_id: z.string().nullish(),
  actions: z
    .array(
      z.looseObject({
        action: z.string(),
        ordering: z.coerce.number(),
        return_id: z.string().nullish(),
        details: z
          .looseObject({
            reference_id: z.string().optional(),
            quantity: Units.optional(),
            quantity_diff: Units.optional(),
          })
          .nullish(),
      }),
    )
    .nullish(),
});
export type MedusaChange = z.infer<typeof MedusaChange>;
type Action = NonNullable<MedusaChange["actions"]>[number];

export const changeFields =
  "id,status,version,return_id,actions.action,actions.details,actions.ordering,actions.return_id";

/**
 * Whether an order stands. While a cart is completed its order is there already, and is deleted if reserving or paying
 * fails; at times it is left behind (`doubtful`), and then only its reservations tell whether it holds stock.
 */
export function certaintyOf(order: MedusaOrder, nowMs: number): "settled" | "open" | "doubtful" {
  const isPaid = settledPayments.has(order.payment_status ?? "");
  if (isPaid || order.status !== "pending" || order.version > 1) return "settled";
  return nowMs - Date.parse(order.created_at) > unsettledMs ? "doubtful" : "open";
}

/** What an order says, and when. `changes` may be empty for an order of version 1. */
export function toPolledOrder(
  order: MedusaOrder,
  changes: readonly MedusaChange[],
  standing: PolledOrder["standing"],
): PolledOrder {
  return {
    placedAtMs: Date.parse(order.created_at),
    updatedAtMs: Date.parse(order.updated_at),
    standing,
    report: toReport(order, changes),
  };
}

/** The counts of an order, gone through its changes: Medusa itself keeps only the present quantities. */
export function toReport(order: MedusaOrder, changes: readonly MedusaChange[]): OrderReport {
  const actions = changes
    .filter((change) => change.status === "confirmed")
    .flatMap((change) => change.actions ?? [])
    .sort((a, b) => a.ordering - b.ordering);
  const shelved = new Set(
    order.returns?.flatMap((back) => (typeof back?.location_id === "string" ? back.id : [])),
  );
  return {
    type: "order",
    orderId: order.id,
    occurredAt: new Date(order.created_at).toISOString(),
    lines: (order.items ?? []).flatMap((item) => {
      const ours = actions.filter((action) => action.details?.reference_id === item.id);
      return linesOf(item, countOf(order, item, ours, shelved));
    }),
  };
}

function countOf(
  order: MedusaOrder,
  item: Item,
  actions: readonly Action[],
  shelved: ReadonlySet<string>,
): LineCount {
  const changed = actions.reduce((total, action) => total + differenceOf(action), 0);
  const count = newCount(Math.max(0, item.quantity - changed));
  for (const action of actions) replay(count, action, shelved);
  // A cancelled order keeps the quantities of its lines.
  const isCancelled = order.status === "canceled";
  settleUnits(count, isCancelled ? count.gone : item.quantity);
  return count;
}

/** How much an edit changed the quantity of a line. */
function differenceOf({ action, details }: Action): number {
  if (action === "ITEM_ADD") return details?.quantity ?? 0;
  if (action === "ITEM_UPDATE") return details?.quantity_diff ?? 0;
  return action === "ITEM_REMOVE" ? -(details?.quantity ?? 0) : 0;
}

function replay(count: LineCount, action: Action, shelved: ReadonlySet<string>): void {
  const units = action.details?.quantity ?? 0;
  switch (action.action) {
    case "ITEM_ADD":
    case "ITEM_UPDATE":
    case "ITEM_REMOVE": {
      const difference = differenceOf(action);
      if (difference > 0) addUnits(count, difference);
      else cancelUnits(count, -difference);
      return;
    }
    case "FULFILL_ITEM":
      sendUnits(count, units);
      return;
    case "CANCEL_ITEM_FULFILLMENT":
      unsendUnits(count, units);
      return;
    case "RECEIVE_RETURN_ITEM":
      // A return without a location puts nothing back on a shelf.
      returnUnits(count, units, shelved.has(action.return_id ?? "") ? "restocked" : "writtenOff");
      return;
    case "RECEIVE_DAMAGED_RETURN_ITEM":
      returnUnits(count, units, "writtenOff");
      return;
    default:
  }
}

/** A line for each inventory item of the variant; none if Medusa does not count it. */
function linesOf({ id, title, variant, variant_sku: sku }: Item, count: LineCount): ReportedLine[] {
  const name = { ...(typeof title === "string" && { title }) };
  if (variant === null || variant === undefined) {
    return typeof sku === "string" && sku !== "" ? [{ lineId: id, sku, ...name, ...unitsOf(count, 1) }] : [];
  }
  if (!variant.manage_inventory) return [];
  const parts = variant.inventory_items ?? [];
  const isKit = parts.length > 1;
  return parts.map(({ inventory_item_id: inventoryItemId, required_quantity: required }) => ({
    lineId: isKit ? `${id}/${inventoryItemId}` : id,
    external: { inventoryItemId },
    // The variant's SKU is not that of its parts.
    ...(!isKit && typeof sku === "string" && sku !== "" && { sku }),
    ...name,
    ...unitsOf(count, required),
  }));
}

function unitsOf({ ordered, cancelled, fulfilled, restocked, writtenOff }: LineCount, factor: number) {
  return {
    ordered: ordered * factor,
    cancelled: cancelled * factor,
    fulfilled: fulfilled * factor,
    restocked: restocked * factor,
    writtenOff: writtenOff * factor,
  };
}
