import type { WantedLine } from "../../lab/order-stream.ts";
import type { ChannelReceiver } from "../channel-receiver.ts";
import type { ShownChange } from "../shown-stock.ts";

/**
 * A channel's shop front on what its receiver was really told: it counts its own sales down at once, and a number it is told
 * replaces what it had, as on the marketplaces.
 */
export class Storefront {
  readonly receiver: ChannelReceiver;
  /** Sold since the number that counted them last. */
  readonly #sold = new Map<string, { readonly since: ShownChange | undefined; units: number }>();

  constructor(receiver: ChannelReceiver) {
    this.receiver = receiver;
  }

  shown(sku: string): number {
    const told = this.receiver.shown.change(sku);
    const sold = this.#sold.get(sku);
    return (told?.quantity ?? 0) - (sold !== undefined && sold.since === told ? sold.units : 0);
  }

  /** Sells what is shown, up to what is wanted. */
  sell({ sku, quantity }: WantedLine): number {
    const shown = this.shown(sku);
    const units = Math.min(quantity, Math.max(0, shown));
    const since = this.receiver.shown.change(sku);
    const before = this.#sold.get(sku);
    const already = before !== undefined && before.since === since ? before.units : 0;
    if (units > 0) this.#sold.set(sku, { since, units: already + units });
    return units;
  }
}
