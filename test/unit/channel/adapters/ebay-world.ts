import type { Publication } from "../../../../src/channel/kit/adapter.ts";
import { ebay } from "../../../../src/channel/adapters/ebay/index.ts";
import type { ChannelSettings } from "../../../../src/protocol/channel.ts";
import { EbayFake } from "../../../fakes/ebay/ebay.ts";
import { MemoryVault } from "../../../fakes/memory-vault.ts";

/** A channel of kind `ebay`, the eBay it talks to, and the time both live in. */
export class EbayWorld {
  /** One in the morning in Los Angeles. */
  nowMs = Date.parse("2026-11-24T09:00:00Z");
  readonly fake = new EbayFake(() => this.nowMs);
  readonly vault = new MemoryVault();
  settings: ChannelSettings = { endpointUrl: this.fake.endpointUrl };
  credentials: Record<string, string> = {
    ...this.fake.credentials,
    verificationToken: this.fake.verificationToken,
  };

  /** As after a restart: nothing is remembered but what the vault has. */
  open() {
    return ebay.connect(this.settings).open({
      channel: "ebay-us",
      credentials: this.credentials,
      signingSecret: "whsec_x",
      policy: { allowPrivateHosts: false },
      vault: this.vault,
      fetch: this.fake.fetch,
      now: () => this.nowMs,
    });
  }

  /** Puts an offer on eBay and says how a listing names it. */
  offer(sku: string, quantity: number): { offerId: string; listingId: string } {
    const { offerId, listingId } = this.fake.inventory.add(sku, quantity);
    return { offerId, listingId };
  }

  publication(sku: string, quantity: number, more: Partial<Publication> = {}): Publication {
    return {
      channel: "ebay-us",
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
