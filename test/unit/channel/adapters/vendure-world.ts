import { vendure } from "../../../../src/channel/adapters/vendure/index.ts";
import type { Publication } from "../../../../src/channel/kit/adapter.ts";
import type { OrderReport } from "../../../../src/channel/kit/inbound.ts";
import type { OpenChannel } from "../../../../src/channel/kit/registered.ts";
import type { ChannelSettings } from "../../../../src/protocol/channel.ts";
import { MemoryVault } from "../../../fakes/memory-vault.ts";
import { administrator, apiKey, url, VendureApi } from "../../../fakes/vendure/api.ts";
import { VendureShop } from "../../../fakes/vendure/shop.ts";

export const withKey = { apiKey };
export const withPassword = administrator;

/** A Vendure shop, and a channel that is connected to it, in virtual time. */
export class VendureWorld {
  nowMs = Date.parse("2026-11-23T09:00:00.500Z");
  readonly shop = new VendureShop(() => this.nowMs);
  readonly api = new VendureApi(this.shop);
  readonly vault = new MemoryVault();
  readonly channel: OpenChannel;
  #cursor: string | undefined;

  constructor(credentials: Readonly<Record<string, string>> = withKey, settings: ChannelSettings = {}) {
    this.channel = vendure.connect({ url, stockLocationId: "1", ...settings }).open({
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
