import type { Publication, Vault } from "../../../../src/channel/kit/adapter.ts";
import { shopify } from "../../../../src/channel/adapters/shopify/index.ts";
import type {
  ChannelFact,
  InboundRequest,
  OrderReport,
  Received,
} from "../../../../src/channel/kit/inbound.ts";
import type { OpenChannel } from "../../../../src/channel/kit/registered.ts";
import type { ChannelSettings } from "../../../../src/protocol/channel.ts";
import { type FakeItem, gid } from "../../../fakes/shopify/items.ts";
import { ShopifyShop } from "../../../fakes/shopify/shop.ts";

/** A shop, and a channel that is connected to it, in virtual time. */
export class ShopifyWorld {
  nowMs = Date.parse("2026-11-23T09:00:00.500Z");
  readonly shop = new ShopifyShop(() => this.nowMs);
  readonly vault = new Map<string, string>();
  readonly settings: ChannelSettings;
  channel: OpenChannel;
  callsInFlight = 0;

  constructor(settings: ChannelSettings = {}, credentials?: Record<string, string>) {
    const { domain, locationId } = this.shop;
    this.settings = { shop: domain, locationId: String(locationId), ...settings };
    this.channel = this.open(credentials);
  }

  /** The channel as a service opens it that has just started: what is only in memory is gone. */
  open(credentials: Record<string, string> = this.fixedCredentials()): OpenChannel {
    const vault: Vault = {
      read: async (name) => this.vault.get(name),
      write: async (name, secret) => void this.vault.set(name, secret),
    };
    this.channel = shopify.connect(this.settings).open({
      channel: "north",
      credentials,
      signingSecret: "whsec_AAAA",
      policy: { allowPrivateHosts: false },
      vault,
      fetch: (url, init) => this.#fetch(url, init),
      now: () => this.nowMs,
    });
    return this.channel;
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    this.callsInFlight += 1;
    try {
      return await this.shop.fetch(url, init);
    } finally {
      this.callsInFlight -= 1;
    }
  }

  fixedCredentials(): Record<string, string> {
    const { oauth } = this.shop;
    return { accessToken: oauth.fixedToken(), clientSecret: oauth.app.clientSecret };
  }

  clientCredentials(): Record<string, string> {
    return { ...this.shop.oauth.app };
  }

  refreshCredentials(): Record<string, string> {
    const { app, refreshToken } = this.shop.oauth;
    return { ...app, refreshToken };
  }

  /** Facts in all webhooks that the shop has sent since the last time; hints are looked up. */
  async hear(deliveries: readonly InboundRequest[] = this.shop.webhooks.sent): Promise<ChannelFact[]> {
    const facts: ChannelFact[] = [];
    for (const delivery of deliveries) {
      const told = factsIn(await this.channel.receive(delivery));
      for (const fact of told) {
        if (fact.type === "order-hint") facts.push(...(await this.channel.lookUp([fact.orderId])));
        else facts.push(fact);
      }
    }
    return facts;
  }

  async lookUp(orderId: number): Promise<OrderReport> {
    const [fact] = await this.channel.lookUp([String(orderId)]);
    if (fact?.type !== "order") throw new Error("the order was not found");
    return fact;
  }
}

export function factsIn(received: Received): readonly ChannelFact[] {
  if (received.outcome !== "facts") throw new Error(`expected facts: ${JSON.stringify(received)}`);
  return received.facts;
}

export function publicationOf(
  item: FakeItem,
  quantity: number,
  expected?: number,
  more: Partial<Publication> = {},
): Publication {
  return {
    channel: "north",
    sku: item.sku,
    external: { inventoryItemId: gid("InventoryItem", item.id) },
    quantity,
    expected,
    available: quantity,
    status: "in_stock",
    epoch: "e1",
    version: 7,
    asOf: "2026-11-23T09:00:00.000Z",
    revision: 0,
    ...more,
  };
}
