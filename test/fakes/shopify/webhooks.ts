import { createHmac, randomUUID } from "node:crypto";
import type { InboundRequest } from "../../../src/channel/kit/inbound.ts";

/** How the headers are spelt: most deliveries have `X-`, newer kinds do not. */
export type HeaderStyle = "x-shopify-" | "shopify-";

/** Deliveries of the shop, signed with the app's secret. */
export class Webhooks {
  /** What was sent, the newest last. */
  readonly sent: InboundRequest[] = [];
  style: HeaderStyle = "x-shopify-";
  readonly #shop: string;
  readonly #secret: () => string;
  readonly #now: () => number;

  constructor(shop: string, secret: () => string, now: () => number) {
    this.#shop = shop;
    this.#secret = secret;
    this.#now = now;
  }

  /** One event; topics of the same event share its id. */
  fire(topic: string, payload: object, eventId: string = randomUUID()): InboundRequest {
    const body = new TextEncoder().encode(JSON.stringify(payload));
    const request = { method: "POST", url: "https://stock.example/v1/channels/north/inbound", body } as const;
    const headers: Record<string, string> = { "content-type": "application/json" };
    const add = (name: string, value: string) => {
      headers[`${this.style}${name}`] = value;
    };
    add("topic", topic);
    add("hmac-sha256", createHmac("sha256", this.#secret()).update(body).digest("base64"));
    add("shop-domain", this.#shop);
    add("api-version", "2026-10");
    add("webhook-id", randomUUID());
    add("event-id", eventId);
    add("triggered-at", new Date(this.#now()).toISOString());
    const delivery = { ...request, headers };
    this.sent.push(delivery);
    return delivery;
  }

  /** The newest delivery of a topic. */
  last(topic: string): InboundRequest {
    const found = this.sent.findLast(({ headers }) => headers[`${this.style}topic`] === topic);
    if (found === undefined) throw new Error(`no webhook ${topic} was sent`);
    return found;
  }
}
