import { z } from "zod";
import { readable } from "../../kit/api-failure.ts";
import type { Polled } from "../../kit/inbound.ts";
import type { PolledOrder } from "../../kit/order-cursor.ts";
import { pollOrders } from "../../kit/order-poll.ts";
import { ask, type MedusaContext } from "./client.ts";
import {
  certaintyOf,
  changeFields,
  MedusaChange,
  MedusaOrder,
  orderFields,
  toPolledOrder,
} from "./orders.ts";

const pageSize = 50;
const latestMax = 100;
const linesMax = 10;
/** Histories that are kept, by channel: an edited order is asked for with each poll until a newer one comes. */
const historiesMax = 200;

const Orders = z.looseObject({ orders: z.array(MedusaOrder) });
const Reservations = z.looseObject({ count: z.int() });
const Changes = z.looseObject({ order_changes: z.array(MedusaChange) });

interface History {
  readonly version: number;
  readonly changes: readonly MedusaChange[];
}
const histories = new WeakMap<MedusaContext, Map<string, History>>();

/** Asks for orders that changed. Throws `ChannelUnreadableError`. */
export async function poll(context: MedusaContext, cursor: string | undefined): Promise<Polled> {
  const source = {
    pageSize,
    latest: () =>
      list(context, [
        ["order", "-updated_at"],
        ["limit", String(latestMax)],
      ]),
    changedSince: (fromMs: number, skip: number) =>
      list(context, [
        ["updated_at[$gte]", new Date(fromMs).toISOString()],
        ["order", "updated_at"],
        ["limit", String(pageSize)],
        ["offset", String(skip)],
      ]),
  };
  return pollOrders(source, cursor);
}

async function list(
  context: MedusaContext,
  query: readonly (readonly [string, string])[],
): Promise<PolledOrder[]> {
  const fields = ["fields", orderFields] as const;
  const request = { method: "GET", path: "admin/orders", query: [...query, fields] } as const;
  const { orders } = readable(await ask(context, request, Orders));
  const polled: PolledOrder[] = [];
  for (const order of orders) {
    const standing = await standingOf(context, order);
    polled.push(toPolledOrder(order, await historyOf(context, order), standing));
  }
  return polled;
}

async function standingOf(context: MedusaContext, order: MedusaOrder): Promise<PolledOrder["standing"]> {
  const certainty = certaintyOf(order, context.now());
  if (certainty !== "doubtful") return certainty;
  // All that is counted of an order is reserved, or nothing; some of its first lines are enough to ask for.
  const lines = (order.items ?? [])
    .filter(({ variant }) => variant?.manage_inventory === true)
    .slice(0, linesMax);
  if (lines.length === 0) return "void";
  const query = [
    ...lines.map(({ id }) => ["line_item_id[]", id] as const),
    ["limit", "1"] as const,
    ["fields", "id"] as const,
  ];
  const request = { method: "GET", path: "admin/reservations", query } as const;
  const { count } = readable(await ask(context, request, Reservations));
  return count > 0 ? "settled" : "void";
}

/** Nothing has happened to an order of version 1. */
async function historyOf(
  context: MedusaContext,
  { id, version }: MedusaOrder,
): Promise<readonly MedusaChange[]> {
  if (version <= 1) return [];
  const kept = histories.get(context) ?? new Map<string, History>();
  histories.set(context, kept);
  const known = kept.get(id);
  if (known?.version === version) return known.changes;
  const path = `admin/orders/${encodeURIComponent(id)}/changes`;
  const request = { method: "GET", path, query: [["fields", changeFields]] } as const;
  const { order_changes: changes } = readable(await ask(context, request, Changes));
  kept.delete(id);
  kept.set(id, { version, changes });
  for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - historiesMax))) kept.delete(oldest);
  return changes;
}
