import type { Publication, PublishResult } from "../../../../src/channel/kit/adapter.ts";
import { acp } from "../../../../src/channel/adapters/acp/index.ts";
import type { OpenChannel } from "../../../../src/channel/kit/registered.ts";
import type { ChannelSettings } from "../../../../src/protocol/channel.ts";
import { AcpFeed, feedId, type FakeProduct, token, url } from "../../../fakes/acp/feed.ts";
import { MemoryVault } from "../../../fakes/memory-vault.ts";

/** An agent's feed with two products, and a channel that is connected to it. */
export class AcpWorld {
  readonly feed = new AcpFeed();
  readonly channel: OpenChannel;

  constructor(settings: ChannelSettings = {}, credentials: Readonly<Record<string, string>> = { token }) {
    this.feed.add(tee(), mug());
    this.channel = acp.connect({ url, feedId, ...settings }).open({
      channel: "agent",
      credentials,
      signingSecret: "whsec_AAAA",
      policy: { allowPrivateHosts: false },
      vault: new MemoryVault(),
      fetch: this.feed.fetch,
      now: () => Date.parse("2026-11-23T09:00:00.500Z"),
    });
  }

  publish(...publications: Publication[]): Promise<PublishResult[]> {
    return this.channel.publish(publications);
  }
}

export function tee(): FakeProduct {
  return {
    id: "prod_tee",
    title: "Classic Tee",
    description: { plain: "A cotton tee." },
    url: "https://shop.example/tee",
    variants: [
      {
        id: "TEE-S",
        title: "Classic Tee, S",
        price: { amount: 1999, currency: "USD" },
        availability: { available: true, status: "in_stock" },
        variant_options: [{ name: "Size", value: "S" }],
      },
      { id: "TEE-M", title: "Classic Tee, M", price: { amount: 1999, currency: "USD" } },
    ],
  };
}

export function mug(): FakeProduct {
  return { id: "prod_mug", title: "Mug", variants: [{ id: "MUG", title: "Mug" }] };
}

export function publication(more: Partial<Publication> & { readonly sku: string }): Publication {
  return {
    channel: "agent",
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

/** Nothing is left of it. */
export function soldOut(sku: string, more: Partial<Publication> = {}): Publication {
  return publication({ sku, quantity: 0, available: 0, status: "out_of_stock", ...more });
}
