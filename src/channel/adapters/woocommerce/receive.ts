import { toBase64 } from "../../kit/base64.ts";
import { hmacSha256, isEqualInConstantTime } from "../../kit/hmac.ts";
import type { ChannelFact, InboundRequest, Received } from "../../kit/inbound.ts";
import { countOf } from "./publish.ts";
import type { WooContext } from "./client.ts";
import { itemFrom } from "./item.ts";
import { orderReport } from "./orders.ts";
import { Order, Product, toTimestamp } from "./shapes.ts";

const encoder = new TextEncoder();

/** What WooCommerce sends, unsigned, to see whether somebody is there. */
const ping = /^webhook_id=\d+$/;

export async function receive(context: WooContext, request: InboundRequest): Promise<Received> {
  if (request.method !== "POST") return { outcome: "malformed", detail: "WooCommerce sends POST requests" };
  const text = new TextDecoder().decode(request.body);
  const signature = request.headers["x-wc-webhook-signature"];
  if (signature === undefined && ping.test(text)) {
    return { outcome: "ignored", detail: "a ping for a new webhook" };
  }
  const forgery = await forgeryOf(context.credentials["webhookSecret"], signature, request.body);
  if (forgery !== undefined) return { outcome: "forged", detail: forgery };
  const topic = request.headers["x-wc-webhook-topic"] ?? "";
  const payload = parseJson(text);
  if (payload === undefined) return { outcome: "malformed", detail: `${topic}: the body is not JSON` };
  const read = factsOf(topic, payload, context);
  if (read.outcome !== "facts") return read;
  // The delivery id is the same for all deliveries of a second and another for each attempt, so the content is the key.
  const digest = await crypto.subtle.digest("SHA-256", request.body);
  return { ...read, dedupeKey: toBase64(new Uint8Array(digest)) };
}

/** Why a signature does not hold; undefined if it does. */
async function forgeryOf(
  secret: string | undefined,
  signature: string | undefined,
  body: Uint8Array<ArrayBuffer>,
): Promise<string | undefined> {
  if (secret === undefined) return "this channel has no credential `webhookSecret` to verify webhooks with";
  if (signature === undefined) return "the header X-WC-Webhook-Signature is missing";
  const expected = encoder.encode(toBase64(await hmacSha256(secret, body)));
  if (isEqualInConstantTime(expected, encoder.encode(signature))) return undefined;
  return "the signature is not that of the credential `webhookSecret`";
}

/** The topic is not signed: it only says how the body is to be read, and the body must be just that. */
function factsOf(topic: string, payload: unknown, context: WooContext): Received {
  switch (topic) {
    case "order.created":
    case "order.updated":
    case "order.restored":
      return orderFacts(topic, payload, context);
    case "product.created":
    case "product.updated":
    case "product.restored":
      return levelFacts(topic, payload);
    case "order.deleted":
      return {
        outcome: "ignored",
        detail: "an order went into the bin; WooCommerce leaves its stock as it is",
      };
    default:
      return { outcome: "ignored", detail: `webhooks of the topic "${topic}" say nothing about stock` };
  }
}

function orderFacts(topic: string, payload: unknown, context: WooContext): Received {
  const order = Order.safeParse(payload);
  if (!order.success) return misread(topic, order.error.issues[0]?.path);
  const report = orderReport(order.data, undefined, context.settings);
  if (report === undefined) return { outcome: "ignored", detail: "the order is in the bin" };
  const facts: ChannelFact[] = [report];
  // Which units were refunded stands in the refunds, which are to be asked for.
  if (order.data.refunds.length > 0) facts.push({ type: "order-hint", orderId: report.orderId });
  return { outcome: "facts", facts };
}

function levelFacts(topic: string, payload: unknown): Received {
  const parsed = Product.safeParse(payload);
  if (!parsed.success) return misread(topic, parsed.error.issues[0]?.path);
  const { data: product } = parsed;
  const parent = product.parent_id ?? 0;
  const isVariation = product.type === "variation" && parent > 0;
  const external = isVariation ? itemFrom(parent, product.id) : itemFrom(product.id, 0);
  const quantity = countOf(product);
  if (external === undefined || quantity === undefined || !product.date_modified_gmt) {
    return { outcome: "ignored", detail: "a product that does not count its own stock" };
  }
  const updatedAt = toTimestamp(product.date_modified_gmt);
  return { outcome: "facts", facts: [{ type: "level", external, quantity, updatedAt }] };
}

function misread(topic: string, path: readonly PropertyKey[] = []): Received {
  const where = path.length === 0 ? "it is not an object" : `${path.join(".")} is not as expected`;
  return {
    outcome: "malformed",
    detail: `${topic}: ${where}; the webhook's API version must be WP REST API Integration v3`,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told to the sender as malformed.
    return undefined;
  }
}
