import type { ListingReference, Publication } from "../../../../src/channel/kit/adapter.ts";
import { woocommerce } from "../../../../src/channel/adapters/woocommerce/index.ts";
import type {
  ChannelFact,
  InboundRequest,
  OrderReport,
  Received,
} from "../../../../src/channel/kit/inbound.ts";
import type { OpenChannel } from "../../../../src/channel/kit/registered.ts";
import type { ChannelSettings, External } from "../../../../src/protocol/channel.ts";
import { unreachable } from "../../../../src/stock/refusal.ts";
import { consumerKey, consumerSecret } from "../../../fakes/woocommerce/rest.ts";
import { WooShop } from "../../../fakes/woocommerce/shop.ts";
import type { Delivery } from "../../../fakes/woocommerce/webhooks.ts";

export const webhookSecret = "a-secret-of-the-shop";
export const inboundUrl = "https://stock.example/v1/channels/woo/inbound";

/** A shop, and a channel that is connected to it, in virtual time. */
export class WooWorld {
  nowMs = Date.parse("2026-11-23T09:00:00.500Z");
  readonly shop = new WooShop(() => this.nowMs);
  readonly channel: OpenChannel;
  /** What the shop delivered, the last one at the end. */
  readonly deliveries: Delivery[] = [];
  readonly received: Received[] = [];

  constructor(settings: ChannelSettings = {}, credentials: Record<string, string> = {}) {
    const all = { consumerKey, consumerSecret, webhookSecret, ...credentials };
    this.channel = woocommerce.connect({ url: this.shop.url, ...settings }).open({
      channel: "woo",
      credentials: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== "")),
      signingSecret: "whsec_AAAA",
      policy: { allowPrivateHosts: false },
      vault: { read: async () => undefined, write: async () => undefined },
      fetch: this.shop.fetch,
      now: () => this.nowMs,
    });
    this.shop.webhooks.deliver = (delivery) => this.#take(delivery);
  }

  /** Webhooks as the documentation asks for. */
  async hook(...topics: string[]): Promise<void> {
    for (const topic of topics) await this.shop.webhooks.add(topic, inboundUrl, webhookSecret);
  }

  get requests(): string[] {
    return this.shop.rest.calls.map(({ method, path }) => `${method} ${path.replace(/\?.*/, "")}`);
  }

  /** Reports in what was received, in order. */
  get reports(): OrderReport[] {
    return this.facts.filter((fact) => fact.type === "order");
  }

  get facts(): ChannelFact[] {
    return this.received.flatMap((received) => (received.outcome === "facts" ? received.facts : []));
  }

  async #take(delivery: Delivery): Promise<number> {
    this.deliveries.push(delivery);
    const received = await this.channel.receive(inbound(delivery));
    this.received.push(received);
    switch (received.outcome) {
      case "facts":
      case "ignored":
        return 200;
      case "reply":
        return received.status;
      case "question":
        throw new Error("WooCommerce asks nothing");
      case "forged":
        return 401;
      case "malformed":
        return 400;
      default:
        return unreachable(received);
    }
  }
}

export function inbound(delivery: Delivery, more: Partial<InboundRequest> = {}): InboundRequest {
  const { url, headers } = delivery;
  return { method: "POST", url, headers, body: new TextEncoder().encode(delivery.body), ...more };
}

export function publication(
  external: External | undefined,
  quantity: number,
  expected?: number,
): Publication {
  return {
    channel: "woo",
    sku: `SKU-${JSON.stringify(external)}`,
    external,
    quantity,
    expected,
    available: quantity,
    status: "in_stock",
    epoch: "e1",
    version: 1,
    asOf: "2026-11-23T09:00:00.000Z",
    revision: 0,
  };
}

export function listing(external: External): ListingReference {
  return { sku: "any", external };
}
