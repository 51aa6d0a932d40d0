import { z } from "zod";
import { fromBase64 } from "../../kit/base64.ts";
import { hmacSha256, isEqualInConstantTime } from "../../kit/hmac.ts";
import type { InboundRequest, Received } from "../../kit/inbound.ts";
import { parseJson, words } from "../../kit/words.ts";
import { externalOf, numberOf } from "./ids.ts";
import { orderIdIn, orderIn } from "./order-payload.ts";
import { toReport } from "./orders.ts";
import type { ShopifyContext } from "./settings.ts";
import { knownItem } from "./variants.ts";

const Id = z.union([z.string(), z.int()]).transform(String);

const LevelPayload = z.looseObject({
  inventory_item_id: Id,
  location_id: Id,
  available: z.int().nullable(),
  updated_at: z.iso.datetime({ offset: true }),
});

/**
 * What a webhook of the shop says. Its time is not looked at: a repetition has the time of the first attempt, hours
 * ago perhaps, and what it counts only grows.
 */
export async function receive(context: ShopifyContext, request: InboundRequest): Promise<Received> {
  const forgery = await refuseSignature(context, request);
  if (forgery !== undefined) return { outcome: "forged", detail: forgery };
  const shop = header(request, "shop-domain");
  if (shop !== context.settings.shop) {
    const detail = `a webhook of ${words(shop ?? "no shop")} reached the channel of ${context.settings.shop}`;
    return { outcome: "malformed", detail };
  }
  const topic = header(request, "topic")?.toLowerCase() ?? "";
  const payload = parseJson(new TextDecoder().decode(request.body));
  if (payload === undefined)
    return { outcome: "malformed", detail: `the body of ${words(topic)} is not JSON` };
  const event = header(request, "event-id") ?? header(request, "webhook-id");
  const dedupeKey = event === undefined ? undefined : `${event}:${topic}`;
  switch (topic) {
    case "orders/create":
    case "orders/updated":
    case "orders/cancelled":
    case "orders/edited":
    case "orders/paid":
    case "orders/fulfilled":
    case "orders/partially_fulfilled":
    case "refunds/create":
    case "fulfillments/create":
    case "fulfillments/update":
      return orderFacts(context, topic, payload, dedupeKey);
    case "inventory_levels/update":
      return levelFacts(context, payload, dedupeKey);
    default:
      return { outcome: "ignored", detail: `${words(topic)} says nothing about stock` };
  }
}

/** Why the request may not be the shop's; undefined if it is. */
async function refuseSignature(
  { credentials }: ShopifyContext,
  request: InboundRequest,
): Promise<string | undefined> {
  const secret = credentials["clientSecret"];
  if (secret === undefined) {
    return "webhooks cannot be verified: store the app's client secret as the credential `clientSecret`";
  }
  const signature = header(request, "hmac-sha256");
  if (signature === undefined) return "the header X-Shopify-Hmac-Sha256 is missing";
  const given = decoded(signature);
  if (given === undefined) return "the signature is not base64";
  const isOurs = isEqualInConstantTime(given, await hmacSha256(secret, request.body));
  return isOurs ? undefined : "the signature is not that of the app's client secret";
}

function decoded(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text);
  } catch {
    return undefined;
  }
}

/** Newer kinds of delivery spell the same headers without `x-`. */
function header({ headers }: InboundRequest, name: string): string | undefined {
  return headers[`x-shopify-${name}`] ?? headers[`shopify-${name}`];
}

/** The order as the payload counts it; if it does not carry the whole order, which order it is. */
function orderFacts(
  context: ShopifyContext,
  topic: string,
  payload: unknown,
  dedupeKey: string | undefined,
): Received {
  const order = isWhole(topic) ? orderIn(payload, (variantId) => knownItem(context, variantId)) : undefined;
  if (order !== undefined) return { outcome: "facts", dedupeKey, facts: [toReport(order)] };
  const orderId = orderIdIn(payload);
  if (orderId === undefined) return { outcome: "malformed", detail: `${topic} names no order` };
  return { outcome: "facts", dedupeKey, facts: [{ type: "order-hint", orderId }] };
}

/** An edit, a refund and a fulfilment are told as what they are, not as the order that they are of. */
function isWhole(topic: string): boolean {
  return topic.startsWith("orders/") && topic !== "orders/edited";
}

function levelFacts({ settings }: ShopifyContext, payload: unknown, dedupeKey: string | undefined): Received {
  const level = LevelPayload.safeParse(payload);
  if (!level.success) return { outcome: "malformed", detail: "inventory_levels/update names no level" };
  const { inventory_item_id, location_id, available, updated_at } = level.data;
  if (location_id !== numberOf(settings.locationId)) {
    return { outcome: "ignored", detail: "the level is of another location" };
  }
  if (available === null) return { outcome: "ignored", detail: "the shop does not count this item" };
  const external = externalOf(inventory_item_id);
  const fact = { type: "level", external, quantity: available, updatedAt: updated_at } as const;
  return { outcome: "facts", dedupeKey, facts: [fact] };
}
