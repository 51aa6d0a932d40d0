import type { Publication } from "../../../../src/channel/kit/adapter.ts";
import { medusa } from "../../../../src/channel/adapters/medusa/index.ts";
import type { OrderReport } from "../../../../src/channel/kit/inbound.ts";
import type { OpenChannel } from "../../../../src/channel/kit/registered.ts";
import type { ChannelSettings } from "../../../../src/protocol/channel.ts";
import { MedusaApi, secretApiKey, url, user } from "../../../fakes/medusa/api.ts";
import { locationId, MedusaShop } from "../../../fakes/medusa/shop.ts";
import { MemoryVault } from "../../../fakes/memory-vault.ts";

export const withKey = { secretApiKey };
export const withPassword = user;

/** A Medusa shop, and a channel that is connected to it, in virtual time. */
export class MedusaWorld {
  nowMs = Date.parse("2026-11-23T09:00:00.500Z");
  readonly shop = new MedusaShop(() => this.nowMs);
  readonly api = new MedusaApi(this.shop);
  readonly vault = new MemoryVault();
  readonly channel: OpenChannel;
  #cursor: string | undefined;

  constructor(credentials: Readonly<Record<string, string>> = withKey, settings: ChannelSettings = {}) {
    this.channel = medusa.connect({ url, locationId, ...settings }).open({
      channel: "shop",
      credentials,
      signingSecret: "whsec_AAAA",
      policy: { allowPrivateHosts: false },
      vault: this.vault,
      fetch: this.api.fetch,
      now: () => this.nowMs,
    });
  }

  /** What the next poll tells, the cursor kept as the core does. */
  async poll(): Promise<OrderReport[]> {
    const reports: OrderReport[] = [];
    for (;;) {
      const { facts, cursor, hasMore } = await this.channel.poll(this.#cursor);
      this.#cursor = cursor;
      for (const fact of facts) if (fact.type === "order") reports.push(fact);
      if (!hasMore) return reports;
    }
  }
}

export function publication(more: Partial<Publication> & { readonly sku: string }): Publication {
  return {
    channel: "shop",
    quantity: 10,
    available: 12,
    status: "in_stock",
    epoch: "k3v9",
    version: 42,
    asOf: "2026-11-23T09:00:00.123Z",
    revision: 0,
    ...more,
  };
}
