import type { ChannelKindView } from "../../protocol/channel.ts";
import type { RegisteredAdapter } from "../kit/registered.ts";
import { acp } from "./acp/index.ts";
import { amazon } from "./amazon/index.ts";
import { ebay } from "./ebay/index.ts";
import { medusa } from "./medusa/index.ts";
import { shopify } from "./shopify/index.ts";
import { stripe } from "./stripe/index.ts";
import { vendure } from "./vendure/index.ts";
import { webhook } from "./webhook/index.ts";
import { woocommerce } from "./woocommerce/index.ts";

/** Every kind of channel. Adding one is adding a folder and a line here. */
const adapters: readonly RegisteredAdapter[] = [
  webhook,
  acp,
  amazon,
  ebay,
  medusa,
  shopify,
  stripe,
  vendure,
  woocommerce,
];

export const channelKinds: readonly string[] = adapters.map((adapter) => adapter.kind);

export function describeKinds(): ChannelKindView[] {
  return adapters.map((adapter) => adapter.describe());
}

export function findAdapter(kind: string): RegisteredAdapter | undefined {
  return adapters.find((adapter) => adapter.kind === kind);
}
