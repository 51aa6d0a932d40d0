import type { Publication } from "../../../../src/channel/kit/adapter.ts";
import { amazon } from "../../../../src/channel/adapters/amazon/index.ts";
import type { ChannelSettings } from "../../../../src/protocol/channel.ts";
import { AmazonFake } from "../../../fakes/amazon/amazon.ts";
import { MemoryVault } from "../../../fakes/memory-vault.ts";

/** A channel of kind `amazon`, the Amazon it talks to, and the time both live in. */
export class AmazonWorld {
  nowMs = Date.parse("2026-11-24T09:00:00Z");
  readonly fake = new AmazonFake(() => this.nowMs);
  readonly vault = new MemoryVault();
  settings: ChannelSettings = {
    region: "eu",
    sellerId: this.fake.sellerId,
    marketplaceId: this.fake.marketplaceId,
    queueUrl: this.fake.queue.url,
  };
  credentials: Record<string, string> = {
    ...this.fake.credentials,
    awsAccessKeyId: this.fake.queue.key.id,
    awsSecretAccessKey: this.fake.queue.key.secret,
  };

  /** As after a restart: nothing is remembered but what the vault has. */
  open() {
    return amazon.connect(this.settings).open({
      channel: "amazon-de",
      credentials: this.credentials,
      signingSecret: "whsec_x",
      policy: { allowPrivateHosts: false },
      vault: this.vault,
      fetch: this.fake.fetch,
      now: () => this.nowMs,
    });
  }

  publication(sku: string, quantity: number, more: Partial<Publication> = {}): Publication {
    return {
      channel: "amazon-de",
      sku,
      quantity,
      available: quantity,
      status: quantity > 0 ? "in_stock" : "out_of_stock",
      epoch: "e1",
      version: 1,
      asOf: new Date(this.nowMs).toISOString(),
      revision: 0,
      ...more,
    };
  }
}
