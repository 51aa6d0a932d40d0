import type { ChannelSettings, External } from "../../src/protocol/channel.ts";

/** A real shop that runs on this machine, with a few products and all that a checkout needs. */
export interface Shop {
  /** The kind of channel that it is to Stockwire. */
  readonly kind: string;
  readonly version: string;
  readonly settings: ChannelSettings;
  readonly credentials: Readonly<Record<string, string>>;
  /** What the shop calls each SKU. */
  readonly externals: ReadonlyMap<string, External>;
  /** Units the shop offers of each SKU, as its own API says. */
  available(): Promise<Map<string, number>>;
  /** Units of each SKU in the orders the shop has taken. */
  sold(): Promise<Map<string, number>>;
  /** Units of each SKU that the shop keeps for its orders; fewer than sold if it sold what it knew it had not. */
  allocated(): Promise<Map<string, number>>;
  /** A guest's whole checkout through the storefront's API. */
  order(sku: string, quantity: number): Promise<OrderOutcome>;
  stop(): Promise<void>;
}

/** `refused`: not enough stock. `failed`: anything else, in the shop's words. */
export type OrderOutcome =
  | { readonly outcome: "sold" }
  | { readonly outcome: "refused" }
  | { readonly outcome: "failed"; readonly detail: string };
